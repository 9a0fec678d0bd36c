import type { ReactNode } from 'react'
import type { PersonRow } from '../../api/types'
import { day, when } from '../../lib/format'
import { t, word, type Key } from '../../lib/i18n'
import { preference } from '../../lib/preferences'
import { Cut } from '../../ui/Status'
import text from '../../ui/text.module.css'
import type { PeopleSearch } from './search'
import { Identity, MeansIcons, StateOf } from './words'

export interface Column {
  /** The name that the appliance knows it by, in a file. */
  id: string
  word: Key
  /** Where there is room for the whole word. */
  whole?: Key
  /** The word of the appliance for this order; nothing when it cannot sort by it. */
  sort?: string
  /** Floor, in rem. */
  width: number
  /** Told by the appliance to whoever asks for it, and else not. */
  asked?: true
  cell: (row: PersonRow) => ReactNode
  /** Of a column that is asked for: nothing is known of this person. */
  none?: Key
}

/** Every column but the name, which is never hidden. */
export const columns: Column[] = [
  { id: 'function', word: 'people.function', sort: 'function', width: 8, cell: (row) => row.function },
  { id: 'unit_name', word: 'people.unit', sort: 'unit', width: 7, cell: (row) => row.unit_name ?? row.unit },
  { id: 'matricules', word: 'people.matricule', sort: 'matricule', width: 4.75, cell: (row) => row.matricules.join(', ') },
  { id: 'identity', word: 'people.identity', sort: 'identity', width: 8.25, cell: (row) => <Identity state={row.national_identity} /> },
  { id: 'means', word: 'people.means', width: 5, cell: (row) => <MeansIcons means={row.means} /> },
  { id: 'contract_end', word: 'people.contractEnd', sort: 'contract_end', width: 7.125, cell: (row) => <ContractEnd row={row} /> },
  { id: 'last_login', word: 'people.lastLogin', whole: 'people.lastLoginColumn', sort: 'last_login', width: 5.75, cell: (row) => (row.last_login_at ? when(row.last_login_at) : <span className={text.muted}>{t('people.never')}</span>) },
  { id: 'state', word: 'people.state', sort: 'state', width: 7.4, cell: (row) => <StateOf state={row.state} /> },
  { id: 'site', word: 'filter.site', width: 7, cell: (row) => row.site_name },
  { id: 'unit', word: 'people.unitCode', width: 5, cell: (row) => row.unit },
  { id: 'birth_date', word: 'field.birth_date', width: 6, asked: true, none: 'people.noBirth', cell: (row) => row.birth_date && day(row.birth_date) },
  { id: 'entity', word: 'filter.entity', width: 7, asked: true, none: 'people.noneOfThem', cell: (row) => row.entity },
  { id: 'sources', word: 'filter.source', width: 6, asked: true, none: 'people.noneOfThem', cell: (row) => row.sources?.join(', ') },
  { id: 'accounts', word: 'people.accounts', width: 7, asked: true, none: 'people.noAccount', cell: (row) => row.accounts?.map(({ login, enabled }) => (enabled ? login : `${login} (${word('accountState', 'disabled').toLowerCase()})`)).join(', ') },
]

/** What the appliance tells of people only when it is asked to; in one order, however the columns stand on screen. */
export function askedColumns(search: PeopleSearch): string | undefined {
  const shown = shownColumns(search)
  return columns.filter((one) => one.asked && shown.includes(one)).map(({ id }) => id).join() || undefined
}

/** Nobody reads « has none » where it was not told yet: `waiting`, while what was asked for comes. */
export function cellOf({ cell, none }: Column, row: PersonRow, waiting: boolean): ReactNode {
  const told = cell(row)
  if (!none || told) return told
  if (!waiting) return <span className={text.muted}>{t(none)}</span>
  return (
    <span className={text.muted}>
      <span aria-hidden="true">…</span>
      <span className={text.hidden}>{t('people.reading')}</span>
    </span>
  )
}

export const usualColumns = ['function', 'unit_name', 'matricules', 'identity', 'means', 'contract_end', 'last_login', 'state']

let last: { wanted: string; shown: Column[] } = { wanted: '', shown: [] }

/** Those of the address first (a saved view), then those of this browser, then the usual ones; the same list while they are the same. */
export function shownColumns(search: PeopleSearch): Column[] {
  const wanted = search.columns ?? preference('peopleColumns') ?? usualColumns.join(',')
  if (wanted !== last.wanted) last = { wanted, shown: wanted.split(',').map((id) => columns.find((one) => one.id === id)).filter((one) => one !== undefined) }
  return last.shown
}

function ContractEnd({ row }: { row: PersonRow }) {
  if (!row.contract_end) return <span className={text.muted}>{t('people.noEnd')}</span>
  if (!row.contract_over_soon) return day(row.contract_end)
  return (
    <span className={text.nowrap}>
      <Cut name="warning" /> <span className={text.hidden}>{t('people.endsSoon')} </span>
      {day(row.contract_end)}
    </span>
  )
}
