import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from './client'
import type { Api } from './types'

export type SavedView = Api['SavedView']
type ViewDraft = Api['SavedViewDraft']

/** Mine and those shared with me, for one page. */
const savedViews = (page: string) => queryOptions({ queryKey: ['views', page], queryFn: () => body(api.GET('/api/v1/views', { params: { query: { page } } })), staleTime: 60_000 })

function useViewAct<Input, Output>(act: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({ mutationFn: act, onSettled: () => client.invalidateQueries({ queryKey: ['views'] }) })
}

/** The views of one page, and what may be done with them. */
export function useSavedViews(page: string) {
  const views = useQuery(savedViews(page)).data?.items ?? []
  // A new name makes a view; one of my own names is replaced by what is on screen.
  const keep = useViewAct(({ draft, replaces }: { draft: ViewDraft; replaces?: SavedView | undefined }) =>
    replaces
      ? body(api.PUT('/api/v1/views/{id}', { params: { path: { id: replaces.id }, header: { 'If-Match': replaces.etag } }, body: draft }))
      : body(api.POST('/api/v1/views', { params: { header: once() }, body: draft })),
  )
  const remove = useViewAct(async ({ id }: SavedView) => {
    await api.DELETE('/api/v1/views/{id}', { params: { path: { id } } })
  })
  return {
    views,
    busy: keep.isPending,
    error: keep.error,
    keep: (draft: Omit<ViewDraft, 'page'>, replaces: SavedView | undefined, onKept: () => void) => keep.mutate({ draft: { ...draft, page }, replaces }, { onSuccess: onKept }),
    remove: (view: SavedView, onRemoved: () => void, onRefused: (error: unknown) => void) => remove.mutate(view, { onSuccess: onRemoved, onError: onRefused }),
    putBack: (view: SavedView) => keep.mutate({ draft: draftOf(view) }),
  }
}

/** What makes the same view again, to take its removal back. */
function draftOf({ page, name, query, columns, shared }: SavedView): ViewDraft {
  return { page, name, query, columns, shared }
}
