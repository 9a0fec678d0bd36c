import { Link } from '@tanstack/react-router'
import type { PersonRow } from '../../api/types'
import { day, personName, when } from '../../lib/format'
import { t, type Key } from '../../lib/i18n'
import { Icon, Sign } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import { PersonName } from '../../ui/PersonName'
import text from '../../ui/text.module.css'
import style from './People.module.css'
import type { PeopleSearch } from './search'
import { Identity, MeansIcons, StateOf } from './words'

const columns: [word: Key, sort: string | null, width: number | null][] = [
  ['people.name', 'name', null],
  ['people.function', 'function', 8],
  ['people.unit', 'unit_name', 7],
  ['people.matricule', 'matricule', 4.75],
  ['people.identity', 'national_identity', 8.25],
  ['people.means', null, 5],
  ['people.contractEnd', 'contract_end', 7.125],
  ['people.lastLogin', 'last_login_at', 5.75],
  ['people.state', 'state', 7.4],
]

export function PeopleTable({ rows, search }: { rows: PersonRow[]; search: PeopleSearch }) {
  return (
    <Table
      caption={t('people.caption')}
      className={style.people}
      widths={columns.map(([, , width]) => width)}
      head={
        <tr>
          {columns.map(([word, sort]) => (
            <Column key={word} word={word} sort={sort} search={search} />
          ))}
        </tr>
      }
    >
      <tbody>
        {rows.map((row) => (
          <Line key={row.id} row={row} />
        ))}
      </tbody>
    </Table>
  )
}

function Column({ word, sort, search }: { word: Key; sort: string | null; search: PeopleSearch }) {
  if (!sort) return <th scope="col">{t(word)}</th>
  const current = search.sort ?? 'name'
  const up = current === sort
  const down = current === `-${sort}`
  return (
    <th scope="col" aria-sort={up ? 'ascending' : down ? 'descending' : undefined}>
      <Link to="/people" search={{ ...search, sort: up ? `-${sort}` : sort, cursor: undefined }} className={table.sort}>
        {t(word)}
        {up && <Icon name="up" />}
        {down && <Icon name="down" />}
      </Link>
    </th>
  )
}

function Line({ row }: { row: PersonRow }) {
  return (
    <tr>
      <th scope="row">
        <Link to="/people/$id" params={{ id: row.id }} className={`${table.link} ${style.name}`} aria-label={personName(row)}>
          <PersonName person={row} />
        </Link>
        {row.homonym && (
          <span className={`${text.meta} ${style.second}`}>
            <Icon name="twins" />
            {t('people.homonym', { date: row.birth_date ? day(row.birth_date) : '' })}
          </span>
        )}
      </th>
      <td>{row.function}</td>
      <td>{row.unit_name ?? row.unit}</td>
      <td>{row.matricules.join(', ')}</td>
      <td>
        <Identity state={row.national_identity} />
      </td>
      <td>
        <MeansIcons means={row.means} />
      </td>
      <td>
        <ContractEnd row={row} />
      </td>
      <td>{row.last_login_at ? when(row.last_login_at) : <span className={text.muted}>{t('people.never')}</span>}</td>
      <td>
        <StateOf state={row.state} />
      </td>
    </tr>
  )
}

function ContractEnd({ row }: { row: PersonRow }) {
  if (!row.contract_end) return <span className={text.muted}>{t('people.noEnd')}</span>
  if (!row.contract_over_soon) return day(row.contract_end)
  return (
    <span className={text.nowrap}>
      <Sign mood="warning" /> <span className={text.hidden}>{t('people.endsSoon')} </span>
      {day(row.contract_end)}
    </span>
  )
}
