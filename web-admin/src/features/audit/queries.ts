import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, body, once } from '../../api/client'
import { withoutEmpty } from '../../lib/paths'
import type { AuditSearch } from './search'

export const audit = ({ entry: _entry, ...filter }: AuditSearch) =>
  queryOptions({
    queryKey: ['audit', 'list', filter],
    queryFn: () => body(api.GET('/api/v1/audit', { params: { query: withoutEmpty({ ...filter, limit: 100 }) } })),
    placeholderData: keepPreviousData,
  })

/** To choose one of them: the same list as on their page. */
export const applications = queryOptions({ queryKey: ['clients'], queryFn: () => body(api.GET('/api/v1/clients')) })

export const auditEntry = (index: string) => queryOptions({ queryKey: ['audit', 'entry', index], queryFn: () => body(api.GET('/api/v1/audit/{index}', { params: { path: { index: Number(index) } } })) })

/** The same filter as a file, drawn by the appliance and recorded there. */
export function exportPath({ entry: _entry, cursor: _cursor, ...filter }: AuditSearch): string {
  const asked = new URLSearchParams(withoutEmpty(filter) as Record<string, string>).toString()
  return `/api/v1/audit.csv${asked ? `?${asked}` : ''}`
}

export function useVerify() {
  return useMutation({ mutationFn: () => body(api.POST('/api/v1/audit/verify', { params: { header: once() } })) })
}
