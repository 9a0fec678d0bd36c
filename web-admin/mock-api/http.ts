/** The little HTTP that the fake needs: routes, pages, problems. */
export interface Call {
  url: URL
  query: URLSearchParams
  body: Record<string, unknown>
  path: Record<string, string>
  headers: Headers
}

export type Handler = (call: Call) => Response | Promise<Response>

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json', ...headers } })
}

export function empty(): Response {
  return new Response(null, { status: 204 })
}

export function problem(status: number, code: string, more: Record<string, unknown> = {}): Response {
  const body = { type: `urn:hygie:problem:${code}`, title: code, status, code, reference: '7K3-P2Q', ...more }
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })
}

/** Cursors are offsets here; the real ones are opaque. */
export function page<Item>(items: Item[], call: Call) {
  const start = Number(call.query.get('cursor') ?? 0)
  const limit = Number(call.query.get('limit') ?? 100)
  const end = start + limit
  return { items: items.slice(start, end), next_cursor: end < items.length ? String(end) : null, total: items.length }
}

export class Routes {
  readonly #routes: { method: string; pattern: RegExp; names: string[]; handler: Handler }[] = []

  on(method: string, path: string, handler: Handler) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
    const pattern = new RegExp(`^/api/v1${path.replace(/\{\w+\}/g, '([^/]+)')}$`)
    this.#routes.push({ method, pattern, names, handler })
    return this
  }

  async answer(request: Request): Promise<Response | undefined> {
    const url = new URL(request.url)
    for (const route of this.#routes) {
      const match = route.method === request.method ? route.pattern.exec(url.pathname) : null
      if (!match) continue
      const path = Object.fromEntries(route.names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]))
      const text = request.method === 'GET' ? '' : await request.text()
      return route.handler({ url, query: url.searchParams, path, headers: request.headers, body: text ? JSON.parse(text) : {} })
    }
    return undefined
  }
}
