import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from '../../api/client'
import type { Api, Client } from '../../api/types'
import { withoutEmpty } from '../../lib/paths'
import { ProblemError } from '../../lib/problem'

export const clientKeys = { all: ['clients'] as const, one: (id: string) => ['clients', id] as const, preview: (id: string, person: string) => ['clients', id, 'preview', person] as const, logouts: (id: string) => ['clients', id, 'logouts'] as const, check: (id: string) => ['clients', id, 'check'] as const }

export const clients = queryOptions({ queryKey: clientKeys.all, queryFn: () => body(api.GET('/api/v1/clients')) })
export const client = (id: string) => queryOptions({ queryKey: clientKeys.one(id), queryFn: () => body(api.GET('/api/v1/clients/{client_id}', { params: { path: { client_id: id } } })) })

export const tokenPreview = (id: string, person: string) =>
  queryOptions({ queryKey: clientKeys.preview(id, person), queryFn: () => body(api.GET('/api/v1/clients/{client_id}/token-preview', { params: { path: { client_id: id }, query: { person } } })) })

/** While something waits the receipts are asked for again: an answer comes within seconds. */
export const logouts = (id: string, state: string | undefined, cursor: string | undefined) =>
  queryOptions({
    queryKey: [...clientKeys.logouts(id), state, cursor],
    queryFn: () => body(api.GET('/api/v1/clients/{client_id}/logouts', { params: { path: { client_id: id }, query: withoutEmpty({ state, cursor, limit: 50 }) } })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data?.waiting ? 15_000 : false),
  })

export const refusals = (id: string, cursor: string | undefined) =>
  queryOptions({
    queryKey: ['clients', id, 'errors', cursor],
    queryFn: () => body(api.GET('/api/v1/clients/{client_id}/errors', { params: { path: { client_id: id }, query: withoutEmpty({ cursor, limit: 50 }) } })),
    placeholderData: keepPreviousData,
  })

export const readCheck = (client_id: string) => body(api.GET('/api/v1/clients/{client_id}/check', { params: { path: { client_id } } }))

export const clientCheck = (id: string) => queryOptions({ queryKey: clientKeys.check(id), queryFn: () => readCheck(id) })

export function useResendLogout(client_id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (id: string) => {
      await api.POST('/api/v1/clients/{client_id}/logouts/{id}/resend', { params: { path: { client_id, id } } })
    },
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: clientKeys.logouts(client_id) }), queries.invalidateQueries({ queryKey: clientKeys.all, exact: true })]),
  })
}

export function useHandIn(client_id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ file, etag }: { file: string; etag: string }) => body(api.PUT('/api/v1/clients/{client_id}/check', { params: { path: { client_id }, header: { 'If-Match': etag } }, body: { file } })),
    onSuccess: (kept) => {
      queries.setQueryData(clientKeys.check(client_id), kept)
      return queries.invalidateQueries({ queryKey: clientKeys.all, exact: true })
    },
  })
}

export function useCreateClient() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (asked: Api['ClientCreate']) => body(api.POST('/api/v1/clients', { params: { header: once() }, body: asked })),
    onSuccess: () => queries.invalidateQueries({ queryKey: clientKeys.all }),
  })
}

export function useChangeClient({ client_id, etag }: Client) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (patch: Api['ClientPatch']) => body(api.PATCH('/api/v1/clients/{client_id}', { params: { path: { client_id }, header: { 'If-Match': etag } }, body: patch })),
    onSuccess: (changed) => {
      queries.setQueryData(clientKeys.one(client_id), changed)
      return queries.invalidateQueries({ queryKey: clientKeys.all, exact: true })
    },
    // Refused because the record moved: it is read again before the refusal is shown, so that both readings can be compared.
    onError: (error) => (error instanceof ProblemError && error.status === 412 ? queries.invalidateQueries({ queryKey: clientKeys.one(client_id) }) : undefined),
  })
}

export function useRenewSecret({ client_id, etag }: Client) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => body(api.POST('/api/v1/clients/{client_id}/secret', { params: { path: { client_id }, header: { 'If-Match': etag, ...once() } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: clientKeys.one(client_id) }),
  })
}
