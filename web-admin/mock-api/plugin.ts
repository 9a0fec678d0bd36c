import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Plugin } from 'vite'
import { heldVersion } from './register.ts'
import { letGo } from './runs.ts'
import { FakeAppliance, type Fault } from './server.ts'
import { chosenCandidate, emptied, mergedRecords } from './state.ts'
import { hardNames } from './world.ts'

/** `POST /mock` with what to change: shows a state that the fake would not reach by itself. */
interface Order {
  reset?: boolean
  now?: string
  fault?: { path: string; kind: Fault }
  degraded?: boolean
  setup?: boolean
  job?: boolean
  /** Somebody else changes the record of this matricule. */
  touch?: string
  names?: boolean
  /** Somebody else changes this application. */
  client?: string
  /** A version of the register is held, and a colleague asks for an accord, or nobody does yet. */
  held?: boolean | 'unasked'
  /** The first doubt was sent to HR. */
  ask?: boolean
  /** A colleague chose a candidate, and waits for a second person. */
  chosen?: boolean
  /** Nothing has come yet. */
  nothing?: boolean
  /** All is read, and nothing is left to do. */
  calm?: boolean
  /** A colleague let the plan that waits go. */
  released?: boolean
  /** Two records were made one: the first person's, and the next one's. */
  merged?: boolean
}

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Serves the fake appliance to `npm run dev` and `vite preview`: no server is needed. */
export function fakeAppliance(): Plugin {
  let fake = new FakeAppliance(new Date())

  function obey(order: Order) {
    if (order.reset) fake = new FakeAppliance(order.now ? new Date(order.now) : new Date())
    if (order.fault) fake.faults.set(order.fault.path, order.fault.kind)
    if (order.degraded) fake.state.degraded = [{ dependency: 'internet', since: fake.state.clock.at(2, 14), stops_someone: false, next_try_at: fake.state.clock.at(14, 13), queued: { events: 38 } }]
    const touched = fake.state.souls.find((one) => one.row.matricules[0] === order.touch)
    if (touched) {
      touched.version += 1
      touched.mail = `${touched.row.family.toLowerCase()}.2@ch-valmont.example`
    }
    const [asked] = fake.state.cases
    if (order.ask && asked) Object.assign(asked, { state: 'ask_hr', decision: 'ask_hr', decided_by: 'L. Delmas', decided_at: fake.state.clock.ago(190), note: 'Deux dates de naissance au dossier.' })
    const moved = fake.state.clients.find((one) => one.client_id === order.client)
    if (moved) Object.assign(moved, { etag: '"9"', redirect_uris: [`https://${moved.client_id}.ch-valmont.example/roy`] })
    if (order.held) {
      fake.state.register.held = heldVersion(fake.state.clock)
      if (order.held !== 'unasked') fake.state.accords = [{ id: '0193a5b0-3333-7000-8000-000000000001', act: 'accept_register', subject: '2026-11-22', register_content: fake.state.register.held.content, asked_by: 'M. Roy', asked_at: fake.state.clock.ago(3), until: fake.state.clock.ago(-12), mine: false }]
    }
    if (order.chosen) chosenCandidate(fake.state)
    if (order.nothing) emptied(fake.state)
    if (order.calm) fake.state.nothingYet = true
    if (order.released) letGo(fake.state.runs[0])
    if (order.merged) mergedRecords(fake.state)
    if (order.names) hardNames(fake.state.souls)
    if (order.setup) fake.state.setupDone = false
    if (order.job) fake.state.jobs.unshift({ id: '0193a5b0-2222-7000-8000-000000000001', kind: 'register_import', state: 'running', done: 1_240_000, total: 2_300_000, unit: 'lines', rate: 92_000, remaining_s: 12, resumable: false })
  }

  async function serve(message: IncomingMessage, response: ServerResponse) {
    const method = message.method ?? 'GET'
    const text = method === 'GET' ? undefined : await read(message)
    if (message.url === '/mock') {
      obey(JSON.parse(text ?? '{}') as Order)
      response.writeHead(204).end()
      return
    }
    const headers = new Headers()
    for (const [name, value] of Object.entries(message.headers)) if (typeof value === 'string') headers.set(name, value)
    const answer = await fake.handle(new Request(`http://localhost${message.url ?? '/'}`, { method, headers, body: text || undefined }))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (!answer.body) {
      response.end()
      return
    }
    const stream = Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0])
    response.on('close', () => stream.destroy())
    stream.on('error', () => response.destroy())
    stream.pipe(response)
  }

  const middleware = (message: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (!message.url?.startsWith('/api/') && message.url !== '/mock') return next()
    serve(message, response).catch(() => response.destroy())
  }
  return {
    name: 'fake-appliance',
    configureServer: (server) => void server.middlewares.use(middleware),
    configurePreviewServer: (server) => void server.middlewares.use(middleware),
  }
}
