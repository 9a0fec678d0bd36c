import type { Api } from '../src/api/types.ts'
import { json, page, problem, type Call, type Routes } from './http.ts'
import type { State } from './state.ts'
import { ref, type Clock, type Soul } from './world.ts'

interface Told { event: string; category: Api['AuditCategory']; actor: string; where: string; outcome?: Api['Outcome']; params?: Record<string, string>; person?: boolean; reference?: string; late?: boolean }

const told: Told[] = [
  { event: 'login_succeeded', category: 'login', actor: 'MARTIN Marie', where: 'DPI Valmont', person: true },
  { event: 'token_issued', category: 'applications', actor: 'MARTIN Marie', where: 'DPI Valmont', person: true, params: { client: 'dpi-valmont' } },
  { event: 'person_read', category: 'people', actor: 'L. Delmas', where: 'Console', outcome: 'read', person: true },
  { event: 'run_planned', category: 'sources', actor: 'Hygie', where: 'AD', params: { source: 'AD' } },
  { event: 'client_changed', category: 'applications', actor: 'L. Delmas', where: 'Console', params: { client: 'DPI Valmont' } },
  { event: 'national_identity_linked', category: 'reconciliation', actor: 'L. Delmas', where: 'Console', person: true },
  { event: 'login_refused', category: 'login', actor: 'MARTIN Marie', where: 'Console', outcome: 'refused', person: true, reference: '7K3-P2Q', params: { cause: 'password' } },
  { event: 'enrolment_code_failed', category: 'login', actor: 'Inconnu', where: 'Console', outcome: 'refused', reference: '9QX-41M' },
  { event: 'register_imported', category: 'reconciliation', actor: 'Hygie', where: 'Annuaire Santé', params: { lines: '2300412' } },
  { event: 'run_applied', category: 'sources', actor: 'L. Delmas', where: 'RH', params: { source: 'RH' } },
  { event: 'means_activated', category: 'means', actor: 'MARTIN Marie', where: 'Console', person: true, params: { kind: 'fido2' } },
  { event: 'person_created', category: 'people', actor: 'Hygie', where: 'RH', person: true },
]

export function auditLog(souls: Soul[], clock: Clock): Api['AuditRow'][] {
  const marie = souls.find((one) => one.row.matricules[0] === '212094')
  return Array.from({ length: 420 }, (_, index) => {
    const one = told[index % told.length] ?? (told[0] as Told)
    const soul = index < told.length ? marie : souls[(index * 7) % souls.length]
    const sealed = index > 0
    // Who logs in acts for herself; what is done about somebody is done by somebody else.
    const herself = one.person && one.actor === 'MARTIN Marie' ? soul : undefined
    return {
      seq: 5000 - index, index: sealed ? 4999 - index : null, at: clock.ago(index * 3.2 + 0.1), sealed_at: sealed ? clock.ago(index * 3.2) : null, received_at: index === 5 ? clock.ago(index) : null,
      event: one.event, category: one.category, actor: herself ? `${herself.row.family.toUpperCase()} ${herself.row.given}` : one.actor, actor_person: herself ? ref(herself) : null, subject: one.person && soul ? ref(soul) : null, subject_label: null,
      where: one.where, outcome: one.outcome ?? 'accepted', reference: one.reference ?? null, params: one.params ?? {},
    }
  })
}

const hash = (seed: number) => Array.from({ length: 32 }, (_, index) => ((seed * 31 + index * 17) % 256).toString(16).padStart(2, '0')).join('')

function checkpoint(state: State): Api['Checkpoint'] {
  return { origin: 'hygie.ch-valmont.example', tree_size: 5000, root: hash(5), signed_at: state.clock.ago(0.05), note: 'hygie.ch-valmont.example\n5000\n…\n', key: 'hygie.ch-valmont.example+5b2f' }
}

export function auditRoutes(routes: Routes, state: State) {
  const within = (call: Call) => (row: Api['AuditRow']) => {
    const get = (name: string) => call.query.get(name)
    return (
      (!get('category') || get('category')?.split(',').includes(row.category)) &&
      (!get('outcome') || get('outcome')?.split(',').includes(row.outcome)) &&
      (!get('reference') || row.reference === get('reference')) &&
      (!get('subject') || row.subject?.id === get('subject')) &&
      (!get('actor') || row.actor_person?.id === get('actor') || row.subject?.id === get('actor')) &&
      (!get('client') || row.params?.['client'] === get('client')) &&
      (!get('q') || `${row.event} ${row.actor ?? ''} ${row.where ?? ''}`.toLowerCase().includes((get('q') ?? '').toLowerCase())) &&
      (!get('from') || row.at.slice(0, 10) >= (get('from') ?? '')) &&
      (!get('to') || row.at.slice(0, 10) <= (get('to') ?? ''))
    )
  }
  routes
    .on('GET', '/audit', (call) => json({ ...page(state.audit.filter(within(call)), call), waiting_seal: 1, searched_from: call.query.get('q') ?? call.query.get('client') ? state.clock.ago(30 * 1440) : null }))
    .on('GET', '/audit/checkpoint', () => json(checkpoint(state)))
    .on('POST', '/audit/verify', () => json({ entries: 5000, holds: state.brokenAt === null, first_fault: state.brokenAt, fault: state.brokenAt === null ? null : 'L’empreinte ne correspond pas.', waiting_seal: 1 }))
    .on('GET', '/audit/{index}', (call) => {
      const row = state.audit.find((one) => String(one.index) === call.path['index'])
      if (!row) return problem(404, 'entry_unknown')
      const index = row.index ?? 0
      return json({
        entry: { row, leaf_hash: hash(index), fields: { ...row.params, actor: row.actor ?? '' }, before: null, after: null },
        proof: { index, tree_size: 5000, root: hash(5), hashes: [hash(1), hash(2), hash(3)], checkpoint: checkpoint(state), verified: true },
      })
    })
}
