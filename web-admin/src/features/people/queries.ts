import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from '../../api/client'
import type { Api } from '../../api/types'
import { withoutEmpty } from '../../lib/paths'
import { ProblemError } from '../../lib/problem'
import { askedColumns } from './columns'
import type { PeopleSearch } from './search'

export const peopleKeys = {
  all: ['people'] as const,
  list: (search: PeopleSearch) => ['people', 'list', search, askedColumns(search)] as const,
  one: (id: string) => ['people', 'one', id] as const,
  timeline: (id: string, source: string | undefined) => ['people', 'timeline', id, source] as const,
}

export const people = (search: PeopleSearch) =>
  queryOptions({
    queryKey: peopleKeys.list(search),
    queryFn: ({ signal }) => body(api.GET('/api/v1/people', { params: { query: { ...listQuery(search), ...withoutEmpty({ columns: askedColumns(search) }) } }, signal })),
    placeholderData: keepPreviousData,
  })

export function listQuery({ columns: _columns, limit, contract_ending_days: days, dormant_days: dormant, account_over: over, ...texts }: PeopleSearch) {
  return withoutEmpty({ ...texts, limit: limit ? Number(limit) : 100, contract_ending_days: days ? Number(days) : undefined, dormant_days: dormant ? Number(dormant) : undefined, account_over: over ? over === 'true' : undefined })
}

/** The same filter, order and columns, as a file; `ids`: those ticked, and nobody else. */
export function exportPath({ cursor: _cursor, limit: _limit, ...search }: PeopleSearch, columns: readonly string[], ids?: readonly string[]): string {
  const asked = { ...search, ids: ids?.join(','), columns: ['name', 'birth_name', 'given', ...columns].join(',') }
  return `/api/v1/people.csv?${new URLSearchParams(withoutEmpty(asked) as Record<string, string>).toString()}`
}

export const facets = queryOptions({ queryKey: ['people', 'facets'], queryFn: () => body(api.GET('/api/v1/people/facets')), staleTime: 60_000 })

export const person = (id: string) => queryOptions({ queryKey: peopleKeys.one(id), queryFn: () => body(api.GET('/api/v1/people/{id}', { params: { path: { id } } })) })

export const timeline = (id: string, source: string | undefined) =>
  infiniteQueryOptions({
    queryKey: peopleKeys.timeline(id, source),
    queryFn: ({ pageParam: cursor }) => body(api.GET('/api/v1/people/{id}/timeline', { params: { path: { id }, query: withoutEmpty({ source, cursor, limit: 50 }) } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })

function useChange<Input, Output>(act: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  const readAgain = () => client.invalidateQueries({ queryKey: peopleKeys.all })
  // Refused because the record moved: it is read again before the refusal is shown, so that both readings can be compared.
  return useMutation({ mutationFn: act, onSuccess: readAgain, onError: (error) => (error instanceof ProblemError && error.status === 412 ? readAgain() : undefined) })
}

/** Now, or at the end of a day to come. */
export function useClosePerson(id: string, etag: string) {
  return useChange((closing: Api['Closing']) => body(api.POST('/api/v1/people/{id}/close', { params: { path: { id }, header: { 'If-Match': etag, ...once() } }, body: closing })))
}

export function useKeepOpen(id: string, etag: string) {
  return useChange(() => body(api.POST('/api/v1/people/{id}/keep-open', { params: { path: { id }, header: { 'If-Match': etag, ...once() } } })))
}

export function useSuspend(id: string, etag: string, act: 'suspend' | 'resume') {
  return useChange((motive: string) => body(api.POST(`/api/v1/people/{id}/${act}`, { params: { path: { id }, header: { 'If-Match': etag, ...once() } }, body: { motive } })))
}

/** One session, wherever it is open; the others stay. */
export function useEndSession() {
  return useChange(async (id: string) => {
    await api.POST('/api/v1/sessions/{id}/end', { params: { path: { id }, header: once() } })
  })
}

/** Takes a link back; no reading makes it again. */
export function useUnlink(id: string, identity: string) {
  return useChange((motive: string) => body(api.POST('/api/v1/people/{id}/national-identities/{identity}/unlink', { params: { path: { id, identity }, header: once() }, body: { motive } })))
}

/** Two records of one person made one; answers with the one that stays, or with what waits for a second person. */
export function useMerge() {
  return useChange((asked: Api['MergeRequest']): Promise<Api['Person'] | Api['AccordRef']> => body(api.POST('/api/v1/merges', { params: { header: once() }, body: asked })))
}

/** And back: answers with the record that is its own again. */
export function useSplit(id: string) {
  return useChange((motive: string) => body(api.POST('/api/v1/merges/{id}/undo', { params: { path: { id }, header: once() }, body: { motive } })))
}

export function useEndSessions(id: string) {
  return useChange(() => body(api.POST('/api/v1/people/{id}/end-sessions', { params: { path: { id }, header: once() } })))
}

export function useEnrolmentCode(id: string) {
  return useMutation({
    mutationFn: (means: Api['MeansKind']) => body(api.POST('/api/v1/people/{id}/enrolment-codes', { params: { path: { id }, header: once() }, body: { means } })),
  })
}

export type MeansAct = 'suspend' | 'reactivate' | 'revoke'

export function useChangeMeans() {
  return useChange(({ id, act, motive }: { id: string; act: MeansAct; motive: string }) => {
    const options = { params: { path: { id }, header: once() }, body: { motive } }
    switch (act) {
      case 'suspend':
        return body(api.POST('/api/v1/means/{id}/suspend', options))
      case 'reactivate':
        return body(api.POST('/api/v1/means/{id}/reactivate', options))
      case 'revoke':
        return body(api.POST('/api/v1/means/{id}/revoke', options))
    }
  })
}
