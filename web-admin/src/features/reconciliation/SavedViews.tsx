import { Link } from '@tanstack/react-router'
import { useSavedViews, type SavedView } from '../../api/views'
import { sortedQuery } from '../../lib/paths'
import { table } from '../../ui/Table'
import { Views } from '../../ui/Views'
import { casesSearch, type CasesSearch } from './search'

/** The filters as the address says them; never which case was open, nor where one was in the queue. */
function queryOf({ case: _case, cursor: _cursor, ...kept }: CasesSearch): string {
  return sortedQuery(kept)
}

function addressOf({ query }: SavedView): CasesSearch {
  return casesSearch(Object.fromEntries(new URLSearchParams(query)))
}

/** Queues kept under a name: « mes doublons », « ce qui attend la RH ». */
export function SavedViews({ search }: { search: CasesSearch }) {
  const shown = { query: queryOf(search), columns: [] }
  return (
    <Views
      kept={useSavedViews('cases')}
      shown={shown}
      isShown={(view) => queryOf(addressOf(view)) === shown.query}
      link={(view, current) => (
        <Link to="/cases" search={addressOf(view)} className={table.link} aria-current={current ? 'true' : undefined}>
          {view.name}
        </Link>
      )}
    />
  )
}
