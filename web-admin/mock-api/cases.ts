import type { Api } from '../src/api/types.ts'
import { json, page, problem, type Call, type Routes } from './http.ts'
import type { State } from './state.ts'
import { ref, uuid, type Clock, type Soul } from './world.ts'

type Sign = Api['Sign']

function candidate(letter: string, rpps: string, fields: [string, string | null, string | null, Sign, number][]): Api['Candidate'] {
  return { letter, idnat: `8${rpps}`, rpps, score: fields.reduce((sum, [, , , , weight]) => sum + weight, 0), label: null, struck_off: false, person: null, contributions: fields.map(([field, ours, theirs, sign, weight]) => ({ field, ours, theirs, sign, differs: sign === 'different' || sign === 'near', weight })) }
}

function open(kind: Api['CaseKind'], one: Soul, since: string, more: Partial<Api['CaseView']>): Api['CaseView'] {
  return {
    id: uuid(), etag: '"1"', kind, state: 'open', person: ref(one), source_name: 'RH', line: one.posts[0]?.line ?? null, waiting_since: since, priority: 'normal', threshold: 0.999,
    ours: [], candidates: [], homonyms: [], register_version: '2026-11-19', register_extracted_at: since, decision: null, decided_by: null, decided_at: null, note: null, field: null, assigned_to: null, two_people: false, waiting_accord: null, ...more,
  }
}

function ours(one: Soul): Api['CaseField'][] {
  const { row } = one
  return [
    { field: 'exercise_name', value: row.family.toUpperCase() },
    { field: 'birth_name', value: (row.birth_family ?? row.family).toUpperCase() },
    { field: 'given_names', value: row.given },
    { field: 'birth_date', value: one.birth },
    { field: 'profession', value: 'Infirmier' },
    { field: 'place', value: 'CH de Valmont' },
  ]
}

function marieMartin(one: Soul, twin: Soul | undefined, since: string): Api['CaseView'] {
  const born = one.birth
  return open('national_identity', one, since, {
    line: 4812,
    ours: ours(one),
    homonyms: twin ? [{ person: { ...ref(twin), birth_date: twin.birth }, function: twin.row.function ?? null, unit_name: twin.row.unit_name ?? null }] : [],
    candidates: [
      candidate('A', '99903456789', [['exercise_name', 'MARTIN', 'MARTIN', 'equal', 0.38], ['birth_name', 'DURAND', null, 'absent', 0], ['given_names', 'Marie', 'Marie', 'equal', 0.23], ['birth_date', born, null, 'absent', 0], ['profession', 'Infirmier', 'Infirmier', 'equal', 0.17], ['place', 'CH de Valmont', 'CH de Valmont', 'equal', 0.2], ['homonyms', null, null, 'different', -0.04]]),
      candidate('B', '99909876543', [['exercise_name', 'MARTIN', 'MARTIN', 'equal', 0.38], ['birth_name', 'DURAND', null, 'absent', 0], ['given_names', 'Marie', 'Marie-Anne', 'near', 0.05], ['birth_date', born, null, 'absent', 0], ['profession', 'Infirmier', 'Infirmier', 'equal', 0.05], ['place', 'CH de Valmont', 'CHU des Trois-Vals', 'different', -0.17]]),
      candidate('C', '99905550001', [['exercise_name', 'MARTIN', 'MARTIN-ROUX', 'different', -0.05], ['birth_name', 'DURAND', null, 'absent', 0], ['given_names', 'Marie', 'Marie', 'equal', 0.12], ['birth_date', born, null, 'absent', 0], ['profession', 'Infirmier', 'Pharmacien', 'different', -0.17], ['place', 'CH de Valmont', 'CH de Valmont', 'equal', 0.15]]),
    ],
  })
}

export function firstCases(souls: Soul[], clock: Clock): Api['CaseView'][] {
  const pick = (matricule: string) => souls.find((one) => one.row.matricules[0] === matricule)
  const at = (index: number): Soul => souls[index] ?? (souls[0] as Soul)
  const marie = pick('212094') ?? at(1)
  const simple = (one: Soul, minutes: number, count: number) => {
    const name = one.row.family.toUpperCase()
    const letters = ['A', 'B', 'C'].slice(0, count)
    return open('national_identity', one, clock.ago(minutes), {
      ours: ours(one),
      candidates: letters.map((letter, index) => candidate(letter, `9990${5_100_000 + index}`, [['exercise_name', name, name, 'equal', 0.4], ['birth_name', name, null, 'absent', 0], ['given_names', one.row.given, one.row.given, 'equal', 0.3], ['birth_date', one.birth, null, 'absent', 0], ['profession', 'Infirmier', index ? 'Médecin' : 'Infirmier', index ? 'different' : 'equal', index ? -0.1 * index : 0.1], ['place', 'CH de Valmont', 'CHU des Trois-Vals', 'different', -0.1]])),
    })
  }
  const clash = open('conflict', marie, clock.ago(1500), {
    field: 'given_names',
    ours: [{ field: 'given_names', value: 'Marie', source_name: 'RH' }],
    candidates: [{ ...candidate('A', '', [['given_names', 'Marie', 'Marie-Ange', 'near', 0]]), idnat: '', rpps: null, label: 'AD' }],
  })
  const double = open('duplicate', at(60), clock.ago(540), {
    ours: ours(at(60)),
    candidates: [{ ...candidate('A', '', ours(at(60)).map(({ field, value }): [string, string | null, string | null, Sign, number] => [field, value ?? null, value ?? null, 'equal', 0.1])), idnat: '', rpps: null, label: null, person: ref(at(61)) }],
  })
  return [simple(at(80), 8700, 2), simple(at(30), 5900, 2), marieMartin(marie, pick('097512'), clock.ago(2900)), simple(at(120), 2880, 1), clash, simple(at(140), 1450, 1), double, simple(at(200), 320, 3), simple(at(210), 30, 0)]
}

function row(one: Api['CaseView']): Api['CaseRow'] {
  return { id: one.id, kind: one.kind, state: one.state, person: one.person, candidates: one.candidates.length, waiting_since: one.waiting_since, priority: one.priority, field: one.field ?? null, assigned_to: one.assigned_to ?? null }
}

/** A change of a case moves its version. */
export function move(one: Api['CaseView']) {
  one.etag = `"${Number(one.etag.replaceAll('"', '')) + 1}"`
}

function decide(state: State, call: Call): Response {
  const one = state.cases.find((each) => each.id === call.path['id'])
  if (!one) return problem(404, 'case_unknown')
  if (one.state === 'decided') return problem(409, 'case_decided', { params: { by: 'H. Blanc' } })
  if (call.headers.get('if-match') && call.headers.get('if-match') !== one.etag) return problem(412, 'case_stale')
  const decision = call.body['decision'] as Api['Decision']
  if ((decision === 'link' || decision === 'same_person') && !call.headers.get('if-match')) return problem(428, 'version_required')
  if (decision.startsWith('take_')) return problem(409, 'decision_does_not_fit')
  if ((decision === 'link' || decision === 'same_person') && !call.body['evidence']) return problem(422, 'evidence_required')
  if (one.two_people && decision === 'link') {
    if (one.waiting_accord) return problem(409, 'accord_waits')
    const asked = { id: uuid(), asked_by: 'L. Delmas', asked_at: state.clock.ago(0), until: state.clock.ago(-1440), mine: true }
    one.waiting_accord = { ...asked, candidate: String(call.body['candidate']), evidence: String(call.body['evidence']) }
    state.accords.push({ ...asked, act: 'link_identity', subject: one.person.id, person_name: `${one.person.family.toUpperCase()} ${one.person.given}`, case_id: one.id, case_kind: one.kind })
    return json({ case_id: one.id, state: one.state, undo_until: null, next_case_id: state.cases.find((each) => each.state === 'open' && each !== one)?.id ?? null, accord: { id: asked.id, until: asked.until } })
  }
  one.decision = decision
  one.state = decision === 'ask_hr' || decision === 'wait_card' ? decision : 'decided'
  one.decided_by = 'L. Delmas'
  one.decided_at = one.state === 'decided' ? state.clock.ago(0) : null
  one.note = (call.body['note'] as string | undefined) ?? null
  move(one)
  const soul = state.souls.find((each) => each.row.id === one.person.id)
  if (soul && decision === 'link') {
    soul.row.national_identity = 'verified'
    soul.rpps = one.candidates.find((each) => each.letter === call.body['candidate'])?.rpps ?? null
  }
  const next = state.cases.find((each) => each.state === 'open')
  return json({ case_id: one.id, state: one.state, undo_until: decision === 'link' ? null : state.clock.ago(-15), next_case_id: next?.id ?? null })
}

/** Who may be given a question; the first one is who works at this console. */
const deciders: Api['Assignee'][] = [
  { id: '0193a5b0-1111-7000-8000-000000000002', name: 'DELMAS Lou' },
  { id: '0193a5b0-1111-7000-8000-000000000003', name: 'BLANC Hélène', birth_date: '1981-03-12' },
  { id: '0193a5b0-1111-7000-8000-000000000004', name: 'BLANC Hélène', birth_date: '1990-11-02' },
]

function assign(state: State, call: Call): Response {
  const { cases: ids, to } = call.body as unknown as Api['AssignRequest']
  const given = state.cases.filter((one) => ids.includes(one.id))
  if (given.length !== ids.length) return problem(404, 'case_unknown')
  if (to && !deciders.some(({ id }) => id === to)) return problem(422, 'fields', { fields: [{ field: 'to', code: 'unknown' }] })
  const items = given.map((one): Api['AssignedCase'] => {
    const before = one.assigned_to?.id ?? null
    one.assigned_to = deciders.find(({ id }) => id === to) ?? null
    move(one)
    return { id: one.id, etag: one.etag, before }
  })
  return json({ items })
}

function isFor(one: Api['CaseView'], asked: string | null): boolean {
  const owner = one.assigned_to?.id
  return !asked || (asked === 'nobody' ? !owner : owner === (asked === 'me' ? deciders[0]?.id : asked))
}

export function caseRoutes(routes: Routes, state: State) {
  routes
    .on('GET', '/cases', (call) => {
      const kind = call.query.get('kind')
      const wanted = call.query.get('state') ?? 'open'
      const rows = state.cases.filter((one) => (!kind || one.kind === kind) && one.state === wanted && isFor(one, call.query.get('assigned'))).map(row)
      const last = state.cases.find((one) => one.decided_at)
      return json({ ...page(rows, call), last_decided: last?.decided_at ? { at: last.decided_at, by: last.decided_by ?? '' } : { at: state.clock.ago(1200), by: 'H. Blanc' } })
    })
    .on('GET', '/cases/assignees', () => json({ items: deciders }))
    .on('POST', '/cases/assign', (call) => assign(state, call))
    .on('GET', '/cases/{id}', (call) => {
      const one = state.cases.find((each) => each.id === call.path['id'])
      return one ? json(one, 200, { etag: one.etag }) : problem(404, 'case_unknown')
    })
    .on('POST', '/cases/{id}/decision', (call) => decide(state, call))
    .on('POST', '/cases/{id}/undo', (call) => {
      const one = state.cases.find((each) => each.id === call.path['id'])
      if (!one) return problem(404, 'case_unknown')
      one.state = 'open'
      one.decision = null
      one.decided_at = null
      one.decided_by = null
      one.note = null
      move(one)
      return json(one)
    })
}
