import { afterEach, expect, test, vi } from 'vitest'
import { confirmed } from './confirm'

const problem = (code: string, act?: string) =>
  new Response(JSON.stringify({ code, params: act ? { act } : null }), { status: 403, headers: { 'content-type': 'application/problem+json' } })

class Credential {
  static parseRequestOptionsFromJSON = (options: unknown) => options
  toJSON = () => ({ id: 'k' })
}

function appliance(confirmation: Response) {
  const seen: string[] = []
  let asked = 0
  vi.stubGlobal('fetch', async (what: Request | string) => {
    const path = new URL(typeof what === 'string' ? what : what.url, location.origin).pathname
    seen.push(path)
    if (path === '/api/v1/confirmations') return new Response(JSON.stringify({ id: 'c1', options: { publicKey: {} } }), { status: 201 })
    if (path === '/api/v1/confirmations/c1') return confirmation
    asked += 1
    return asked === 1 ? problem('confirmation_required', 'revoke_means') : new Response('{}', { status: 200 })
  })
  vi.stubGlobal('PublicKeyCredential', Credential)
  return seen
}

function key(shown: Credential | null) {
  Object.defineProperty(navigator, 'credentials', { configurable: true, value: { get: async () => shown } })
}

afterEach(() => vi.unstubAllGlobals())

const act = () => new Request(new URL('/api/v1/means/1/revoke', location.origin), { method: 'POST', body: '{"motive":"x"}' })

test('the key is asked, then the act is sent again', async () => {
  key(new Credential())
  const seen = appliance(new Response('{}', { status: 200 }))
  expect((await confirmed(act())).status).toBe(200)
  expect(seen).toEqual(['/api/v1/means/1/revoke', '/api/v1/confirmations', '/api/v1/confirmations/c1', '/api/v1/means/1/revoke'])
})

test('without a key nothing is sent again, and the answer says that a key is asked', async () => {
  key(null)
  const seen = appliance(new Response('{}', { status: 200 }))
  const body = await (await confirmed(act())).json()
  expect(body.code).toBe('confirmation_required')
  expect(seen).toHaveLength(2)
})

test('a refused key is the answer', async () => {
  key(new Credential())
  appliance(problem('key_refused'))
  expect((await (await confirmed(act())).json()).code).toBe('key_refused')
})
