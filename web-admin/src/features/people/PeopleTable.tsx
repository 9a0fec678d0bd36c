import { Link, useNavigate } from '@tanstack/react-router'
import { memo, type MouseEvent } from 'react'
import type { PersonRow } from '../../api/types'
import { day, personName } from '../../lib/format'
import { t, type Key } from '../../lib/i18n'
import type { Selection } from '../../lib/selection'
import { Check } from '../../ui/Field'
import { useGradually } from '../../ui/gradually'
import { PersonName } from '../../ui/PersonName'
import { Cut, Icon } from '../../ui/Status'
import { Room, Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { cellOf, type Column } from './columns'
import style from './People.module.css'
import type { PeopleSearch } from './search'

interface Props {
  rows: PersonRow[]
  columns: Column[]
  search: PeopleSearch
  /** The lines are those of the answer before. */
  held: boolean
  /** Nothing when no act of the reader takes several people. */
  selection: Selection<PersonRow> | undefined
}

const nameFloor = 13.4
const pickWidth = 2.5

export function PeopleTable({ rows, columns, search, held, selection }: Props) {
  const widths = [...(selection ? [pickWidth] : []), null, ...columns.map(({ width }) => width)]
  const floor = widths.reduce<number>((sum, width) => sum + (width ?? nameFloor), 0)
  const navigate = useNavigate()
  const drawn = useGradually(rows)
  const waiting = held && columns.some(({ asked }) => asked)

  function follow(event: MouseEvent) {
    const id = (event.target as Element).closest<HTMLElement>('a[data-person]')?.dataset['person']
    if (!id || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    void navigate({ to: '/people/$id', params: { id } })
  }
  return (
    <Table
      opens
      caption={t('people.caption')}
      className={style.people}
      floor={floor}
      widths={widths}
      head={
        <tr>
          {selection && <PickAll rows={rows} selection={selection} />}
          <Head word="people.name" sort="name" search={search} />
          {columns.map(({ id, word, sort }) => (
            <Head key={id} word={word} sort={sort} search={search} />
          ))}
        </tr>
      }
    >
      <tbody onClick={follow}>
        {drawn.map((row) => (
          <Line key={row.id} row={row} columns={columns} waiting={waiting} picked={selection?.has(row)} onPick={selection?.set} />
        ))}
      </tbody>
      <Room lines={rows.length - drawn.length} />
    </Table>
  )
}

function PickAll({ rows, selection }: { rows: PersonRow[]; selection: Selection<PersonRow> }) {
  const picked = rows.filter((row) => selection.has(row)).length
  return (
    <th scope="col" className={table.pick}>
      <Check hidden label={t('selection.page')} checked={picked === rows.length} mixed={picked > 0 && picked < rows.length} onChange={(on) => selection.set(rows, on)} />
    </th>
  )
}

function Head({ word, sort, search }: { word: Key; sort: string | undefined; search: PeopleSearch }) {
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

interface LineProps {
  row: PersonRow
  columns: Column[]
  waiting: boolean
  /** Nothing when lines are not ticked. */
  picked: boolean | undefined
  onPick: Selection<PersonRow>['set'] | undefined
}

/** Hundreds of them are drawn at once: plain links, followed by their table, and none is drawn again before it changes. */
const Line = memo(function Line({ row, columns, waiting, picked, onPick }: LineProps) {
  const name = personName(row)
  return (
    <tr className={picked ? table.on : undefined}>
      {onPick && (
        <td className={table.pick}>
          <Check hidden label={t('selection.person', { name })} checked={picked ?? false} onChange={(on) => onPick([row], on)} />
        </td>
      )}
      <th scope="row">
        <a href={`/people/${row.id}`} data-person={row.id} className={`${table.link} ${style.name} ${name.length > 80 ? style.long : ''}`} aria-label={name}>
          <PersonName person={row} />
        </a>
        {row.homonym && (
          <span className={`${text.meta} ${style.second}`}>
            <Cut name="twins" />
            {t('people.homonym', { date: row.birth_date ? day(row.birth_date) : '' })}
          </span>
        )}
      </th>
      {columns.map((column) => (
        <td key={column.id}>{cellOf(column, row, waiting)}</td>
      ))}
    </tr>
  )
})
