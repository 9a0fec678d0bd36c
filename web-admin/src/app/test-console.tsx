import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router'
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { I18nProvider } from 'react-aria-components'
import { vi } from 'vitest'
import { FakeAppliance } from '../../mock-api/server'
import { newQueryClient } from './queries'
import { newRouter } from './router'

interface Sent {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
  headers: Headers
}

/** The whole console at an address, on a fake appliance of its own; remembers what was sent. */
export function openConsole(address: string, prepare: (fake: FakeAppliance) => void = () => undefined) {
  const fake = new FakeAppliance(undefined, 120)
  prepare(fake)
  const sent: Sent[] = []
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    const text = await request.clone().text()
    const { pathname: path, searchParams: query } = new URL(request.url)
    sent.push({ method: request.method, path, query, body: text ? JSON.parse(text) : undefined, headers: request.headers })
    return fake.handle(request)
  })
  const history = createMemoryHistory({ initialEntries: [address] })
  const client = newQueryClient()
  const router = newRouter(client, { history })
  const view = render(
    <I18nProvider locale="fr-FR">
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>,
  )
  return { fake, sent, history, client, router, user: userEvent.setup(), ...view }
}
