import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { hits as personHits } from '../../api/hits'
import { useMay } from '../../api/me'
import type { Client, PersonRef } from '../../api/types'
import { personName } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import { fieldFault } from '../../ui/Fault'
import { Chip } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Picker } from '../../ui/Picker'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './Applications.module.css'
import { Edit } from './Edit'
import { PersonHit } from './PersonHit'

/** Who answers for it here: whoever has the role of application owner sees these applications alone. */
export function OwnersCard({ one }: { one: Client }) {
  const may = useMay('manage_clients')
  const [editing, setEditing] = useState(false)
  const change = (
    <Button small blocked={may ? undefined : t('state.noRight')} label={t('owners.change')} onPress={() => setEditing(true)}>
      {t('action.change')}
    </Button>
  )
  return (
    <Card title={t('owners.title')} acts={!editing && change}>
      {editing ? (
        <OwnersForm one={one} onClose={() => setEditing(false)} />
      ) : (
        <Padded>
          {one.owners.length ? (
            <ul className={style.uris}>
              {one.owners.map((owner) => (
                <li key={owner.id}>{personName(owner)}</li>
              ))}
            </ul>
          ) : (
            <p className={text.muted}>{t('owners.none')}</p>
          )}
        </Padded>
      )}
    </Card>
  )
}

/** What is typed is who enters and who leaves: a colleague's own changes of the list stand. */
function OwnersForm({ one, onClose }: { one: Client; onClose: () => void }) {
  const [added, setAdded] = useState<PersonRef[]>([])
  const [removed, setRemoved] = useState<string[]>([])
  const entering = (seen: Client) => added.filter(({ id }) => !seen.owners.some((owner) => owner.id === id))
  const leaving = (seen: Client) => seen.owners.filter(({ id }) => removed.includes(id))
  const owners = (seen: Client) => [...seen.owners.filter(({ id }) => !removed.includes(id)), ...entering(seen)]
  const changes = (seen: Client) => entering(seen).length + leaving(seen).length
  return (
    <Edit
      one={one}
      asked={(seen) => (changes(seen) ? { owners: owners(seen).map(({ id }) => id).sort() } : undefined)}
      changes={changes}
      question={t('owners.confirm', { name: one.name })}
      effect={(seen) => (
        <>
          {entering(seen).length > 0 && <p>{t('owners.entering', { names: entering(seen).map(personName).join(', ') })}</p>}
          {leaving(seen).length > 0 && <p>{t('owners.leaving', { names: leaving(seen).map(personName).join(', ') })}</p>}
          <p>{t('owners.effect')}</p>
        </>
      )}
      onClose={onClose}
    >
      {(error, seen) => (
        <>
          {fieldFault(error, 'owners') && (
            <Note mood="failure" role="alert">
              {fieldFault(error, 'owners')}
            </Note>
          )}
          <Chosen
            owners={owners(seen)}
            onRemove={(owner) => {
              setAdded(added.filter(({ id }) => id !== owner))
              if (seen.owners.some(({ id }) => id === owner)) setRemoved([...removed, owner])
            }}
            onAdd={(person) => {
              setAdded([...added, person])
              setRemoved(removed.filter((id) => id !== person.id))
            }}
          />
        </>
      )}
    </Edit>
  )
}

function Chosen({ owners, onAdd, onRemove }: { owners: PersonRef[]; onAdd: (person: PersonRef) => void; onRemove: (id: string) => void }) {
  const [typed, setTyped] = useState('')
  const found = useQuery(personHits(typed.trim()))
  const hits = (found.data?.hits ?? []).filter((hit) => hit.kind === 'person' && hit.person && !owners.some(({ id }) => id === hit.target))
  return (
    <>
      {owners.length > 0 && (
        <div className={layout.row}>
          {owners.map((owner) => (
            <Chip key={owner.id} name={t('owners.one')} value={personName(owner)} onRemove={() => onRemove(owner.id)} />
          ))}
        </div>
      )}
      <Picker
        field
        label={t('owners.add')}
        typed={typed}
        onType={setTyped}
        answered={found.isSuccess && !found.isPlaceholderData}
        nothing={t('people.emptyFilter')}
        choices={hits.map((hit) => ({ key: hit.target, content: <PersonHit hit={hit} /> }))}
        onChoose={(key) => {
          const person = hits.find((hit) => hit.target === key)?.person
          if (person) onAdd(person)
          setTyped('')
        }}
      />
    </>
  )
}
