import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, body } from './client'
import type { Capability } from './types'

export const me = queryOptions({ queryKey: ['me'], queryFn: () => body(api.GET('/api/v1/me')), staleTime: 60_000 })

/** Mirrors the right; the appliance rules. False while we do not know. */
export function useMay(capability: Capability): boolean {
  return useQuery(me).data?.capabilities.includes(capability) ?? false
}
