import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from './client'
import type { Api } from './types'

export type SavedView = Api['SavedView']
export type ViewDraft = Api['SavedViewDraft']

/** Mine and those shared with me, for one page. */
export const savedViews = (page: string) => queryOptions({ queryKey: ['views', page], queryFn: () => body(api.GET('/api/v1/views', { params: { query: { page } } })), staleTime: 60_000 })

function useViewAct<Input, Output>(act: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({ mutationFn: act, onSettled: () => client.invalidateQueries({ queryKey: ['views'] }) })
}

/** A new name makes a view; one of my own names is replaced by what is on screen. */
export function useSaveView() {
  return useViewAct(({ draft, replaces }: { draft: ViewDraft; replaces?: SavedView | undefined }) =>
    replaces
      ? body(api.PUT('/api/v1/views/{id}', { params: { path: { id: replaces.id }, header: { 'If-Match': replaces.etag } }, body: draft }))
      : body(api.POST('/api/v1/views', { params: { header: once() }, body: draft })),
  )
}

export function useRemoveView() {
  return useViewAct(async ({ id }: SavedView) => {
    await api.DELETE('/api/v1/views/{id}', { params: { path: { id } } })
  })
}

/** What makes the same view again, to take its removal back. */
export function draftOf({ page, name, query, columns, shared }: SavedView): ViewDraft {
  return { page, name, query, columns, shared }
}
