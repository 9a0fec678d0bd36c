import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, body } from './client'
import { logoutPath, startAgain } from '../lib/paths'
import { sessionOpened } from './session'
import type { Capability, Me } from './types'

async function askMe(): Promise<Me> {
  const who = await body(api.GET('/api/v1/me'))
  if (sessionOpened(who.operator_id)) return who
  startAgain()
  // The page is on its way out: nothing more is drawn in another person's name.
  return new Promise<never>(() => undefined)
}

/** True once the appliance says that the session is over: heard now, or over already. */
export async function endSession(): Promise<boolean> {
  const response = await fetch(logoutPath, { method: 'POST' }).catch(() => undefined)
  return response !== undefined && (response.ok || response.status === 401)
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
