import type { Api } from '../src/api/types.ts'
import { auditLog } from './audit.ts'
import { firstCases } from './cases.ts'
import { firstRun, firstSources, firstVersions, planOf, type PlanLine } from './runs.ts'
import { firstClients } from './clients.ts'
import { firstLogouts, firstRefusals, firstReport, type FakeLogout } from './connectors.ts'
import { firstOperators } from './operators.ts'
import { firstRegister, type RegisterState } from './register.ts'
import { clockAt, hospital, means, uuid, type Clock, type Soul } from './world.ts'

/** What the fake appliance remembers while it runs. */
export interface State {
  clock: Clock
  souls: Soul[]
  cases: Api['CaseView'][]
  sources: Api['Source'][]
  /** Of the HR source's mapping, the newest first. */
  versions: Api['MappingVersion'][]
  runs: Api['Run'][]
  plan: PlanLine[]
  register: RegisterState
  accords: Api['Accord'][]
  operators: Api['Operator'][]
  jobs: Api['Job'][]
  clients: Api['Client'][]
  /** Ends of sessions told to applications. */
  logouts: FakeLogout[]
  /** What the health record of the house was refused. */
  refusals: Api['ClientRefusal'][]
  /** Reports of connector checks, by application. */
  reports: Record<string, Api['CheckReport']>
  audit: Api['AuditRow'][]
  views: Api['SavedView'][]
  degraded: Api['DegradedDependency'][]
  roles: Api['Role'][]
  operator: string
  setupDone: boolean
  /** Nothing has come yet: no reading, no register, nobody who has anything. */
  nothingYet: boolean
  /** Records made one: what the absorbed one had is given back when they are split. */
  merges: { id: string; kept: string; absorbed: string; merged_at: string; evidence: string; motive: string; posts: Api['Post'][] }[]
  /** The session was closed: nothing is answered until somebody logs in. */
  loggedOut: boolean
  /** Acts that ask for the key again, and those that it confirmed. */
  confirmed: { asked: boolean; acts: string[] }
  /** Where the log was spoilt, if it was. */
  brokenAt: number | null
}

export function firstState(now: Date, size = 420): State {
  const clock = clockAt(now)
  const souls = hospital(clock, size)
  const marie = souls.find((one) => one.row.matricules[0] === '212094')
  if (marie) {
    marie.row.last_login_at = clock.at(7, 2)
    for (const post of marie.posts) post.line = 4812
    // What opened her session: a password and a key.
    if (!marie.means.some(({ kind }) => kind === 'fido2')) {
      marie.means.push(means('fido2', clock, () => 7))
      marie.row.means = [...marie.row.means, { kind: 'fido2', count: 1 }]
    }
    marie.sessions = [{ id: uuid(), where: 'Firefox, poste CARD-3A-02', opened_at: clock.at(7, 2), last_seen_at: clock.at(14, 12), factors: 2, expires_at: clock.at(19), applications: ['DPI Valmont', 'Labo'], console: false }]
  }
  const sources = firstSources(clock)
  const run = firstRun(clock, sources)
  return {
    clock, souls, sources, versions: firstVersions(clock), runs: [run], plan: planOf(souls, clock), cases: firstCases(souls, clock), register: firstRegister(souls, clock), accords: [], merges: [], operators: firstOperators(clock), jobs: [], clients: firstClients(clock),
    logouts: firstLogouts(souls, clock), refusals: firstRefusals(clock), reports: { 'dpi-valmont': firstReport(clock) },
    audit: auditLog(souls, clock), views: [sharedView()], degraded: [], roles: ['technician', 'security_officer', 'hr_referent'], operator: '0193a5b0-1111-7000-8000-000000000001', setupDone: true, nothingYet: false, loggedOut: false, confirmed: { asked: false, acts: [] }, brokenAt: null,
  }
}

/** What each page shows before anything came. */
export function emptied(state: State) {
  state.nothingYet = true
  const [soul] = state.souls
  if (soul) Object.assign(soul, { means: [], posts: [], sessions: [], row: { ...soul.row, means: [] } })
  const [source] = state.sources
  if (source) Object.assign(source, { health: 'never', last_good_at: null, lines: null, usual_low: null, usual_high: null, waiting_run_id: null, mapping: source.mapping && { ...source.mapping, columns: source.mapping.columns.map((column) => ({ ...column, samples: [] })) } })
  const [run] = state.runs
  const none = { create: 0, change: 0, close: 0, reopen: 0, conflict: 0, doubt: 0 }
  if (run) Object.assign(run, { state: 'planned', counts: none, kept_by_default: none, aside_by_default: 0, second_approval: false, brakes: run.brakes.map((brake) => ({ ...brake, value: 0, over: false, where: null })) })
  state.plan = []
}

/** A colleague chose a candidate of the first question that has three; one of two people who link here. */
export function chosenCandidate(state: State) {
  const one = state.cases.find(({ candidates }) => candidates.length === 3)
  if (!one) return
  const asked = { id: uuid(), asked_by: 'H. Blanc', asked_at: state.clock.ago(40), until: state.clock.ago(-1400), mine: false }
  Object.assign(one, { two_people: true, waiting_accord: { ...asked, candidate: 'A', evidence: 'professional_card' } })
  state.accords.push({ ...asked, act: 'link_identity', subject: one.person.id, person_name: `${one.person.family.toUpperCase()} ${one.person.given}`, case_id: one.id, case_kind: one.kind })
}

/** The first two people's records are one. */
export function mergedRecords({ souls, merges, clock }: State) {
  const [kept, absorbed] = souls
  if (!kept || !absorbed) return
  merges.push({ id: uuid(), kept: kept.row.id, absorbed: absorbed.row.id, merged_at: clock.ago(9000), evidence: 'hr_file', motive: 'Deux dossiers à la paie, un seul contrat', posts: absorbed.posts })
  absorbed.posts = []
  absorbed.row.state = 'closed'
  for (const each of absorbed.means) each.last_used_at = clock.ago(9600)
}

function sharedView(): Api['SavedView'] {
  return { id: uuid(), etag: '"1"', page: 'people', name: 'RPPS à revoir', query: 'identity=to_decide%2Cto_recheck', columns: ['function', 'unit_name', 'identity', 'state'], shared: true, mine: false, owner: 'H. Blanc' }
}
