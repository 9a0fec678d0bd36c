import { Link } from '@tanstack/react-router'
import { useSavedViews, type SavedView } from '../../api/views'
import { sortedQuery } from '../../lib/paths'
import { table } from '../../ui/Table'
import { Views } from '../../ui/Views'
import { shownColumns } from './columns'
import { peopleSearch, type PeopleSearch } from './search'

/** The filters and their order, as the address says them; never where one was in the list. */
function queryOf({ columns: _columns, cursor: _cursor, limit: _limit, ...kept }: PeopleSearch): string {
  return sortedQuery(kept)
}

function addressOf({ query, columns }: SavedView): PeopleSearch {
  const search = peopleSearch(Object.fromEntries(new URLSearchParams(query)))
  return columns.length ? { ...search, columns: columns.join(',') } : search
}

export function SavedViews({ search }: { search: PeopleSearch }) {
  const columns = shownColumns(search).map(({ id }) => id)
  const shown = { query: queryOf(search), columns }
  return (
    <Views
      kept={useSavedViews('people')}
      shown={shown}
      isShown={(view) => queryOf(addressOf(view)) === shown.query && view.columns.join() === columns.join()}
      link={(view, current) => (
        <Link to="/people" search={addressOf(view)} className={table.link} aria-current={current ? 'true' : undefined}>
          {view.name}
        </Link>
      )}
    />
  )
}
