import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { draftOf, savedViews, useRemoveView, useSaveView, type SavedView } from '../../api/views'
import { t } from '../../lib/i18n'
import { withoutEmpty } from '../../lib/paths'
import { problemText } from '../../ui/Fault'
import { table } from '../../ui/Table'
import { say } from '../../ui/Toasts'
import { Views } from '../../ui/Views'
import { casesSearch, type CasesSearch } from './search'

const page = 'cases'

/** The filters as the address says them; never which case was open, nor where one was in the queue. */
function queryOf({ case: _case, cursor: _cursor, ...kept }: CasesSearch): string {
  const entries = Object.entries(withoutEmpty(kept)) as [string, string][]
  return new URLSearchParams(entries.sort(([left], [right]) => left.localeCompare(right))).toString()
}

function addressOf({ query }: SavedView): CasesSearch {
  return casesSearch(Object.fromEntries(new URLSearchParams(query)))
}

/** Queues kept under a name: « mes doublons », « ce qui attend la RH ». */
export function SavedViews({ search }: { search: CasesSearch }) {
  const views = useQuery(savedViews(page)).data?.items ?? []
  const save = useSaveView()
  const remove = useRemoveView()
  const isShown = (view: SavedView) => queryOf(addressOf(view)) === queryOf(search)

  function keep(name: string, shared: boolean, replaces: SavedView | undefined) {
    save.mutate({ draft: { page, name, shared, query: queryOf(search), columns: [] }, replaces }, { onSuccess: () => say('ok', t('views.saved', { name })) })
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
        <Link to="/cases" search={addressOf(view)} className={table.link} aria-current={isShown(view) ? 'true' : undefined}>
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
