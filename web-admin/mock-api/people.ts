import type { Api } from '../src/api/types.ts'
import { empty, json, page, problem, type Call, type Routes } from './http.ts'
import type { State } from './state.ts'
import { fold, ref, uuid, type Soul } from './world.ts'

function has(list: string | null, value: string | null | undefined): boolean {
  return !list || list.split(',').includes(value ?? '')
}

function answers(query: URLSearchParams, { row, posts }: Soul, now: Date): boolean {
  const asked = fold(query.get('q') ?? '').split(' ').filter(Boolean)
  const text = fold(`${row.family} ${row.birth_family ?? ''} ${row.given} ${row.matricules.join(' ')}`)
  const days = query.get('contract_ending_days')
  const left = row.contract_end ? (new Date(row.contract_end).getTime() - now.getTime()) / 86_400_000 : Infinity
  const kinds = row.means.map((one) => one.kind)
  const means = query.get('means')
  return (
    asked.every((word) => text.includes(word)) &&
    has(query.get('state'), row.state) &&
    has(query.get('unit'), row.unit) &&
    has(query.get('site'), row.site_name) &&
    has(query.get('function'), row.function) &&
    has(query.get('identity'), row.national_identity) &&
    (!means || (means === 'none' ? kinds.length === 0 : kinds.some((kind) => has(means, kind)))) &&
    has(query.get('contract'), posts[0]?.contract) &&
    (!query.get('dormant_days') || !row.last_login_at || now.getTime() - new Date(row.last_login_at).getTime() > Number(query.get('dormant_days')) * 86_400_000) &&
    (!query.get('ids') || has(query.get('ids'), row.id)) &&
    (!days || left <= Number(days)) &&
    (query.get('account_over') !== 'true' || left < 0.5)
  )
}

/** The orders that the appliance knows; it refuses any other. */
const sorts: Record<string, keyof Api['PersonRow']> = { name: 'family', function: 'function', unit: 'unit_name', contract_end: 'contract_end', state: 'state', matricule: 'matricules', identity: 'national_identity', last_login: 'last_login_at' }

function knownSort(call: Call): boolean {
  const asked = call.query.get('sort')
  return !asked || asked.replace(/^-/, '') in sorts
}

function sorted(souls: Soul[], sort: string | null): Soul[] {
  if (!sort || sort === 'name') return souls
  const down = sort.startsWith('-')
  const key = sorts[sort.replace('-', '')] ?? 'family'
  const value = ({ row }: Soul) => String(row[key] ?? '')
  const list = [...souls].sort((left, right) => value(left).localeCompare(value(right), 'fr'))
  return down ? list.reverse() : list
}

function letters(souls: Soul[]): Api['Letter'][] {
  const seen = new Map<string, number>()
  souls.forEach(({ row }, index) => {
    const letter = fold(row.family)[0] ?? '#'
    if (!seen.has(letter)) seen.set(letter, index)
  })
  return [...seen].map(([letter, index]) => ({ letter, cursor: String(index) }))
}

/** What columns tell besides, to whoever asks for them and to nobody else. */
function told(one: Soul, columns: string | null): Api['PersonRow'] {
  const asked = (name: string) => columns?.split(',').includes(name)
  return {
    ...one.row,
    birth_date: asked('birth_date') ? one.birth : one.row.birth_date ?? null,
    entity: asked('entity') ? 'CH de Valmont' : null,
    sources: asked('sources') ? ['AD', 'RH'] : null,
    accounts: asked('accounts') ? (one.mail ? [{ login: one.mail.split('@')[0] ?? '', enabled: one.row.state !== 'closed' }] : []) : null,
  }
}

function list(state: State, call: Call): Api['PeoplePage'] {
  const found = sorted(state.souls.filter((one) => answers(call.query, one, state.clock.now)), call.query.get('sort'))
  const sort = call.query.get('sort')
  return { ...page(found.map((one) => told(one, call.query.get('columns'))), call), total_all: state.souls.length, letters: !sort || sort === 'name' ? letters(found) : null }
}

function count(values: (string | null | undefined)[], label: (value: string) => string = (value) => value): Api['Facet'][] {
  const counts = new Map<string, number>()
  for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].map(([value, times]) => ({ value, label: label(value), count: times })).sort((left, right) => left.label.localeCompare(right.label, 'fr'))
}

function facets({ souls }: State): Api['PeopleFacets'] {
  const rows = souls.map((one) => one.row)
  const unitNames = new Map(rows.map((row) => [row.unit ?? '', row.unit_name ?? '']))
  return {
    unit: count(rows.map((row) => row.unit), (code) => unitNames.get(code) ?? code),
    site: count(rows.map((row) => row.site_name)),
    entity: [{ value: '990000001', label: 'CH de Valmont', count: rows.length }],
    contract: count(souls.map((one) => one.posts[0]?.contract)),
    function: count(rows.map((row) => row.function)),
    state: count(rows.map((row) => row.state)),
    identity: count(rows.map((row) => row.national_identity)),
    means: count(rows.flatMap((row) => row.means.map((one) => one.kind))),
    source: [{ value: 'RH', label: 'RH', count: rows.length }],
  }
}

function identities(one: Soul, state: State): Api['NationalIdentity'][] {
  if (!one.rpps || one.row.national_identity === 'to_decide') return []
  return [{
    id: one.row.id, idnat: `8${one.rpps}`, rpps: one.rpps, kind: 'rpps', channel: 'register_match', state: one.row.national_identity, evidence: 'register_record', decided_by: null,
    decided_at: state.clock.ago(27_000), verified_at: state.clock.ago(27_000), next_check_at: state.clock.ago(-711 * 1440), register_version: '2026-11-02', score: 0.9998, threshold: 0.999,
    why: { code: 'register_match', text: 'Relié au registre : nom, prénom, profession et lieu d’exercice concordent.', params: {} },
    contributions: [
      { field: 'exercise_name', ours: one.row.family.toUpperCase(), theirs: one.row.family.toUpperCase(), sign: 'equal', differs: false, weight: 12.4 },
      { field: 'given_names', ours: one.row.given, theirs: one.row.given, sign: 'equal', differs: false, weight: 8.6 },
      { field: 'profession', ours: one.row.function ?? '', theirs: one.row.function ?? '', sign: 'equal', differs: false, weight: 4.2 },
      { field: 'place', ours: 'CH de Valmont', theirs: 'CH de Valmont', sign: 'equal', differs: false, weight: 7.9 },
      { field: 'birth_name', ours: one.row.birth_family ?? null, theirs: null, sign: 'absent', differs: false, weight: 0 },
    ],
  }]
}

export function person(state: State, one: Soul): Api['Person'] {
  const { row } = one
  const read = state.clock.at(5)
  const twins = state.souls.filter((other) => other !== one && row.homonym && other.row.homonym && other.row.family === row.family && other.row.given === row.given)
  const value = (field: string, text: string, owner: Api['Owner'], source: string, at: string): Api['OwnedValue'] => ({ field, value: text, owner, source_name: source, read_at: at, line: null })
  const clash = row.matricules[0] === '212094'
  return {
    id: row.id, etag: `"${one.version}"`, family: row.family, birth_family: row.birth_family ?? null, given: row.given, sex: row.sex ?? null, birth_date: one.birth, state: row.state,
    values: [
      value('birth_date', one.birth, 'hr', 'RH', read),
      ...(row.birth_family ? [value('birth_name', row.birth_family.toUpperCase(), 'hr', 'RH', read)] : []),
      ...(one.rpps ? [value('exercise_name', row.family.toUpperCase(), 'register', 'Annuaire Santé', state.clock.ago(3 * 1440))] : []),
      value('matricule', row.matricules.join(', '), 'hr', 'RH', read),
      value('login', one.mail.split('@')[0] ?? '', 'active_directory', 'AD', state.clock.ago(4)),
      value('mail', one.mail, 'active_directory', 'AD', state.clock.ago(4)),
    ],
    clashes: clash ? [{ field: 'given_names', case_id: state.cases[4]?.id ?? null, values: [value('given_names', 'Marie', 'hr', 'RH', read), value('given_names', 'Marie-Ange', 'active_directory', 'AD', state.clock.ago(4))] }] : [],
    posts: one.posts,
    accounts: (state.nothingYet && one === state.souls[0]) || state.merges.some(({ absorbed }) => absorbed === row.id) ? [] : [{ id: row.id, system: 'AD', login: one.mail.split('@')[0] ?? '', state: row.state === 'closed' ? 'disabled' : 'active', linked_by: 'matricule', read_at: state.clock.ago(4), source_name: 'AD', last_change_at: state.clock.ago(9000) }],
    national_identities: identities(one, state), identity_state: row.national_identity,
    open_case_id: state.cases.find((open) => open.person.id === row.id && open.kind === 'national_identity')?.id ?? null,
    means: one.means, sessions: one.sessions,
    merges: merges(state, one),
    homonyms: twins.map((twin) => ({ person: { ...ref(twin), birth_date: twin.birth }, function: twin.row.function ?? null, unit_name: twin.row.unit_name ?? null })),
    why_state: [
      row.state === 'closed'
        ? { code: 'closed', text: 'Fermée.', params: { date: state.clock.day(-3), motive: state.merges.some(({ absorbed }) => absorbed === row.id) ? 'fiches réunies' : 'fin de contrat' } }
        : one.posts.length === 0
          ? { code: 'no_post', text: 'Aucune affectation en cours.', params: {} }
          : { code: 'posts_current', text: '1 affectation en cours.', params: { count: '1', source: 'RH', line: String(one.posts[0]?.line ?? 0) } },
    ],
    applications: [
      { client_id: 'dpi-valmont', name: 'DPI Valmont', ...mayOpen(one), last_opened_at: row.last_login_at ?? null },
      { client_id: 'labo', name: 'Labo', ...mayOpen(one), last_opened_at: one.sessions[0]?.opened_at ?? null },
    ],
    closed_at: null, closes_at: one.closesAt ?? null,
  }
}

/** What the appliance would refuse is not promised. */
function mayOpen({ row, posts }: Soul): Pick<Api['PersonApplication'], 'allowed' | 'reason'> {
  if (row.state === 'closed') return { allowed: false, reason: null }
  return posts.length > 0 ? { allowed: true, reason: null } : { allowed: false, reason: { code: 'no_post', text: 'Aucune affectation n’est connue.', params: {} } }
}

function merges(state: State, one: Soul): Api['PersonMerge'][] {
  return state.merges.flatMap(({ kept, absorbed, ...said }) => {
    const other = state.souls.find(({ row }) => row.id === (kept === one.row.id ? absorbed : kept))
    return other && (kept === one.row.id || absorbed === one.row.id) ? [{ ...said, kept: kept === one.row.id, other: ref(other) }] : []
  })
}

/** The little that the screen shows of it: the posts and numbers go over, the other record closes. */
function merge(state: State, call: Call): Response {
  const asked = call.body as unknown as Api['MergeRequest']
  const [kept, absorbed] = [asked.kept, asked.absorbed].map((id) => state.souls.find(({ row }) => row.id === id))
  if (!kept || !absorbed) return problem(404, 'person_unknown')
  if (state.confirmed.asked && !state.confirmed.acts.includes('merge_people')) return problem(403, 'confirmation_required', { params: { act: 'merge_people' } })
  if (state.merges.some((one) => one.absorbed === absorbed.row.id)) return problem(409, 'person_absorbed')
  if (kept.rpps && absorbed.rpps && kept.rpps !== absorbed.rpps) return problem(409, 'merge_two_numbers')
  // A number of the register passes from one record to the other on two people's word.
  if (kept.rpps || absorbed.rpps) return json({ id: uuid(), until: state.clock.ago(-1440) }, 202)
  state.merges.push({ id: uuid(), kept: kept.row.id, absorbed: absorbed.row.id, merged_at: state.clock.ago(0), evidence: asked.evidence, motive: asked.motive, posts: absorbed.posts })
  kept.posts = [...kept.posts, ...absorbed.posts]
  absorbed.posts = []
  absorbed.row.state = 'closed'
  return json(person(state, kept))
}

function split(state: State, call: Call): Response {
  const found = state.merges.find(({ id }) => id === call.path['id'])
  const [kept, absorbed] = [found?.kept, found?.absorbed].map((id) => state.souls.find(({ row }) => row.id === id))
  if (!found || !kept || !absorbed) return problem(404, 'merge_unknown')
  state.merges = state.merges.filter((one) => one !== found)
  kept.posts = kept.posts.filter((post) => !found.posts.includes(post))
  absorbed.posts = found.posts
  absorbed.row.state = 'active'
  return json(person(state, absorbed))
}

function timeline(state: State, one: Soul): Api['TimelineEntry'][] {
  const { clock } = state
  if (state.nothingYet) return []
  const entry = (at: string, event: string, source: Api['TimelineSource'], more: Partial<Api['TimelineEntry']> = {}): Api['TimelineEntry'] => ({ at, event, source, ...more })
  return [
    ...[51, 47, 40].map((minute, rank) => entry(clock.at(13, minute), 'person_read', 'console', { outcome: 'read', actor: 'L. Delmas', index: 4991 - rank })),
    entry(clock.at(11, 3, 29), 'login_refused', 'login', { index: 4901, outcome: 'refused', reference: '7K3-P2Q', where: 'Console', params: { cause: 'password' } }),
    entry(clock.at(7, 2, 13), 'login_succeeded', 'login', { outcome: 'accepted', where: 'DPI Valmont', index: 4812 }),
    entry(clock.at(5), 'post_changed', 'hr', { index: 4790, before: { contract_end: clock.day(40) }, after: { contract_end: one.row.contract_end ?? clock.day(400) } }),
    entry(clock.ago(3 * 1440), one.rpps ? 'national_identity_verified' : 'case_opened', 'register', { index: 4105 }),
    ...(one.rpps ? [entry(clock.ago(27_000), 'national_identity_linked', 'console', { actor: 'L. Delmas', index: 3120, params: { idnat: `8${one.rpps}` } })] : []),
    entry(clock.ago(60_000), 'person_created', 'hr', { index: 41, params: { source: 'RH' } }),
  ]
}

function found(state: State, call: Call): Soul | undefined {
  return state.souls.find((one) => one.row.id === call.path['id'])
}

/** The same act on several: the ticked ones, or all who answer the filter, when they are still so many. */
function bulk(state: State, call: Call): Response {
  const { action, count, ids, filter, motive } = call.body as unknown as Api['BulkRequest']
  if (action === 'close' && !motive) return problem(422, 'fields', { fields: [{ field: 'motive', code: 'required' }] })
  const asked = new URLSearchParams(Object.entries(filter ?? {}).map(([name, value]): [string, string] => [name, String(value)]))
  const chosen = ids ? state.souls.filter(({ row }) => ids.includes(row.id)) : state.souls.filter((one) => answers(asked, one, state.clock.now))
  if (chosen.length !== count) return problem(412, 'count_moved', { params: { count: String(chosen.length) } })
  const left: Api['LeftAside'][] = []
  let ended = 0
  for (const one of chosen) {
    ended += one.sessions.length
    one.sessions = []
    if (action === 'end_sessions') continue
    if (one.row.state === 'closed') left.push({ person: one.row.id, code: 'person_closed' })
    one.row.state = 'closed'
    one.version += 1
  }
  return json({ done: chosen.length - left.length, sessions_ended: ended, left })
}

function changeMeans(state: State, call: Call, next: Api['MeansState']): Response {
  const one = state.souls.flatMap((each) => each.means).find((each) => each.id === call.path['id'])
  if (!one) return problem(404, 'means_unknown')
  if (one.state === 'revoked') return problem(409, 'means_state')
  one.state = next
  return json(one)
}

export function peopleRoutes(routes: Routes, state: State) {
  routes
    .on('GET', '/people', (call) => (knownSort(call) ? json(list(state, call)) : problem(400, 'bad_request')))
    .on('GET', '/people/facets', () => json(facets(state)))
    .on('GET', '/people.csv', () => new Response('\uFEFFNom;Prénom\r\n', { headers: { 'content-type': 'text/csv' } }))
    .on('GET', '/people/{id}', (call) => {
      const one = found(state, call)
      return one ? json(person(state, one), 200, { etag: `"${one.version}"` }) : problem(404, 'person_unknown')
    })
    .on('GET', '/people/{id}/timeline', (call) => {
      const one = found(state, call)
      const wanted = call.query.get('source')
      return one ? json(page(timeline(state, one).filter((entry) => has(wanted, entry.source)), call)) : problem(404, 'person_unknown')
    })
    .on('POST', '/people/bulk', (call) => bulk(state, call))
    .on('POST', '/people/{id}/close', (call) => {
      const one = found(state, call)
      if (!one) return problem(404, 'person_unknown')
      const shown = call.headers.get('if-match')
      if (shown && shown !== `"${one.version}"`) return problem(412, 'stale')
      if (one.row.state === 'closed') return problem(409, 'person_closed')
      one.version += 1
      const last = call.body['on'] as string | undefined
      if (last) {
        if (state.confirmed.asked && !state.confirmed.acts.includes('close_people')) return problem(403, 'confirmation_required', { params: { act: 'close_people' } })
        one.closesAt = `${last}T23:59:00+01:00`
        return json(person(state, one))
      }
      one.row.state = 'closed'
      one.sessions = []
      return json(person(state, one))
    })
    .on('POST', '/people/{id}/keep-open', (call) => { const one = found(state, call); if (!one) return problem(404, 'person_unknown'); one.closesAt = null; return json(person(state, one)) })
    .on('POST', '/people/{id}/suspend', (call) => { const one = found(state, call); if (!one) return problem(404, 'person_unknown'); one.row.state = 'suspended'; one.sessions = []; return json(person(state, one)) })
    .on('POST', '/people/{id}/resume', (call) => { const one = found(state, call); if (!one) return problem(404, 'person_unknown'); one.row.state = 'active'; return json(person(state, one)) })
    .on('POST', '/sessions/{id}/end', (call) => {
      for (const one of state.souls) one.sessions = one.sessions.filter(({ id }) => id !== call.path['id'])
      return empty()
    })
    .on('POST', '/people/{id}/national-identities/{identity}/unlink', (call) => {
      const one = found(state, call)
      if (!one?.rpps) return problem(404, 'person_unknown')
      one.rpps = null
      one.row.national_identity = 'missing'
      one.version += 1
      return json(person(state, one))
    })
    .on('POST', '/people/{id}/end-sessions', (call) => {
      const one = found(state, call)
      const ended = one?.sessions.length ?? 0
      if (one) one.sessions = []
      return json({ ended, notified: ['DPI Valmont'], pending: [] })
    })
    .on('POST', '/people/{id}/enrolment-codes', () => json({ code: 'K7M4-2QXD', expires_at: state.clock.ago(-15), url: 'https://sso.ch-valmont.example/enrol' }, 201))
    .on('POST', '/merges', (call) => merge(state, call))
    .on('POST', '/merges/{id}/undo', (call) => split(state, call))
    .on('POST', '/means/{id}/suspend', (call) => changeMeans(state, call, 'suspended'))
    .on('POST', '/means/{id}/reactivate', (call) => changeMeans(state, call, 'active'))
    .on('POST', '/means/{id}/revoke', (call) => changeMeans(state, call, 'revoked'))
}
