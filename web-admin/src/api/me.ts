import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, body } from './client'
import { sessionOpened } from './session'
import type { Capability, Me } from './types'

async function askMe(): Promise<Me> {
  const who = await body(api.GET('/api/v1/me'))
  sessionOpened()
  return who
}

export const me = queryOptions({ queryKey: ['me'], queryFn: askMe, staleTime: 60_000 })

/** Somebody is there: the session stays open as long again. */
export function stayConnected(): Promise<Me> {
  return body(api.POST('/api/v1/me/stay'))
}

/** Who is there, once known. */
export function useMe(): Me | undefined {
  return useQuery(me).data
}

/** Mirrors the right; the appliance rules. False while we do not know. */
export function useMay(capability: Capability): boolean {
  return useQuery(me).data?.capabilities.includes(capability) ?? false
}
