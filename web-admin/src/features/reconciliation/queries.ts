import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from '../../api/client'
import type { Api, CaseView } from '../../api/types'
import { withoutEmpty } from '../../lib/paths'

export const caseKeys = { all: ['cases'] as const, list: (filter: object) => ['cases', 'list', filter] as const, one: (id: string) => ['cases', 'one', id] as const }

interface Filter {
  kind?: string | undefined
  state?: string | undefined
  assigned?: string | undefined
  cursor?: string | undefined
}

/** The same queue, as a file. */
export function exportPath({ cursor: _cursor, ...filter }: Filter): string {
  const query = new URLSearchParams(withoutEmpty(filter) as Record<string, string>).toString()
  return `/api/v1/cases.csv${query && `?${query}`}`
}

export const assignees = queryOptions({ queryKey: ['assignees'], queryFn: () => body(api.GET('/api/v1/cases/assignees')), staleTime: 300_000 })

export const cases = (filter: Filter) =>
  queryOptions({
    queryKey: caseKeys.list(filter),
    queryFn: () => body(api.GET('/api/v1/cases', { params: { query: withoutEmpty({ ...filter, limit: 50 }) } })),
    placeholderData: keepPreviousData,
  })

export const oneCase = (id: string) => queryOptions({ queryKey: caseKeys.one(id), queryFn: () => body(api.GET('/api/v1/cases/{id}', { params: { path: { id } } })) })

/** What a decision touches elsewhere: the queue, the people, the count of the navigation. */
function useCaseAct<Input, Output>(act: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: act,
    // Not awaited: the case read again is drawn as another card, and what its card was to do next would be lost.
    onSettled: () => {
      for (const queryKey of [['cases'], ['people'], ['home']]) void client.invalidateQueries({ queryKey })
    },
  })
}

export function useDecide({ id, etag }: Pick<CaseView, 'id' | 'etag'>) {
  return useCaseAct((decision: Api['DecisionRequest']) => body(api.POST('/api/v1/cases/{id}/decision', { params: { path: { id }, header: { 'If-Match': etag, ...once() } }, body: decision })))
}

export function useUndo(id: string) {
  return useCaseAct(() => body(api.POST('/api/v1/cases/{id}/undo', { params: { path: { id }, header: once() } })))
}

/** Level 1: taken back by giving each question to whoever had it. */
export function useAssign() {
  return useCaseAct((request: Api['AssignRequest']) => body(api.POST('/api/v1/cases/assign', { params: { header: once() }, body: request })))
}
