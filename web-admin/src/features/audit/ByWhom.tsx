import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover, Button as Pressable, SubmenuTrigger } from 'react-aria-components'
import { hits as personHits } from '../../api/hits'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { day, personName } from '../../lib/format'
import { t } from '../../lib/i18n'
import { buttonClass } from '../../ui/Button'
import { Chip } from '../../ui/Field'
import overlay from '../../ui/Overlay.module.css'
import { Picker } from '../../ui/Picker'
import { Icon } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './Audit.module.css'
import { applications } from './queries'
import type { AuditSearch } from './search'

type Who = 'actor' | 'subject'
const people = ['subject', 'actor'] as const
const asked = { actor: 'audit.actorPick', subject: 'audit.subjectPick' } as const
const named = { actor: 'audit.by', subject: 'audit.who' } as const

interface Props {
  search: AuditSearch
  /** What the page shows: it names those whom the address knows by their number alone. */
  rows: Api['AuditRow'][]
  change: (more: Partial<AuditSearch>) => void
}

function nameIn(rows: Api['AuditRow'][], who: Who, id: string): string | undefined {
  const found = rows.map((row) => (who === 'actor' ? row.actor_person : row.subject)).find((person) => person?.id === id)
  return found ? personName(found) : undefined
}

/** The person who acted, the person concerned, the application: chosen by name, kept in the address. */
export function ByWhom({ search, rows, change }: Props) {
  const [picking, setPicking] = useState<Who>()
  // What was just chosen has the focus: it can be taken off at once, or gone on from.
  const [latest, setLatest] = useState<{ who: Who | 'client'; placed: boolean }>()
  const [picked, setPicked] = useState<Record<string, string>>({})
  const may = { people: useMay('read_people'), clients: useMay('read_clients') }
  const clients = useQuery({ ...applications, enabled: may.clients }).data?.items ?? []
  const free = people.filter((who) => may.people && !search[who])
  // Once: back and forward in the browser bring a chip again, not the focus.
  if (latest && Boolean(search[latest.who]) !== latest.placed) setLatest(latest.placed ? undefined : { ...latest, placed: true })
  const application = clients.find((one) => one.client_id === search.client)
  function remove(who: Who | 'client') {
    setLatest(undefined)
    change({ [who]: undefined })
  }
  function choose(client: string) {
    setLatest({ who: 'client', placed: false })
    change({ client })
  }
  return (
    <>
      {people.map((who) => {
        const id = search[who]
        return id && <Chip key={who} autoFocus={latest?.who === who} name={t(named[who])} value={picked[id] ?? nameIn(rows, who, id) ?? t('audit.onePerson')} onRemove={() => remove(who)} />
      })}
      {search.client && <Chip autoFocus={latest?.who === 'client'} name={t('audit.application')} value={application?.name ?? search.client} onRemove={() => remove('client')} />}
      {picking && (
        <PickSomebody
          key={picking}
          label={t(asked[picking])}
          onLeave={() => setPicking(undefined)}
          onPick={(id, name) => {
            setPicked({ ...picked, [id]: name })
            setPicking(undefined)
            setLatest({ who: picking, placed: false })
            change({ [picking]: id })
          }}
        />
      )}
      {!picking && <AddFilter people={free} clients={search.client ? [] : clients} onWho={setPicking} onClient={choose} />}
    </>
  )
}

/** What the journal is not narrowed to yet. */
function AddFilter({ people: free, clients, onWho, onClient }: { people: Who[]; clients: Api['ClientRow'][]; onWho: (who: Who | undefined) => void; onClient: (id: string) => void }) {
  if (!free.length && !clients.length) return null
  return (
    <MenuTrigger>
      <Pressable className={buttonClass({ small: true })}>
        <Icon name="plus" />
        {t('filter.add')}
      </Pressable>
      <Popover className={overlay.popover} offset={4} placement="bottom start">
        <Menu className={overlay.menu} aria-label={t('filter.add')} onAction={(key) => onWho(people.find((who) => who === key))}>
          {free.map((who) => (
            <MenuItem key={who} id={who} className={overlay.item}>
              {t(asked[who])}
            </MenuItem>
          ))}
          {clients.length > 0 && (
            <SubmenuTrigger>
              <MenuItem className={overlay.item} textValue={t('audit.application')}>
                {t('audit.application')}
                <Icon name="right" />
              </MenuItem>
              <Popover className={overlay.popover}>
                <Menu className={overlay.menu} aria-label={t('audit.application')} onAction={(key) => onClient(String(key))}>
                  {clients.map((one) => (
                    <MenuItem key={one.client_id} id={one.client_id} className={overlay.item}>
                      {one.name}
                    </MenuItem>
                  ))}
                </Menu>
              </Popover>
            </SubmenuTrigger>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}

function PickSomebody({ label, onPick, onLeave }: { label: string; onPick: (id: string, name: string) => void; onLeave: () => void }) {
  const [typed, setTyped] = useState('')
  const found = useQuery(personHits(typed.trim()))
  const hits = (found.data?.hits ?? []).filter((hit) => hit.kind === 'person')
  return (
    <div
      className={style.picking}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onLeave()
      }}
    >
      <Picker
        autoFocus
        label={<span className={text.hidden}>{label}</span>}
        placeholder={label}
        typed={typed}
        onType={setTyped}
        answered={found.isSuccess && !found.isPlaceholderData}
        nothing={t('people.emptyFilter')}
        choices={hits.map((hit) => ({
          key: hit.target,
          content: (
            <>
              {hit.person ? personName(hit.person) : hit.label}
              <span className={text.meta}>{[hit.person?.birth_date && day(hit.person.birth_date), hit.detail].filter(Boolean).join(' · ')}</span>
            </>
          ),
        }))}
        onChoose={(key) => {
          const hit = hits.find(({ target }) => target === key)
          if (hit) onPick(key, hit.person ? personName(hit.person) : hit.label)
        }}
      />
    </div>
  )
}
