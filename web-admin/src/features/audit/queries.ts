import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from '../../api/client'
import type { Job } from '../../api/types'
import { withoutEmpty } from '../../lib/paths'
import type { AuditSearch } from './search'

export const audit = ({ entry: _entry, ...filter }: AuditSearch) =>
  queryOptions({
    queryKey: ['audit', 'list', filter],
    queryFn: () => body(api.GET('/api/v1/audit', { params: { query: withoutEmpty({ ...filter, limit: 100 }) } })),
    placeholderData: keepPreviousData,
  })

export const auditEntry = (index: string) => queryOptions({ queryKey: ['audit', 'entry', index], queryFn: () => body(api.GET('/api/v1/audit/{index}', { params: { path: { index: Number(index) } } })) })

export const checkpoint = queryOptions({ queryKey: ['audit', 'checkpoint'], queryFn: () => body(api.GET('/api/v1/audit/checkpoint')) })

/** Followed until it ends: the tray may be closed, the answer stays on the page. */
export const verification = (job: string) =>
  queryOptions({
    queryKey: ['job', job],
    queryFn: () => body(api.GET('/api/v1/jobs/{id}', { params: { path: { id: job } } })),
    refetchInterval: ({ state }) => (over(state.data) ? false : 1000),
  })

export function over(job: Job | undefined): boolean {
  return job?.state === 'done' || job?.state === 'failed' || job?.state === 'stopped'
}

export function useVerify() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => body(api.POST('/api/v1/audit/verify', { params: { header: once() } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  })
}
