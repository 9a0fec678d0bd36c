import type { Api } from '../src/api/types.ts'
import { auditLog } from './audit.ts'
import { firstCases } from './cases.ts'
import { firstRun, firstSources, firstVersions, planOf, type PlanLine } from './runs.ts'
import { firstClients } from './clients.ts'
import { firstOperators } from './operators.ts'
import { firstRegister, type RegisterState } from './register.ts'
import { clockAt, hospital, uuid, type Clock, type Soul } from './world.ts'

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
  audit: Api['AuditRow'][]
  views: Api['SavedView'][]
  degraded: Api['DegradedDependency'][]
  roles: Api['Role'][]
  operator: string
  setupDone: boolean
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
    marie.sessions = [{ id: uuid(), where: 'Firefox, poste CARD-3A-02', opened_at: clock.at(7, 2), last_seen_at: clock.at(14, 12), factors: 2, expires_at: clock.at(19), applications: ['DPI Valmont', 'Labo'], console: false }]
  }
  const sources = firstSources(clock)
  const run = firstRun(clock, sources)
  return {
    clock, souls, sources, versions: firstVersions(clock), runs: [run], plan: planOf(souls, clock), cases: firstCases(souls, clock), register: firstRegister(souls, clock), accords: [], merges: [], operators: firstOperators(clock), jobs: [], clients: firstClients(clock),
    audit: auditLog(souls, clock), views: [sharedView()], degraded: [], roles: ['technician', 'security_officer', 'hr_referent'], operator: '0193a5b0-1111-7000-8000-000000000001', setupDone: true, loggedOut: false, confirmed: { asked: false, acts: [] }, brokenAt: null,
  }
}

function sharedView(): Api['SavedView'] {
  return { id: uuid(), etag: '"1"', page: 'people', name: 'RPPS à revoir', query: 'identity=to_decide%2Cto_recheck', columns: ['function', 'unit_name', 'identity', 'state'], shared: true, mine: false, owner: 'H. Blanc' }
}
