import type { Api } from '../src/api/types.ts'
import { auditRoutes } from './audit.ts'
import { caseRoutes, move } from './cases.ts'
import { clientRoutes, myself } from './clients.ts'
import { empty, json, problem, Routes, type Call } from './http.ts'
import { peopleRoutes } from './people.ts'
import { operatorRoutes } from './operators.ts'
import { registerRoutes } from './register.ts'
import { advance, runRoutes, startJob } from './runs.ts'
import { firstState, type State } from './state.ts'
import { systemOf } from './system.ts'
import { viewRoutes } from './views.ts'
import { fold, ref } from './world.ts'

/** What the fake may be told to do badly, to show every state of a page. */
export type Fault = 'empty' | 'error' | 'forbidden' | 'slow' | 'gone' | 'unauthenticated'

const rights: Record<Api['Role'], Api['Capability'][]> = {
  technician: ['read_people', 'read_sources', 'manage_sources', 'run_sources', 'apply_plans', 'read_cases', 'import_register', 'read_sessions', 'close_sessions', 'read_clients', 'read_all_clients', 'manage_clients', 'read_system', 'manage_system', 'manage_jobs'],
  desk_agent: ['read_people', 'issue_means', 'revoke_means', 'read_sessions'],
  hr_referent: ['read_people', 'edit_people', 'close_people', 'read_sources', 'read_cases', 'decide_cases'],
  security_officer: ['read_people', 'close_people', 'read_sources', 'release_brakes', 'read_cases', 'decide_cases', 'issue_means', 'revoke_means', 'read_sessions', 'close_sessions', 'read_clients', 'read_all_clients', 'manage_clients', 'read_audit', 'export_audit', 'manage_operators', 'manage_keys', 'read_system'],
  auditor: ['read_people', 'read_sources', 'read_cases', 'read_sessions', 'read_clients', 'read_all_clients', 'read_audit', 'read_system'],
  application_owner: ['read_clients'],
}

export class FakeAppliance {
  readonly state: State
  readonly faults = new Map<string, Fault>()
  readonly #routes = new Routes()

  constructor(now: Date = new Date('2026-11-22T14:12:08+01:00'), size?: number) {
    this.state = firstState(now, size)
    peopleRoutes(this.#routes, this.state)
    runRoutes(this.#routes, this.state)
    caseRoutes(this.#routes, this.state)
    clientRoutes(this.#routes, this.state)
    auditRoutes(this.#routes, this.state)
    viewRoutes(this.#routes, this.state)
    registerRoutes(this.#routes, this.state)
    operatorRoutes(this.#routes, this.state)
    shellRoutes(this.#routes, this.state)
  }

  async handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const fault = [...this.faults].find(([start]) => pathname.startsWith(`/api/v1${start}`))?.[1]
    const spoilt = fault && (await spoil(fault, pathname.slice('/api/v1'.length)))
    if (spoilt) return spoilt
    if (this.state.loggedOut) return problem(401, 'unauthenticated')
    return (await this.#routes.answer(request)) ?? problem(404, 'not_found')
  }
}

/** What each page asks for; the first page asks for nothing more than to work here. */
const asked: [start: string, right: Api['Capability']][] = [
  ['/people', 'read_people'], ['/sources', 'read_sources'], ['/runs', 'read_sources'], ['/register', 'read_sources'], ['/cases', 'read_cases'], ['/clients', 'read_clients'], ['/audit', 'read_audit'], ['/system', 'read_system'],
]

async function spoil(fault: Fault, path: string): Promise<Response | undefined> {
  switch (fault) {
    case 'empty':
      return json({ items: [], next_cursor: null, total: 0, total_all: 0, waiting_seal: 0, letters: null })
    case 'error':
      return problem(500, 'internal')
    case 'forbidden':
      return problem(403, 'forbidden', { params: { capability: asked.find(([start]) => path.startsWith(start))?.[1] ?? '' } })
    case 'unauthenticated':
      return problem(401, 'unauthenticated')
    case 'gone':
      throw new TypeError('connection refused')
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, 60_000))
      return undefined
  }
}

function me(state: State): Api['Me'] {
  return {
    operator_id: state.operator,
    person: { id: myself, display_name: 'Lou Delmas', initials: 'LD' },
    roles: state.roles, capabilities: [...new Set(state.roles.flatMap((role) => rights[role]))],
    session_expires_at: state.clock.ago(-240), idle_expires_at: state.clock.ago(-30), last_visit_at: state.clock.ago(20 * 60 + 10),
    hospital: { name: 'CH de Valmont', entities: [{ finess: '990000001', name: 'CH de Valmont' }] },
  }
}

/** What each source says of itself; the journey of the first day has one. */
function health(state: State): Api['SourceHealth'][] {
  return [
    ...state.sources.slice(0, 2).map((one): Api['SourceHealth'] => ({ id: one.id, name: one.name, kind: one.kind, health: one.health, last_good_at: one.last_good_at ?? null, lines: one.lines ?? null, usual_volume: true })),
    { id: state.sources[2]?.id ?? null, name: 'Annuaire Santé', kind: 'register', health: 'warning', age_days: 3, limit_days: 7, last_good_at: state.clock.ago(3 * 1440) },
    state.degraded.length
      ? { id: null, name: 'Pro Santé Connect', kind: 'pro_sante_connect', health: 'failure', unreachable_since: state.clock.at(2, 14), next_at: state.clock.at(14, 13) }
      : { id: null, name: 'Pro Santé Connect', kind: 'pro_sante_connect', health: 'ok', last_good_at: state.clock.ago(2) },
  ]
}

function home(state: State): Api['Home'] {
  const { clock } = state
  const [run] = state.runs
  const waiting = (kind: Api['CaseKind']) => state.cases.filter((one) => one.state === 'open' && one.kind === kind)
  const todo: Api['Todo'][] = []
  if (run?.state === 'waiting') todo.push({ kind: 'run_waiting', count: 1, run_id: run.id, source_name: 'RH', brake: 'close', brake_value: 61, brake_limit: 60 })
  for (const [kind, of] of [['identity_doubt', 'national_identity'], ['conflict', 'conflict'], ['duplicate', 'duplicate']] as const) {
    const [oldest] = waiting(of)
    if (oldest) todo.push({ kind, count: waiting(of).length, oldest_at: oldest.waiting_since })
  }
  todo.push({ kind: 'contract_over_account_active', count: 3, limit_at: clock.at(23, 59) })
  todo.push({ kind: 'national_identity_to_recheck', count: 41, limit_at: clock.ago(-12 * 1440) })
  todo.push({ kind: 'relaxation_ending', count: 1, limit_at: clock.ago(-18 * 1440) })
  const steps: Api['SetupStepKind'][] = ['establishment', 'hr_source', 'active_directory', 'register', 'first_review', 'first_application']
  return {
    todo: state.setupDone && !state.nothingYet ? todo : [],
    sources: state.setupDone ? health(state) : health(state).slice(0, 1),
    since_last_visit: {
      since: state.setupDone ? clock.ago(20 * 60 + 10) : null, arrivals: 4, departures: 3, links: 27, changes: 118,
      notable: !state.setupDone ? [] : [
        { index: 4979, at: clock.at(11, 40), event: 'client_changed', actor: 'M. Roy', params: { client: 'DPI Valmont' } },
        { index: 4960, at: clock.at(3, 22), event: 'register_imported', actor: 'Hygie', params: { lines: '2300412' } },
      ],
    },
    setup: steps.map((kind, index) => ({ kind, done: state.setupDone || index < 2 })),
    setup_done: state.setupDone, next_hr_read_at: clock.ago(-15 * 60), now: clock.ago(0),
  }
}

function search(state: State, call: Call): Api['SearchResults'] {
  const asked = call.query.get('q') ?? ''
  const reference = state.audit.find((row) => row.reference === asked.toUpperCase())
  if (reference) return { total: 1, hits: [{ kind: 'reference', exact: true, label: asked.toUpperCase(), detail: 'login_refused', target: String(reference.index), person: null }] }
  const wanted = fold(asked).split(' ').filter(Boolean)
  const people = state.souls.filter(({ row, rpps }) => wanted.every((piece) => fold(`${row.family} ${row.birth_family ?? ''} ${row.given} ${row.matricules.join(' ')} ${rpps ?? ''}`).includes(piece)))
  const apps = state.clients.filter((one) => wanted.every((piece) => fold(one.name).includes(piece)))
  return {
    total: people.length + apps.length,
    hits: [
      ...people.slice(0, 5).map((one): Api['SearchHit'] => ({ kind: 'person', exact: /^\d+$/.test(asked), label: '', detail: [one.row.function, one.row.unit_name].filter(Boolean).join(' · '), person: ref(one), target: one.row.id })),
      ...apps.slice(0, 5).map((one): Api['SearchHit'] => ({ kind: 'application', exact: false, label: one.name, detail: one.vendor ?? null, target: one.client_id, person: null })),
    ],
  }
}

function ownActs({ cases, clock, souls }: State): Api['OwnAct'][] {
  const decided = cases.filter(({ decision }) => decision).slice(0, 3)
  const [first] = souls
  return [
    ...decided.map((one, at): Api['OwnAct'] => ({ at: clock.ago(2 + at), event: 'case_decided', params: { decision: one.decision ?? '' }, subject: one.person, undo: { case_id: one.id, until: clock.ago(-13 + at) } })),
    ...(first ? [{ at: clock.ago(11), event: 'person_read', params: {}, subject: ref(first), undo: null }] : []),
  ]
}

/** What the second person confirms with her key, where it has another name. */
const confirmedAs: Record<string, string> = { accept_register: 'release_brake', dismiss_register: 'release_brake', grant_roles: 'manage_operators' }

/** A link that two people agreed on is made; any other act is only taken off the list. */
function answerAccord(state: State, call: Call): Response {
  const asked = state.accords.find(({ id }) => id === call.path['id'])
  if (!asked) return problem(404, 'accord_unknown')
  const act = confirmedAs[asked.act] ?? asked.act
  if (call.path['verdict'] === 'give' && state.confirmed.asked && !state.confirmed.acts.includes(act)) return problem(403, 'confirmation_required', { params: { act } })
  state.accords = state.accords.filter((one) => one !== asked)
  const one = state.cases.find(({ id }) => id === asked.case_id)
  if (one?.waiting_accord) {
    if (call.path['verdict'] === 'give') Object.assign(one, { state: 'decided', decision: 'link', decided_by: 'L. Delmas', decided_at: state.clock.ago(0) })
    one.waiting_accord = null
    move(one)
  }
  return empty()
}

/** Sends the running jobs once a second, until nobody listens. */
function events(state: State): Response {
  let timer: ReturnType<typeof setInterval> | undefined
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(() => {
        for (const job of state.jobs.filter((one) => one.state === 'running')) controller.enqueue(encoder.encode(`event: job\ndata: ${JSON.stringify(advance(job))}\n\n`))
      }, 1000)
    },
    cancel: () => clearInterval(timer),
  })
  return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}

function shellRoutes(routes: Routes, state: State) {
  const job = (call: Call) => state.jobs.find((one) => one.id === call.path['id'])
  routes
    .on('GET', '/me', () => json(me(state)))
    .on('GET', '/home', () => json(home(state)))
    .on('POST', '/confirmations', (call) => json({ id: call.body['act'], options: { publicKey: { challenge: 'aHlnaWU', allowCredentials: [] } } }, 201))
    .on('POST', '/confirmations/{id}', (call) => {
      const act = call.path['id'] ?? ''
      if (!call.body['answer']) return problem(422, 'malformed')
      state.confirmed.acts.push(act)
      return json({ act, until: state.clock.ago(-10) })
    })
    .on('POST', '/logout', () => {
      state.loggedOut = true
      return empty()
    })
    .on('GET', '/reach', () => json({ degraded: state.degraded, recovered: [], now: state.clock.ago(0) }))
    .on('GET', '/search', (call) => json(search(state, call)))
    .on('GET', '/jobs/events', () => events(state))
    .on('GET', '/jobs', () => json({ items: state.jobs }))
    .on('GET', '/jobs/{id}', (call) => { const one = job(call); return one ? json(advance(one)) : problem(404, 'job_unknown') })
    .on('GET', '/me/acts', () => json({ items: ownActs(state) }))
    .on('GET', '/accords', () => json({ items: state.accords, total: state.accords.length }))
    .on('POST', '/accords/{id}/{verdict}', (call) => answerAccord(state, call))
    .on('POST', '/me/stay', () => json(me(state)))
    .on('POST', '/jobs/{id}/resume', (call) => {
      const one = job(call)
      if (!one) return problem(404, 'job_unknown')
      if (!one.resumable) return problem(409, 'job_in_progress')
      Object.assign(one, { state: one.state === 'failed' ? 'failed' : 'stopped', resumable: false })
      return json(startJob(state, one.kind, one.total ?? 0, one.unit, one.run_id ?? undefined), 202)
    })
    .on('POST', '/jobs/{id}/{verb}', (call) => {
      const one = job(call)
      if (!one) return problem(404, 'job_unknown')
      const paused = call.path['verb'] === 'pause'
      if (one.state !== 'running' && (paused || one.state !== 'paused')) return problem(409, 'job_over')
      Object.assign(one, { state: paused ? 'paused' : 'stopped', resumable: paused })
      return json(one)
    })
    .on('GET', '/system', () => json(systemOf(state.clock)))
}
