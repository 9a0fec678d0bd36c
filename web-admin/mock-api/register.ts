import type { Api } from '../src/api/types.ts'
import { json, problem, type Routes } from './http.ts'
import { person } from './people.ts'
import { startJob } from './runs.ts'
import type { State } from './state.ts'
import { uuid, type Clock, type Soul } from './world.ts'

/** What the fake knows of the national register: its versions, and what it says otherwise about people here. */
export interface RegisterState {
  held: Api['RegisterVersion'] | null
  changes: Api['RegisterChange'][]
  /** Links that somebody looked at again. */
  verified: string[]
}

const shownName = ({ row }: Soul) => `${row.family.toUpperCase()} ${row.given}`

function version(clock: Clock, name: string, days: number): Api['RegisterVersion'] {
  const hour = (hours: number, minutes: number) => new Date(new Date(clock.at(hours, minutes)).getTime() - days * 86_400_000).toISOString()
  return { version: name, content: `content-${name}`, file: `PS_LibreAcces_Personne_activite_${name.replaceAll('-', '')}0812.txt`, lines: 2_300_412, persons: 1_802_117, extracted_at: hour(8, 12), imported_at: hour(9, 41), rejected: 3 }
}

export function heldVersion(clock: Clock): Api['RegisterVersion'] {
  return { ...version(clock, '2026-11-22', 0), lines: 2_041_880, persons: 1_598_204, rejected: 41 }
}

export function firstRegister(souls: Soul[], clock: Clock): RegisterState {
  const linked = souls.filter(({ rpps }) => rpps)
  const told: [kind: string, was: string, became: string][] = [
    ['activity_ended', 'CH de Valmont', ''], ['name', '', '-BLANC'], ['profession', 'Infirmier', 'Infirmier en pratique avancée'], ['absent', '10 004 417 208', ''], ['merged', '10 003 918 440', '10 003 918 432'], ['activity_begun', '', 'CH de Valmont'],
  ]
  const change = ([kind, was, became]: (typeof told)[number], index: number): Api['RegisterChange'][] => {
    const one = linked[(index * 17 + 5) % Math.max(1, linked.length)]
    const seen = index === 5
    // A new name begins with the one that she had.
    const own = kind === 'name' && one ? one.row.family.toUpperCase() : ''
    return one ? [{ id: uuid(), person_id: one.row.id, display_name: shownName(one), kind, was: own + was, became: own + became, told_by: index % 2 ? 'fhir' : 'extract', seen_at: clock.ago(3 * 1440 + index * 700), settled_at: seen ? clock.ago(900) : null, settled_by: seen ? 'H. Blanc' : null }] : []
  }
  return { held: null, changes: told.flatMap(change), verified: [] }
}

function due({ souls, clock, register }: State, within: number): Api['DueLink'][] {
  return souls
    .filter(({ rpps }) => rpps)
    .slice(0, 40)
    .map((one, index): Api['DueLink'] => ({
      person_id: one.row.id, identity_id: `0193a5b0-7777-7000-8000-${one.rpps ?? ''}`.padEnd(36, '0').slice(0, 36), display_name: shownName(one), id_nat: `8${one.rpps ?? ''}`, channel: index % 3 ? 'register_match' : 'hr_declared_checked', verified_at: clock.ago((735 - index * 6) * 1440), next_check: clock.day(index * 6 - 5),
      overdue: index * 6 < 5, register_name: index === 3 ? null : shownName(one),
    }))
    .filter((_, index) => index * 6 - 5 <= within)
    .filter(({ identity_id }) => !register.verified.includes(identity_id))
}

const roles: Record<string, string> = { 'Secrétaire médical': '331', 'Aide-soignant': '313', Brancardier: '360' }
const reasons = ['not_registered', 'not_registered', 'no_activity_here', 'role_differs', 'not_in_register'] as const

function worklist({ souls }: State): Api['ToRegister'][] {
  return souls
    .filter(({ rpps, row }) => !rpps && row.function && row.function in roles)
    .slice(0, 18)
    .map((one, index): Api['ToRegister'] => {
      const reason = reasons[index % reasons.length] ?? 'not_registered'
      return { person_id: one.row.id, display_name: shownName(one), matricule: one.row.matricules[0] ?? '', function: one.row.function ?? null, role: roles[one.row.function ?? ''] ?? null, id_nat: reason === 'not_registered' ? null : `810${String(100_000_000 + index * 7919)}`, reason }
    })
}

function group(name: string, reached: number, of: number): Api['IndicatorGroup'] {
  return { group: name, reached, of }
}

/** The questions of the queue that a link would settle. */
function waiting({ cases }: State): number {
  return cases.filter(({ kind, state }) => kind === 'national_identity' && state === 'open').length
}

function coverage(state: State): Api['Coverage'] {
  const count = waiting(state)
  return {
    as_of: state.clock.day(0), staff: 4812, concerned: 2610, declared: 1874, to_decide: count, missing: 2610 - 2555 - count,
    linked: [{ channel: 'credential_proved', count: 212 }, { channel: 'human_decided', count: 96 }, { channel: 'hr_declared_checked', count: 1602 }, { channel: 'register_match', count: 645 }],
    by_profession: [group('Orthophoniste', 2, 4), group('Manipulateur ERM', 41, 44), group('Pharmacien', 31, 33), group('Infirmier', 1521, 1561), group('Médecin', 611, 618), group('Masseur-kinésithérapeute', 84, 85), group('Sage-femme', 102, 102), group('Biologiste', 24, 24), group('Diététicien', 18, 18), group('Ergothérapeute', 16, 16), group('Psychologue', 34, 34), group('Opticien', 8, 8), group('Chirurgien-dentiste', 24, 24), group('Audioprothésiste', 39, 39)],
    by_unit: [group('Bloc opératoire', 176, 200), group('Imagerie', 62, 68), group('Cardiologie 3A', 152, 159), group('Pharmacie', 31, 32), group('Médecine 1', 236, 241), group('Urgences', 203, 207), group('Médecine 2', 234, 238), group('Gériatrie', 280, 284), group('Maternité', 118, 118), group('Pédiatrie', 214, 214), group('Réanimation', 186, 186), group('Chirurgie', 262, 262), group('Rééducation', 167, 167), group('Hôpital de jour', 234, 234)],
    waiting: [{ age: 'under_a_day', count: Math.min(4, count) }, { age: 'under_a_week', count: Math.max(0, count - 4) }, { age: 'under_a_month', count: 0 }, { age: 'older', count: 0 }],
  }
}

function indicators({ clock }: State): Api['Indicators'] {
  return {
    as_of: clock.day(0),
    items: [
      { id: 'I-01', reached: 2604, of: 2610, by: [group('RH', 2604, 2610)] },
      { id: 'I-02', reached: 2555, of: 2610, by: [] },
      { id: 'I-03', reached: 2548, of: 2555, by: [] },
    ],
    scope: ['750000018'],
    version: '0.1.0',
    register: 'PS_LibreAcces_Personne_activite_202611190600.txt',
    feeds: [{ source: 'RH', records: 2610, digest: '7d1f'.repeat(16), applied_on: clock.day(0) }],
    digest: '3b9a'.repeat(16),
  }
}

export function registerRoutes(routes: Routes, state: State) {
  const { clock, register } = state
  const accord = () => json({ id: uuid(), until: clock.ago(-15) }, 202)
  routes
    .on('GET', '/register', () => json({ current: state.nothingYet ? null : version(clock, '2026-11-19', 3), previous: { ...version(clock, '2026-11-12', 10), lines: 2_297_904, persons: 1_800_356 }, held: register.held, held_changes: register.held && { followed: 2555, professions: 61, names: 14, missing: 0 }, age_days: 3, limit_days: 7, unit_changes: 3, links: 2555, to_decide: waiting(state), last_reconciled_at: clock.ago(3 * 1440 - 95), health: state.nothingYet ? 'never' : 'warning' }))
    .on('POST', '/register/reconcile', () => json({ job_id: startJob(state, 'register_reconcile', state.souls.length, 'persons').id }, 202))
    .on('POST', '/register/refresh', () => json({ job_id: startJob(state, 'register_import', 2_300_000, 'lines').id }, 202))
    .on('POST', '/register/accept', accord)
    .on('POST', '/register/dismiss', accord)
    .on('GET', '/register/coverage', () => json(coverage(state)))
    .on('GET', '/register/indicators', () => json(indicators(state)))
    .on('GET', '/register/changes', (call) => json({ items: register.changes.filter((one) => Boolean(one.settled_at) === (call.query.get('settled') === 'true')) }))
    .on('POST', '/register/changes/{id}/settle', (call) => {
      const one = register.changes.find(({ id }) => id === call.path['id'])
      if (!one) return problem(404, 'not_found')
      const settled = !one.settled_at
      if (settled) Object.assign(one, { settled_at: clock.ago(0), settled_by: 'L. Delmas' })
      return json({ settled })
    })
    .on('GET', '/register/due', (call) => json({ items: state.nothingYet ? [] : due(state, Number(call.query.get('within_days') ?? 0)) }))
    .on('POST', '/people/{id}/national-identities/{identity}/verify', (call) => {
      const one = state.souls.find(({ row }) => row.id === call.path['id'])
      if (!one) return problem(404, 'link_unknown')
      register.verified.push(call.path['identity'] ?? '')
      return json(person(state, one))
    })
    .on('GET', '/register/worklist', () => json({ items: worklist(state) }))
}
