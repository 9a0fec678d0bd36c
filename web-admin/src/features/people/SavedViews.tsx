import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { draftOf, savedViews, useRemoveView, useSaveView, type SavedView } from '../../api/views'
import { t } from '../../lib/i18n'
import { withoutEmpty } from '../../lib/paths'
import { problemText } from '../../ui/Fault'
import { table } from '../../ui/Table'
import { say } from '../../ui/Toasts'
import { Views } from '../../ui/Views'
import { shownColumns } from './columns'
import { peopleSearch, type PeopleSearch } from './search'

const page = 'people'

/** The filters and their order, as the address says them; never where one was in the list. */
function queryOf({ columns: _columns, cursor: _cursor, limit: _limit, ...kept }: PeopleSearch): string {
  const entries = Object.entries(withoutEmpty(kept)) as [string, string][]
  return new URLSearchParams(entries.sort(([left], [right]) => left.localeCompare(right))).toString()
}

function addressOf({ query, columns }: SavedView): PeopleSearch {
  const search = peopleSearch(Object.fromEntries(new URLSearchParams(query)))
  return columns.length ? { ...search, columns: columns.join(',') } : search
}

export function SavedViews({ search }: { search: PeopleSearch }) {
  const views = useQuery(savedViews(page)).data?.items ?? []
  const save = useSaveView()
  const remove = useRemoveView()
  const columns = shownColumns(search).map(({ id }) => id)
  const isShown = (view: SavedView) => queryOf(addressOf(view)) === queryOf(search) && view.columns.join() === columns.join()

  function keep(name: string, shared: boolean, replaces: SavedView | undefined) {
    const draft = { page, name, shared, query: queryOf(search), columns }
    save.mutate({ draft, replaces }, { onSuccess: () => say('ok', t('views.saved', { name })) })
  }
  function takeAway(view: SavedView) {
    remove.mutate(view, {
      onSuccess: () => say('ok', t('views.removed', { name: view.name }), () => save.mutate({ draft: draftOf(view) })),
      onError: (error) => say('failure', problemText(error)),
    })
  }
  return (
    <Views
      views={views}
      current={views.find(isShown)}
      link={(view) => (
        <Link to="/people" search={addressOf(view)} className={table.link} aria-current={isShown(view) ? 'true' : undefined}>
          {view.name}
        </Link>
      )}
      onSave={keep}
      onRemove={takeAway}
      busy={save.isPending}
      fault={save.error ? problemText(save.error) : undefined}
    />
  )
}
