import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from '../../api/client'
import type { Api } from '../../api/types'
import { pick, withoutEmpty } from '../../lib/paths'

export const registerSearch = pick(['tab', 'within', 'settled'])
export type RegisterSearch = ReturnType<typeof registerSearch>

const key = ['register'] as const

export const register = queryOptions({ queryKey: [...key, 'state'], queryFn: () => body(api.GET('/api/v1/register')) })
export const coverage = queryOptions({ queryKey: [...key, 'coverage'], queryFn: () => body(api.GET('/api/v1/register/coverage')) })
export const indicators = queryOptions({ queryKey: [...key, 'indicators'], queryFn: () => body(api.GET('/api/v1/register/indicators')) })
export const worklist = queryOptions({ queryKey: [...key, 'worklist'], queryFn: () => body(api.GET('/api/v1/register/worklist')) })
export const dueLinks = (within: number) => queryOptions({ queryKey: [...key, 'due', within], queryFn: () => body(api.GET('/api/v1/register/due', { params: { query: { within_days: within } } })) })
export const registerChanges = (settled: boolean) =>
  queryOptions({ queryKey: [...key, 'changes', settled], queryFn: () => body(api.GET('/api/v1/register/changes', { params: { query: withoutEmpty({ settled: settled || undefined }) } })) })

/** The same rows as files, drawn by the appliance and recorded there. */
export const indicatorsFile = '/api/v1/register/indicators.csv'
export const worklistFile = '/api/v1/register/worklist.csv'
export const dueFile = (within: number) => `/api/v1/register/due.csv?within_days=${within}`

function useRegisterAct<Input, Output>(act: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSettled: () => Promise.all([key, ['jobs'], ['accords'], ['home'], ['sources']].map((queryKey) => client.invalidateQueries({ queryKey }))),
  })
}

export function useReconcile() {
  return useRegisterAct(() => body(api.POST('/api/v1/register/reconcile', { params: { header: once() } })))
}

export function useRefresh() {
  return useRegisterAct(() => body(api.POST('/api/v1/register/refresh', { params: { header: once() } })))
}

/** Taking or forgetting a held version is asked by one person and let happen by another. */
export function useJudge() {
  return useRegisterAct((verdict: 'accept' | 'dismiss') => body(api.POST(`/api/v1/register/${verdict}`, { params: { header: once() } })))
}

/** A link was looked at again: it is due in two years. */
export function useVerify({ person_id: id, identity_id: identity }: Api['DueLink']) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (evidence: Api['Evidence']) => body(api.POST('/api/v1/people/{id}/national-identities/{identity}/verify', { params: { path: { id, identity }, header: once() }, body: { evidence } })),
    onSettled: () => Promise.all([key, ['people'], ['home']].map((queryKey) => client.invalidateQueries({ queryKey }))),
  })
}

export function useSettle() {
  return useRegisterAct((id: string) => body(api.POST('/api/v1/register/changes/{id}/settle', { params: { path: { id }, header: once() } })))
}
