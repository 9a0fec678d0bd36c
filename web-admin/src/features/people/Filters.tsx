import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover, Button as Pressable, SubmenuTrigger } from 'react-aria-components'
import type { Api } from '../../api/types'
import { t, word, words, type Key } from '../../lib/i18n'
import { buttonClass } from '../../ui/Button'
import { Chip } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { ManyItems } from '../../ui/ManyItems'
import overlay from '../../ui/Overlay.module.css'
import { Icon } from '../../ui/Status'
import { facets } from './queries'
import { filterNames, type FilterName, type PeopleSearch } from './search'

/** Closed lists are worded by us; the rest bears the words of the hospital. */
const lists: Partial<Record<FilterName, string>> = { state: 'personState', identity: 'identity', means: 'meansKind' }

function labelOf(name: FilterName, value: string, known: Api['PeopleFacets'] | undefined): string {
  const list = lists[name]
  if (list) return word(list, value)
  return known?.[name].find((facet) => facet.value === value)?.label ?? value
}

const endings = ['15', '30', '60', '90']
const silences = ['30', '90', '180', '365']

export function Filters({ search }: { search: PeopleSearch }) {
  // Counting them reads everybody: asked for when somebody reaches for the filters, or when one in force must be named.
  const [reached, setReached] = useState(false)
  const named = filterNames.some((name) => search[name] && !lists[name])
  const known = useQuery({ ...facets, enabled: reached || named }).data
  const navigate = useNavigate()

  function change(more: Partial<PeopleSearch>) {
    void navigate({ to: '/people', search: { ...search, cursor: undefined, ...more } })
  }
  function toggle(name: FilterName, value: string) {
    const before = search[name]?.split(',') ?? []
    const after = before.includes(value) ? before.filter((one) => one !== value) : [...before, value]
    change({ [name]: after.join(',') || undefined })
  }

  return (
    <div className={layout.row} role="group" aria-label={t('filter.group')}>
      {search.q && <Chip name={t('people.name')} value={search.q} onRemove={() => change({ q: undefined })} />}
      {filterNames.map((name) => {
        const values = search[name]
        if (!values) return null
        return <Chip key={name} name={t(`filter.${name}` as Key)} value={values.split(',').map((value) => labelOf(name, value, known)).join(', ')} onRemove={() => change({ [name]: undefined })} />
      })}
      {search.contract_ending_days && <Chip name={t('people.contractEnd')} value={t('filter.within', { count: Number(search.contract_ending_days) })} onRemove={() => change({ contract_ending_days: undefined })} />}
      {search.dormant_days && <Chip name={t('people.lastLogin')} value={t('filter.dormant', { count: Number(search.dormant_days) })} onRemove={() => change({ dormant_days: undefined })} />}
      {search.account_over && <Chip name={t('people.contractEnd')} value={t('filter.accountOver')} onRemove={() => change({ account_over: undefined })} />}
      <AddFilter search={search} known={known} toggle={toggle} onEnding={(days) => change({ contract_ending_days: days })} onDormant={(days) => change({ dormant_days: days })} onReach={() => setReached(true)} />
    </div>
  )
}

interface AddProps {
  search: PeopleSearch
  known: Api['PeopleFacets'] | undefined
  toggle: (name: FilterName, value: string) => void
  onEnding: (days: string) => void
  onDormant: (days: string) => void
  onReach: () => void
}

function AddFilter({ search, known, toggle, onEnding, onDormant, onReach }: AddProps) {
  return (
    <MenuTrigger onOpenChange={onReach}>
      <Pressable className={buttonClass({ small: true })} onHoverStart={onReach} onFocus={onReach}>
        <Icon name="plus" />
        {t('filter.add')}
      </Pressable>
      <Popover className={overlay.popover} offset={4} placement="bottom start">
        <Menu className={overlay.menu} aria-label={t('filter.add')}>
          {filterNames.map((name) => (
            <SubmenuTrigger key={name}>
              <MenuItem className={overlay.item} textValue={t(`filter.${name}` as Key)}>
                {t(`filter.${name}` as Key)}
                <span className={overlay.count}>
                  <Icon name="right" quiet />
                </span>
              </MenuItem>
              <Popover className={overlay.popover} offset={-2}>
                <Values name={name} chosen={search[name]?.split(',') ?? []} known={known} toggle={toggle} />
              </Popover>
            </SubmenuTrigger>
          ))}
          <Days title={t('people.contractEnd')} choices={endings} word="filter.within" onDays={onEnding} />
          <Days title={t('people.lastLogin')} choices={silences} word="filter.dormant" onDays={onDormant} />
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}

/** A filter counted in days. */
function Days({ title, choices, word: sentence, onDays }: { title: string; choices: string[]; word: 'filter.within' | 'filter.dormant'; onDays: (days: string) => void }) {
  return (
    <SubmenuTrigger>
      <MenuItem className={overlay.item} textValue={title}>
        {title}
        <span className={overlay.count}>
          <Icon name="right" quiet />
        </span>
      </MenuItem>
      <Popover className={overlay.popover} offset={-2}>
        <Menu className={overlay.menu} aria-label={title} onAction={(key) => onDays(String(key))}>
          {choices.map((days) => (
            <MenuItem key={days} id={days} className={overlay.item}>
              {t(sentence, { count: Number(days) })}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </SubmenuTrigger>
  )
}

function Values({ name, chosen, known, toggle }: { name: FilterName; chosen: string[]; known: Api['PeopleFacets'] | undefined; toggle: (name: FilterName, value: string) => void }) {
  if (!known) {
    return (
      <Menu className={overlay.menu} aria-label={words(`filter.${name}`) ?? name}>
        <MenuItem className={overlay.item} isDisabled>
          {t('state.loading')}
        </MenuItem>
      </Menu>
    )
  }
  return <ManyItems label={words(`filter.${name}`) ?? name} items={known[name].map((facet) => ({ ...facet, label: labelOf(name, facet.value, known) }))} chosen={chosen} onChoose={(value) => toggle(name, value)} />
}
