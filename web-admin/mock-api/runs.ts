import type { Api } from '../src/api/types.ts'
import { json, page, problem, type Call, type Routes } from './http.ts'
import type { State } from './state.ts'
import { ref, uuid, type Clock, type Soul } from './world.ts'

/** A line of a plan, with the folded line it belongs to. */
export interface PlanLine {
  item: Api['RunItem']
  members: Api['RunItem'][]
}

const mapping: Api['MappingColumn'][] = [
  { column: 'MATRICULE', to: 'matricule', transform: 'text', required: true, samples: ['212094', '097512', '198120'] },
  { column: 'NOM_USAGE', to: 'usage_family', transform: 'uppertrim', required: false, samples: ['MARTIN', 'L’HÔTE', 'EL AMRI'] },
  { column: 'NOM_NAISSANCE', to: 'birth_family', transform: 'uppertrim', required: false, samples: ['DURAND', '', 'EL AMRI'] },
  { column: 'PRENOMS', to: 'given', transform: 'text', required: false, samples: ['Marie', 'Anaïs', 'Sana'] },
  { column: 'DT_NAISSANCE', to: 'birth_date', transform: 'datefr', required: false, samples: ['14/02/1988', '02/09/1971'] },
  { column: 'UF', to: 'unit_code', transform: 'text', required: false, samples: ['3412', '6010'] },
  { column: 'DT_FIN', to: 'ends_on', transform: 'datefr', required: false, samples: ['31/03/2027', ''] },
]

/** As the text writes what the API says in one word. */
const rules: Record<string, string> = { uppertrim: 'upper_trim', datefr: 'date_fr' }

/** The text of each version: the second named another column, the first had no birth name. */
export function mappingText(version: number): string {
  const lines = mapping.filter(({ to }) => version > 1 || to !== 'birth_family').map(({ column, to, transform }) => `[[field]]\ncolumn = "${version === 2 && to === 'matricule' ? 'MATR_AGENT' : column}"\nto = "${to}"\ntransform = "${rules[transform] ?? transform}"\n`)
  return ['[source]\nname = "RH"\nkind = "hr_csv"\npath = "/var/lib/hygie/depot/rh.csv"\ndelimiter = ";"\n', ...lines].join('\n')
}

function changeMapping(state: State, one: Api['Source'], call: Call): Response {
  const toml = String(call.body['toml'])
  if (state.confirmed.asked && !state.confirmed.acts.includes('change_mapping')) return problem(403, 'confirmation_required', { params: { act: 'change_mapping' } })
  if (call.headers.get('if-match') !== one.etag) return problem(412, 'stale', { current: one })
  if (!toml.includes('name = "RH"')) return problem(422, 'fields', { fields: [{ field: 'toml', code: 'other_source' }] })
  const broken = toml.split('\n').findIndex((line) => line.split('"').length % 2 === 0)
  if (broken >= 0) return problem(422, 'fields', { fields: [{ field: 'toml', code: 'malformed', params: { reason: `ligne ${broken + 1} : un guillemet manque` } }] })
  const version = (one.mapping?.version ?? 0) + 1
  one.mapping = { version, saved_at: state.clock.ago(0), saved_by: 'L. Delmas', toml, columns: one.mapping?.columns ?? [] }
  one.etag = `"${version}"`
  state.versions.unshift({ version, saved_at: state.clock.ago(0), saved_by: 'L. Delmas', toml })
  return json(one, 200, { etag: one.etag })
}

export function firstVersions(clock: Clock): Api['MappingVersion'][] {
  return [3, 2, 1].map((version) => ({ version, saved_at: clock.ago(40_000 * (4 - version)), saved_by: version === 2 ? 'M. Roy' : 'L. Delmas', toml: mappingText(version) }))
}

export function firstSources(clock: Clock): Api['Source'][] {
  const brakes: Api['BrakeSetting'][] = [
    { kind: 'create', limit: 150, unit: 'persons', scope: 'source' },
    { kind: 'close', limit: 60, unit: 'persons', scope: 'source' },
    { kind: 'close', limit: 30, unit: 'percent', scope: 'unit' },
    { kind: 'change', limit: 2000, unit: 'persons', scope: 'source' },
  ]
  const shared = { applies_alone: false, brakes, warnings: [], etag: '"3"', waiting_run_id: null, unreachable_since: null }
  return [
    { ...shared, id: uuid(), name: 'RH', kind: 'hr_csv', health: 'ok', last_good_at: clock.at(5), lines: 12_041, usual_low: 11_980, usual_high: 12_100, next_at: clock.ago(-15 * 60), location: '/var/lib/hygie/depot/rh.csv', mapping: { version: 3, saved_at: clock.ago(40_000), saved_by: 'L. Delmas', toml: mappingText(3), columns: mapping } },
    { ...shared, id: uuid(), name: 'AD', kind: 'active_directory', health: 'ok', last_good_at: clock.ago(4), lines: 11_870, usual_low: 11_800, usual_high: 11_900, next_at: clock.ago(-11), location: 'ldaps://dc1.hopital.test:636', mapping: null, applies_alone: true, warnings: [] },
    { ...shared, id: uuid(), name: 'Annuaire Santé', kind: 'register', health: 'warning', last_good_at: clock.ago(3 * 1440), lines: 2_300_412, usual_low: 2_290_000, usual_high: 2_310_000, next_at: clock.ago(-600), location: 'PS_LibreAcces_Personne_activite_202611190812.txt', mapping: null, brakes: [] },
  ]
}

export function firstRun(clock: Clock, [hr]: Api['Source'][]): Api['Run'] {
  const run: Api['Run'] = {
    id: uuid(), source_id: hr?.id ?? '', source_name: 'RH', source_kind: 'hr_csv', state: 'waiting', etag: '"1"', started_at: clock.at(5), finished_at: clock.at(5, 0, 4), took_ms: 4120,
    lines: 12_041, usual_low: 11_980, usual_high: 12_100, rejected: 0, complete: true, counts: { create: 12, change: 473, close: 61, reopen: 3, conflict: 2, doubt: 1 },
    brakes: [
      { kind: 'create', value: 12, limit: 150, unit: 'persons', over: false },
      { kind: 'close', value: 61, limit: 60, unit: 'persons', over: true, where: '3412', where_value: 26, where_total: 65 },
      { kind: 'change', value: 473, limit: 2000, unit: 'persons', over: false },
    ],
    faults: [], problem: null, stale: false, data_version: '41', aside_by_default: 4, kept_by_default: { create: 12, change: 473, close: 60, reopen: 3, conflict: 0, doubt: 0 }, job_id: null, second_approval: true, approved_by: null, applied: null, by: null, mine: false, released_by_me: false,
  }
  if (hr) hr.waiting_run_id = run.id
  return run
}

function reason(code: string, text: string, params: Record<string, string> = {}): Api['Reason'] {
  return { code, text, params }
}

export function planOf(souls: Soul[], clock: Clock): PlanLine[] {
  const at = (index: number) => souls[index % souls.length] ?? souls[0]
  const end = clock.day(0)
  let next = 40
  const line = (kind: Api['ItemKind'], changes: Api['FieldChange'][], why: Api['Reason'], more: Partial<Api['RunItem']> = {}): Api['RunItem'] => {
    const one = at(next++)
    return { id: uuid(), kind, person: one ? ref(one) : null, line: 1000 + next * 7, changes, reason: why, pattern_key: null, pattern_count: 1, sample: [], sources: ['RH'], selected: true, open_sessions: 0, case_id: null, ...more }
  }
  const folded = (kind: Api['ItemKind'], count: number, key: string, changes: Api['FieldChange'][], why: Api['Reason'], unit?: string): PlanLine => {
    const item = line(kind, changes, why, { person: null, line: null, pattern_key: key, pattern_count: count })
    const members = Array.from({ length: count }, () => line(kind, changes, why, { pattern_key: key }))
    item.sample = members.slice(0, 3).map(({ person }) => ({ person, name: person ? `${person.family.toUpperCase()} ${person.given}` : '', unit: unit ?? souls.find(({ row }) => row.id === person?.id)?.row.unit ?? null }))
    return { item, members }
  }
  const alone = (item: Api['RunItem']): PlanLine => ({ item, members: [] })
  const over = reason('post_ends', 'Ligne 4 812, colonne DT_FIN = 22/11/2026', { column: 'DT_FIN', value: '22/11/2026', rule: 'Fin d’affectation', version: '3' })
  const ana = souls.find((one) => one.row.given === 'Ana' && one.row.family === 'Bernard')
  const linh = { id: uuid(), family: 'Nguyen', given: 'Linh', sex: 'female' as const }
  const luc = souls.find((one) => one.row.given === 'Luc' && one.row.family === 'Petit')
  return [
    alone(line('doubt', [{ field: 'label', before: null, after: 'LEROY Camille' }], reason('two_records', 'Deux fiches chez nous portent ce nom et cette date de naissance.'), { person: null, selected: false })),
    alone(line('conflict', [{ field: 'mail', before: 'a.faure@ch-valmont.example', after: 'l.faure@ch-valmont.example' }], reason('mails_swapped', 'Deux personnes échangent leurs adresses.'), { selected: false })),
    alone(line('conflict', [{ field: 'mail', before: 'l.faure@ch-valmont.example', after: 'a.faure@ch-valmont.example' }], reason('mails_swapped', 'Deux personnes échangent leurs adresses.'), { selected: false })),
    alone(line('close', [{ field: 'post_end', before: null, after: end }], over, { person: ana ? ref(ana) : null, line: 4812, open_sessions: 1, selected: false })),
    folded('close', 23, 'close:post_end:3412', [{ field: 'post_end', before: null, after: end }], over, '3412'),
    folded('close', 37, 'close:contract', [{ field: 'contract_end', before: null, after: clock.day(-1) }], over),
    alone(line('create', [{ field: 'function', before: null, after: 'Infirmière' }, { field: 'unit', before: null, after: '3412' }], reason('unknown_matricule', 'Matricule inconnu, aucun nom proche chez nous.'), { person: linh, sources: ['RH', 'AD'] })),
    folded('create', 11, 'create:interne', [{ field: 'function', before: null, after: 'Interne' }], reason('unknown_matricule', 'Matricule inconnu, aucun nom proche chez nous.')),
    folded('reopen', 3, 'reopen:leave', [{ field: 'post_start', before: null, after: clock.day(1) }], reason('back_from_leave', 'Une affectation reprend.')),
    folded('change', 412, 'change:unit_name:3412', [{ field: 'unit_name', before: 'Cardio', after: 'Cardiologie' }], reason('value_changed', 'La RH possède ce champ.'), '3412'),
    alone(line('change', [{ field: 'post_end', before: clock.day(39), after: clock.day(220) }], reason('value_changed', 'La RH possède ce champ.'), { person: luc ? ref(luc) : null })),
    ...Array.from({ length: 60 }, (_, index) => alone(line('change', [{ field: 'function', before: 'Infirmier', after: index % 2 ? 'Cadre de santé' : 'Infirmier de bloc' }], reason('value_changed', 'La RH possède ce champ.')))),
  ]
}

function items({ plan }: State, call: Call): Api['RunItem'][] {
  const kind = call.query.get('kind')
  const pattern = call.query.get('pattern')
  const sample = Number(call.query.get('sample') ?? 0)
  if (pattern) return plan.find((line) => line.item.pattern_key === pattern)?.members ?? []
  if (sample) return plan.flatMap((line) => (line.members.length ? line.members.slice(0, 2) : [line.item])).filter((_, index) => index % 7 === 0).slice(0, sample)
  return plan.map((line) => line.item).filter((item) => !kind || kind.split(',').includes(item.kind))
}

/** A job that moves each time it is looked at. */
export function startJob(state: State, kind: Api['JobKind'], total: number, unit: Api['JobUnit'], runId?: string): Api['Job'] {
  const job: Api['Job'] = { id: uuid(), kind, state: 'running', step: null, done: Math.round(total / 2), total, unit, rate: total / 10, remaining_s: 5, started_at: state.clock.ago(0), finished_at: null, label: null, run_id: runId ?? null, resumable: false, problem: null, result: null }
  state.jobs.unshift(job)
  return job
}

export function advance(job: Api['Job']): Api['Job'] {
  if (job.state === 'running') {
    job.done = Math.min(job.total ?? 0, job.done + Math.ceil((job.total ?? 0) / 4))
    job.remaining_s = Math.max(0, (job.remaining_s ?? 0) - 2)
    if (job.done >= (job.total ?? 0)) job.state = 'done'
  }
  return { ...job }
}

/** A second person let it go. */
export function letGo(run: Api['Run'] | undefined) {
  if (run) Object.assign(run, { approved_by: 'M. Roy', second_approval: false })
}

function apply(state: State, call: Call): Response {
  if (state.confirmed.asked && !state.confirmed.acts.includes('apply_plan')) return problem(403, 'confirmation_required', { params: { act: 'apply_plan' } })
  const run = state.runs.find((one) => one.id === call.path['id'])
  if (!run) return problem(404, 'run_unknown')
  if (run.stale || call.body['data_version'] !== run.data_version) return problem(412, 'plan_stale')
  const selection = call.body['selection'] as { all?: true; except?: string[]; items?: string[] }
  const appliable = (item: Api['RunItem']) => item.kind !== 'doubt' && item.kind !== 'conflict'
  const kept = (item: Api['RunItem']) => appliable(item) && (selection.all ? !selection.except?.includes(item.id) : Boolean(selection.items?.includes(item.id)))
  const over = run.brakes.find((brake) => brake.over)
  // Whatever of it is kept: what is held was computed whole.
  if (over && run.released_by_me) return problem(409, 'same_person_approves')
  if (over && run.second_approval) return problem(409, 'brake_needs_second_approval', { params: { count: String(over.value), limit: String(over.limit) } })
  let applied = 0
  for (const { item } of state.plan) {
    item.result = kept(item) ? 'applied' : 'aside'
    if (item.result === 'applied') applied += item.pattern_count
  }
  run.state = 'applied'
  run.applied = { applied, aside: 552 - applied, failed: 0 }
  return json({ job_id: startJob(state, 'plan_apply', applied, 'persons', run.id).id }, 202)
}

export function runRoutes(routes: Routes, state: State) {
  const find = (call: Call) => state.runs.find((one) => one.id === call.path['id'])
  const source = (call: Call) => state.sources.find((one) => one.id === call.path['id'])
  const summary = (one: Api['Source']): Api['SourceSummary'] => ({ ...one, last_run_id: state.runs.find((run) => run.source_id === one.id)?.id ?? null, last_run_state: state.runs.find((run) => run.source_id === one.id)?.state ?? null })
  routes
    .on('GET', '/sources', () => json({ items: state.sources.map(summary) }))
    .on('GET', '/sources/{id}', (call) => { const one = source(call); return one ? json(one) : problem(404, 'source_unknown') })
    .on('PUT', '/sources/{id}/mapping', (call) => { const one = source(call); return one ? changeMapping(state, one, call) : problem(404, 'source_unknown') })
    .on('GET', '/sources/{id}/versions', (call) => json({ items: source(call)?.mapping ? state.versions : [] }))
    .on('GET', '/sources/{id}/runs', (call) => json(page((state.nothingYet ? [] : state.runs).filter((run) => run.source_id === call.path['id']), call)))
    .on('POST', '/sources/{id}/preview', (call) => {
      const one = source(call)
      const [first] = state.runs
      if (!one || !first) return problem(404, 'source_unknown')
      const job = startJob(state, 'source_preview', one.lines ?? 0, 'lines', first.id)
      return json({ run_id: first.id, job_id: job.id }, 202)
    })
    .on('GET', '/runs/{id}', (call) => { const run = find(call); return run ? json(run, 200, { etag: run.etag }) : problem(404, 'run_unknown') })
    .on('GET', '/runs/{id}/items', (call) => json(page(items(state, call), call)))
    .on('POST', '/runs/{id}/apply', (call) => apply(state, call))
    .on('POST', '/runs/{id}/release', (call) => {
      const run = find(call)
      if (!run) return problem(404, 'run_unknown')
      Object.assign(run, { approved_by: 'L. Delmas', second_approval: false, released_by_me: true })
      return json(run)
    })
    .on('POST', '/runs/{id}/dismiss', (call) => {
      const run = find(call)
      if (!run) return problem(404, 'run_unknown')
      run.state = 'dismissed'
      return json(run)
    })
}
