import createClient, { type Middleware } from 'openapi-fetch'
import { confirmed } from './confirm'
import { ProblemError } from '../lib/problem'
import { leaveForLogin } from '../lib/paths'
import type { paths } from './schema'

/** Turns every refusal into a `ProblemError`; an ended session leads to the login page. */
const refusals: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return response
    const body = response.headers.get('content-type')?.includes('json') ? await response.clone().json().catch(() => ({})) : {}
    if (response.status === 401) leaveForLogin()
    throw new ProblemError(response.status, body)
  },
  onError() {
    return new ProblemError(0, { code: 'unreachable' })
  },
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: confirmed })
api.use(refusals)

/** The body of an answer that has one: refusals were thrown before. */
export async function body<Data>(call: Promise<{ data?: Data }>): Promise<NonNullable<Data>> {
  const { data } = await call
  if (data === undefined || data === null) throw new ProblemError(502, { code: 'internal' })
  return data
}

/** A creating call may be sent twice by the network: the appliance answers the same. */
export function once(): { 'Idempotency-Key': string } {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return { 'Idempotency-Key': Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') }
}
