import type { Api } from '../src/api/types.ts'
import { handedIn } from './connectors.ts'
import { empty, json, page, problem, type Call, type Routes } from './http.ts'
import type { State } from './state.ts'
import { ref, type Clock } from './world.ts'

/** Claims that we know: those that a scope of such an application brings, and the others. */
const brought = ['given_name', 'family_name', 'preferred_username', 'SubjectNameID', 'SubjectRole', 'SubjectRefPro', 'SubjectOrganization', 'Secteur_Activite']
const alone = ['email', 'oid', 'service', 'saml_authn_context', 'rpps', 'codeProfession', 'codeTypeSavoirFaire', 'codeSavoirFaire', 'codeSectionPharmacien', 'codeRole', 'finess']

function protocol(id: string, profile: Api['ClientProfile']): Api['ClientProtocol'] {
  const strict = profile === 'strict'
  return {
    refresh_seconds: profile === 'psc_like' ? 3600 : null, refresh_reuse_grace_seconds: 0, access_token_seconds: profile === 'psc_like' ? 120 : 300, access_token_audience: null, sender_constraint: strict ? 'dpop' : null,
    state_required: !strict, nonce_required: !strict, pkce_required: strict, par_required: strict, signed_request_required: false, minimum_acr: profile === 'psc_like' ? 'eidas2' : 'eidas1', longest_auth_age_seconds: null,
    pairwise: false, sector: null, id_token_algorithm: strict ? 'ES256' : 'RS256', userinfo_algorithm: null, claims: [], id_token_claims: [],
    known_claims: [...brought.map((claim) => ({ claim, by_scope: true })), ...alone.map((claim) => ({ claim, by_scope: false }))],
    backchannel_logout_uri: `https://${id}.ch-valmont.example/fin-de-session`, frontchannel_logout_uri: null,
  }
}

function client(id: string, name: string, vendor: string, profile: Api['ClientProfile'], clock: Clock): Api['Client'] {
  return {
    client_id: id, etag: '"1"', name, vendor, profile, auth: 'client_secret_basic', sensitive: profile === 'psc_like', state: 'active', redirect_uris: [`https://${id}.ch-valmont.example/retour`],
    post_logout_redirect_uris: [`https://${id}.ch-valmont.example/`], scopes: ['openid', 'scope_all'], signing: 'RS256', issuer: 'https://sso.ch-valmont.example', discovery_url: 'https://sso.ch-valmont.example/.well-known/openid-configuration',
    created_at: clock.ago(50_000), created_by: 'L. Delmas', secret_changed_at: clock.ago(50_000), last_login_at: clock.ago(2), device_login: false, backchannel_login: false, asks_consent: false, needs_national_identity: false, owners: [], backchannel_logout_uri: `https://${id}.ch-valmont.example/fin-de-session`, protocol: protocol(id, profile),
  }
}

export function firstClients(clock: Clock): Api['Client'][] {
  return [client('dpi-valmont', 'DPI Valmont', 'Médisoft', 'psc_like', clock), client('labo', 'Labo', 'BioSys', 'standard', clock)]
}

/** Settings that contradict each other. */
function settingsFaults({ profile, auth, protocol: one }: Api['Client']): [boolean, field: string, code: string][] {
  const strict = profile === 'strict'
  const bare = !one.pkce_required && !strict && profile !== 'legacy'
  const life = one.refresh_seconds ?? 300
  return [
    [strict && !one.sender_constraint, 'sender_constraint', 'strict'],
    [one.sender_constraint === 'mtls', 'sender_constraint', 'no_listener'],
    [strict && !one.par_required, 'par_required', 'strict'],
    [strict && !one.pkce_required, 'pkce_required', 'strict'],
    [strict && one.id_token_algorithm === 'RS256', 'id_token_algorithm', 'strict_signing'],
    [bare && !one.state_required, 'state_required', 'without_pkce'],
    [bare && !one.nonce_required, 'nonce_required', 'without_pkce'],
    [one.signed_request_required && auth !== 'private_key_jwt', 'signed_request_required', 'keys_required'],
    [life < 300 || life > 50_400, 'refresh_seconds', 'refresh_life'],
    [one.refresh_reuse_grace_seconds > 0 && !one.refresh_seconds, 'refresh_reuse_grace_seconds', 'no_refresh'],
    [one.refresh_reuse_grace_seconds > 60, 'refresh_reuse_grace_seconds', 'grace_life'],
    [one.access_token_seconds < 60 || one.access_token_seconds > 300, 'access_token_seconds', 'token_life'],
    [one.backchannel_logout_uri?.startsWith('https://') === false, 'backchannel_logout_uri', 'redirect_not_https'],
    [one.frontchannel_logout_uri?.includes('.ch-valmont.example/') === false, 'frontchannel_logout_uri', 'elsewhere'],
  ]
}

/** What contradicts itself, as the appliance says it. */
function faultsOf(one: Api['Client']): { field: string; code: string }[] {
  const wrong: [boolean, field: string, code: string][] = [
    [one.redirect_uris.some((uri) => !uri.startsWith('https://')), 'redirect_uris', 'redirect_not_https'],
    [Boolean(one.backchannel_notification_uri) && !one.backchannel_notification_uri?.startsWith('https://'), 'backchannel_notification_uri', 'redirect_not_https'],
    ...settingsFaults(one),
    [one.asks_consent && (one.device_login || one.backchannel_login), 'asks_consent', 'not_offered'],
  ]
  return wrong.filter(([is]) => is).map(([, field, code]) => ({ field, code }))
}

function preview(state: State, call: Call): Response {
  const soul = state.souls.find((one) => one.row.id === call.query.get('person'))
  const app = state.clients.find((one) => one.client_id === call.path['client_id'])
  if (!app) return problem(404, 'client_unknown')
  if (!soul) return problem(404, 'person_unknown')
  const { row } = soul
  // A doctor who teaches too: she is asked at her login.
  const several = Boolean(soul.rpps) && row.function === 'Médecin'
  const line = (claim: string, value: unknown, source: string, owner: Api['Owner'], scope = 'scope_all', sent = true, reason: Api['Reason'] | null = null): Api['ClaimLine'] => ({ claim, value, scope, owner, source, sent, reason, in_id_token: false })
  const claims: Api['ClaimLine'][] = [
    { ...line('sub', row.id, 'Hygie', 'operator', 'openid'), in_id_token: true },
    line('family_name', row.family.toUpperCase(), 'RH', 'hr'),
    line('given_name', row.given, 'RH', 'hr'),
    soul.rpps ? line('rpps', soul.rpps, 'Annuaire Santé', 'register') : line('rpps', null, 'Annuaire Santé', 'register', 'scope_all', false, { code: 'no_national_identity', text: 'Aucun RPPS relié.', params: {} }),
    line('SubjectRole', row.function === 'Médecin' ? '10^1.2.250.1.213.1.1.5.5' : '60^1.2.250.1.213.1.1.5.5', 'Annuaire Santé', 'register', 'scope_all', Boolean(soul.rpps) && !several),
    line('email', soul.mail, 'AD', 'active_directory', 'email', false, { code: 'scope_not_asked', text: 'Portée non demandée.', params: { scope: 'email' } }),
  ]
  const exercise = (title: string, told: boolean): Api['PreviewedExercise'] => ({ title, structure: 'CH de Valmont', told })
  const exercises = several
    ? [exercise('Médecin – Cardiologie', false), exercise('Psychologue', false)]
    : soul.rpps ? [exercise(row.function ?? 'Infirmier', true)] : []
  const sent = Object.fromEntries(claims.filter((one) => one.sent).map((one) => [one.claim, one.value]))
  return json({ client_id: app.client_id, person: ref(soul), claims, userinfo: sent, id_token: { iss: app.issuer, aud: app.client_id, sub: row.id, acr: 'eidas2', amr: ['hwk', 'user', 'mfa'] }, exercises, allowed: row.state !== 'closed', reason: row.state === 'closed' ? { code: 'person_closed', text: 'La personne est fermée.', params: {} } : null })
}

/** The person at the console. */
export const myself = '0193a5b0-1111-7000-8000-000000000002'

/** Whoever answers for some applications sees those alone. */
function seen(state: State): Api['Client'][] {
  const own = state.roles.every((role) => role === 'application_owner')
  return state.clients.filter((one) => !own || one.owners.some(({ id }) => id === myself))
}

function row(state: State, { client_id, name, vendor, profile, sensitive, state: open, last_login_at, relaxation }: Api['Client']): Api['ClientRow'] {
  const lines = state.reports[client_id]?.lines
  return {
    client_id, name, vendor: vendor ?? null, profile, sensitive, state: open, last_login_at: last_login_at ?? null, relaxed_until: relaxation?.until ?? null,
    logouts_waiting: state.logouts.filter((one) => one.client === client_id && one.state === 'waiting').length,
    check: lines ? { right: lines.filter(({ verdict }) => verdict === 'right').length, total: lines.length } : null,
  }
}

/** The report that is kept, by the moment it was handed in. */
function kept({ reports }: State, call: Call): Api['ClientCheck'] {
  const report = reports[call.path['client_id'] ?? ''] ?? null
  return { etag: `"${report ? new Date(report.at).getTime() : 0}"`, report }
}

export function clientRoutes(routes: Routes, state: State) {
  const find = (call: Call) => seen(state).find((one) => one.client_id === call.path['client_id'])
  routes
    .on('GET', '/clients', () => json({ items: seen(state).map((one) => row(state, one)) }))
    .on('POST', '/clients', (call) => {
      const asked = call.body as unknown as Api['ClientCreate']
      const fields = asked.redirect_uris.filter((uri) => !uri.startsWith('https://')).map(() => ({ field: 'redirect_uris', code: 'redirect_not_https' }))
      if (!asked.name.trim()) fields.unshift({ field: 'name', code: 'required' })
      if (asked.auth === 'private_key_jwt' && !String(asked.jwks ?? '').includes('"keys"')) fields.push({ field: 'jwks', code: 'malformed' })
      if (asked.profile === 'legacy' && !asked.relaxation) fields.push({ field: 'profile', code: 'relaxation_required' })
      if (asked.profile === 'strict' && asked.auth !== 'private_key_jwt') fields.push({ field: 'auth', code: 'not_offered' })
      if (fields.length) return problem(422, 'fields', { fields })
      const id = asked.name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-')
      const made: Api['Client'] = { ...client(id, asked.name, asked.vendor ?? '', asked.profile, state.clock), redirect_uris: asked.redirect_uris, auth: asked.auth, sensitive: asked.sensitive, last_login_at: null, created_at: state.clock.ago(0), relaxation: asked.relaxation ?? null, accord: asked.relaxation ? { id: '0193a5b0-3333-7000-8000-000000000002', until: state.clock.ago(-15) } : null }
      state.clients.push(made)
      return json({ client: made, secret: asked.auth === 'none' || asked.auth === 'private_key_jwt' ? null : 'hyg_cs_7Yp2mKq9Rt4Vw8Xz1Bc6Nd3F' }, 201)
    })
    .on('GET', '/clients/{client_id}', (call) => { const one = find(call); return one ? json(one, 200, { etag: one.etag }) : problem(404, 'client_unknown') })
    .on('PATCH', '/clients/{client_id}', (call) => {
      const one = find(call)
      if (!one) return problem(404, 'client_unknown')
      if (call.headers.get('if-match') !== one.etag) return problem(412, 'stale', { params: { by: 'M. Roy' } })
      const asked = call.body as Api['ClientPatch']
      const spoken = { ...one.protocol, ...asked.protocol } as Api['ClientProtocol']
      const fields = faultsOf({ ...one, ...asked, protocol: spoken } as Api['Client'])
      if (fields.length) return problem(422, 'fields', { fields })
      const { owners } = asked
      Object.assign(one, asked, { protocol: spoken, signing: spoken.id_token_algorithm }, owners && { owners: state.souls.filter(({ row }) => owners.includes(row.id)).map(ref) }, { etag: `"${Number(one.etag.replaceAll('"', '')) + 1}"` })
      return json(one)
    })
    .on('POST', '/clients/{client_id}/secret', (call) => (find(call) ? json({ secret: 'hyg_cs_2Hj5Lm8Pq1St4Vw7Yz0Bd3Ff' }, 201) : problem(404, 'client_unknown')))
    .on('GET', '/clients/{client_id}/logouts', (call) => {
      const wanted = call.query.get('state')
      const all = state.logouts.filter((one) => one.client === call.path['client_id']).map(({ client: _, ...receipt }) => receipt)
      const shown = all.filter((one) => !wanted || one.state === wanted).map((one) => (state.roles.includes('application_owner') ? { ...one, person: null } : one))
      return find(call) ? json({ ...page(shown, call), waiting: all.filter((one) => one.state === 'waiting').length }) : problem(404, 'client_unknown')
    })
    .on('POST', '/clients/{client_id}/logouts/{id}/resend', (call) => {
      const one = state.logouts.find(({ id }) => id === call.path['id'])
      if (!one) return problem(404, 'logout_unknown')
      Object.assign(one, { state: 'waiting', settled_at: null, next_attempt_at: null })
      return empty()
    })
    .on('GET', '/clients/{client_id}/errors', (call) => (find(call) ? json({ ...page(call.path['client_id'] === 'dpi-valmont' ? state.refusals : [], call), since: state.clock.ago(31 * 1440) }) : problem(404, 'client_unknown')))
    .on('GET', '/clients/{client_id}/check', (call) => (find(call) ? json(kept(state, call)) : problem(404, 'client_unknown')))
    .on('PUT', '/clients/{client_id}/check', (call) => {
      const report = handedIn(String(call.body['file'] ?? ''), state.clock)
      if (!report) return problem(422, 'fields', { fields: [{ field: 'file', code: 'no_report' }] })
      const shown = call.headers.get('if-match')
      if (shown && shown !== kept(state, call).etag) return problem(412, 'stale')
      state.reports[call.path['client_id'] ?? ''] = report
      return json(kept(state, call))
    })
    .on('GET', '/clients/{client_id}/token-preview', (call) => preview(state, call))
}
