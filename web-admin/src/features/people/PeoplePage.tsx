import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useReducer } from 'react'
import { number, recalled, shortName } from '../../lib/format'
import { t } from '../../lib/i18n'
import { heldNext, nextLink, type Held } from '../../lib/paths'
import { prefer } from '../../lib/preferences'
import { useSelection } from '../../lib/selection'
import { useTitle } from '../../lib/title'
import { buttonClass, Download } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { ColumnChooser } from '../../ui/Columns'
import layout from '../../ui/layout.module.css'
import { Around, Blank, View } from '../../ui/States'
import { Icon } from '../../ui/Status'
import { table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import type { Api, PersonRow } from '../../api/types'
import { Filters } from './Filters'
import style from './People.module.css'
import { BulkBar, useBulkRights } from './Bulk'
import { columns, shownColumns, usualColumns } from './columns'
import { PeopleTable } from './PeopleTable'
import { exportPath, people } from './queries'
import { SavedViews } from './SavedViews'
import { filterNames, filterOf, type PeopleSearch } from './search'

const route = getRouteApi('/people')

function filtered(search: PeopleSearch): boolean {
  return Boolean(search.q ?? search.contract_ending_days ?? search.dormant_days ?? search.account_over) || filterNames.some((name) => search[name])
}

export function PeoplePage() {
  useTitle(t('nav.people'))
  const search = route.useSearch()
  const query = useQuery(people(search))
  const total = query.data
  const [, redraw] = useReducer((times: number) => times + 1, 0)
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.people')}</h1>
        {total && <p className={text.muted}>{total.total === total.total_all ? number(total.total) : t('people.of', { count: total.total, all: total.total_all })}</p>}
        <Around query={query}>
          <div className={layout.row}>
            {total?.total !== 0 && <Download href={exportPath(search, shownColumns(search).map(({ id }) => id))}>{t('action.exportCsv')}</Download>}
          </div>
        </Around>
      </div>
      <Around query={query}>
        <div className={`${layout.row} ${layout.below}`}>
          <Filters search={search} />
          <SavedViews search={search} />
          <span className={layout.end}>
            <Columns search={search} onChange={redraw} />
          </span>
        </div>
      </Around>
      <View query={query} unread={t('people.unread')} rows={12}>
        {(page) => (page.items.length ? <List page={heldNext(page, query)} search={search} /> : <Nobody filtered={filtered(search)} />)}
      </View>
    </>
  )
}

/** Kept for this browser; a saved view brings its own by its address. */
function Columns({ search, onChange }: { search: PeopleSearch; onChange: () => void }) {
  const navigate = useNavigate()

  function change(shown: string[]) {
    prefer('peopleColumns', shown.join(','))
    onChange()
    void navigate({ to: '/people', search: { ...search, columns: undefined }, replace: true })
  }
  return <ColumnChooser known={columns.map(({ id, word, whole = word }) => ({ id, name: t(whole) }))} shown={shownColumns(search).map(({ id }) => id)} onChange={change} onUsual={() => change(usualColumns)} />
}

function Nobody({ filtered: some }: { filtered: boolean }) {
  return some ? (
    <Blank
      boxed
      title={t('people.emptyFilter')}
      acts={
        <Link to="/people" className={buttonClass()}>
          {t('filter.clear')}
        </Link>
      }
    />
  ) : (
    <Blank
      boxed
      title={t('people.empty')}
      acts={
        <Link to="/sources" className={buttonClass({ variant: 'primary' })}>
          {t('people.connect')}
        </Link>
      }
    >
      {t('people.emptyHelp')}
    </Blank>
  )
}

function List({ page, search }: { page: Held<Api['PeoplePage']>; search: PeopleSearch }) {
  const first = page.items[0]
  const last = page.items.at(-1)
  const filter = filterOf(search)
  const selection = useSelection<PersonRow>(JSON.stringify(filter))
  const rights = useBulkRights()
  return (
    <div className={card.card}>
      {page.letters && (
        <nav className={style.letters} aria-label={t('people.letters')}>
          <Letters letters={page.letters} search={search} current={search.cursor && first?.family} />
          <span className={`${text.meta} ${layout.end}`}>{first && last && t('people.range', { first: recalled(shortName(first), 30), last: recalled(shortName(last), 30) })}</span>
        </nav>
      )}
      <PeopleTable rows={page.items} columns={shownColumns(search)} search={search} held={page.held} selection={rights.end_sessions || rights.close ? selection : undefined} />
      <Foot page={page} search={search} />
      <BulkBar selection={selection} filter={filter} rows={page.items} total={page.total} />
    </div>
  )
}

function Letters({ letters, search, current }: { letters: Api['Letter'][]; search: PeopleSearch; current: string | undefined }) {
  const open = current?.normalize('NFKD')[0]?.toUpperCase()
  return (
    <ul>
      {Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ', (letter) => {
        const at = letters.find((one) => one.letter.toUpperCase() === letter)
        return (
          <li key={letter}>
            {at ? (
              <Link to="/people" search={{ ...search, cursor: at.cursor }} aria-current={letter === open || undefined}>
                {letter}
              </Link>
            ) : (
              <span>{letter}</span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

const sizes = ['50', '100', '200']

function Foot({ page, search }: { page: Held<Api['PeoplePage']>; search: PeopleSearch }) {
  const size = search.limit ?? '100'
  return (
    <div className={table.foot}>
      <span className={style.legend}>
        <span>
          <Icon name="key" /> {t('meansKind.fido2')}
        </span>
        <span>
          <Icon name="keyboard" /> {t('meansKind.password')}
        </span>
      </span>
      <span className={layout.end}>{t('people.pageSize')}</span>
      {sizes.map((one) => (
        <Link key={one} to="/people" search={{ ...search, limit: one, cursor: undefined }} className={buttonClass({ small: true, variant: one === size ? 'plain' : 'ghost' })} aria-current={one === size ? true : undefined}>
          {one}
        </Link>
      ))}
      {search.cursor && (
        <Link to="/people" search={{ ...search, cursor: undefined }} className={buttonClass({ small: true })}>
          {t('page.first')}
        </Link>
      )}
      {(page.next_cursor ?? search.cursor) && (
        <Link to="/people" search={{ ...search, cursor: page.next_cursor ?? undefined }} {...nextLink(page)} className={buttonClass({ small: true })}>
          {t('page.next')}
          <Icon name="right" />
        </Link>
      )}
    </div>
  )
}
