import createClient, { type Middleware } from 'openapi-fetch'
import { confirmed } from './confirm'
import { ProblemError } from '../lib/problem'
import { leaveForLogin } from '../lib/paths'
import type { paths } from './schema'
import { reopened, sessionClosed } from './session'

/** When the session has ended, what reads waits for the next one; what acts is refused, and sent again by the person only. */
async function send(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await confirmed(request)
  if (response.status !== 401) return response
  if (!sessionClosed()) leaveForLogin()
  else if (request.method === 'GET') {
    await reopened()
    return send(again)
  }
  return response
}

/** Turns every refusal into a `ProblemError`. */
const refusals: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return response
    const body = response.headers.get('content-type')?.includes('json') ? await response.clone().json().catch(() => ({})) : {}
    throw new ProblemError(response.status, body)
  },
  onError() {
    return new ProblemError(0, { code: 'unreachable' })
  },
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send })
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
