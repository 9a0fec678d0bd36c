import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from '../../api/client'
import type { Api, Run } from '../../api/types'
import { withoutEmpty } from '../../lib/paths'

export const sourceKeys = { all: ['sources'] as const, one: (id: string) => ['sources', id] as const, runs: (id: string) => ['sources', id, 'runs'] as const }
export const runKeys = { all: ['runs'] as const, one: (id: string) => ['runs', id] as const, items: (id: string, filter: ItemsFilter) => ['runs', id, 'items', filter] as const }

export interface ItemsFilter {
  kind?: string | undefined
  pattern?: string | undefined
  sample?: number | undefined
  cursor?: string | undefined
}

export const sources = queryOptions({ queryKey: sourceKeys.all, queryFn: () => body(api.GET('/api/v1/sources')) })
export const source = (id: string) => queryOptions({ queryKey: sourceKeys.one(id), queryFn: () => body(api.GET('/api/v1/sources/{id}', { params: { path: { id } } })) })
export const sourceRuns = (id: string) => queryOptions({ queryKey: sourceKeys.runs(id), queryFn: () => body(api.GET('/api/v1/sources/{id}/runs', { params: { path: { id }, query: { limit: 20 } } })) })

const ACCORD = 12_000

/** A run that moves is read again each second; one that a brake holds, until a colleague's accord is known, and past its end. */
export const run = (id: string) =>
  queryOptions({
    queryKey: runKeys.one(id),
    queryFn: () => body(api.GET('/api/v1/runs/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state: { data } }) => (data && moving(data) ? 1000 : data?.state === 'waiting' && ACCORD),
  })

export function moving({ state }: Pick<Run, 'state'>): boolean {
  return state === 'reading' || state === 'deciding' || state === 'applying'
}

export const runItems = (id: string, filter: ItemsFilter) =>
  queryOptions({
    queryKey: runKeys.items(id, filter),
    queryFn: () => body(api.GET('/api/v1/runs/{id}/items', { params: { path: { id }, query: withoutEmpty({ ...filter, limit: 100 }) } })),
    placeholderData: keepPreviousData,
  })

function useRunAct<Input, Output>(act: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSettled: () => Promise.all([['runs'], ['jobs'], ['home'], ['sources']].map((queryKey) => client.invalidateQueries({ queryKey }))),
  })
}

export function useApply({ id, data_version, etag }: Run) {
  return useRunAct((selection: Api['Selection']) =>
    body(api.POST('/api/v1/runs/{id}/apply', { params: { path: { id }, header: { 'If-Match': etag, ...once() } }, body: { selection, data_version } })),
  )
}

export function useDismiss(id: string) {
  return useRunAct(() => body(api.POST('/api/v1/runs/{id}/dismiss', { params: { path: { id }, header: once() } })))
}

export function useRelease(id: string) {
  return useRunAct(() => body(api.POST('/api/v1/runs/{id}/release', { params: { path: { id }, header: once() } })))
}

export const mappingVersions = (id: string) =>
  queryOptions({ queryKey: [...sourceKeys.one(id), 'versions'], queryFn: () => body(api.GET('/api/v1/sources/{id}/versions', { params: { path: { id } } })) })

/** The next version of a definition; an earlier text brings that version back. Refused when somebody changed it meanwhile. */
export function useChangeMapping({ id, etag }: Api['Source']) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (toml: string) => body(api.PUT('/api/v1/sources/{id}/mapping', { params: { path: { id }, header: { 'If-Match': etag } }, body: { toml } })),
    onSettled: () => client.invalidateQueries({ queryKey: sourceKeys.all }),
  })
}
