import type { Api } from '../src/api/types.ts'
import { uuid, ref, type Clock, type Soul } from './world.ts'

export type FakeLogout = Api['LogoutReceipt'] & { client: string }

const ends: [state: Api['LogoutState'], minutes: number, attempts: number, failure: string | null][] = [
  ['waiting', 0.2, 0, null],
  ['waiting', 4, 6, 'timed_out'],
  ['received', 11, 1, null],
  ['received', 38, 1, null],
  ['received', 65, 3, null],
  ['given_up', 1380, 151, 'refused'],
]

/** What the health record of the house was told of: most of it, and not all. */
export function firstLogouts(souls: Soul[], clock: Clock): FakeLogout[] {
  return ends.map(([state, minutes, attempts, failure], at): FakeLogout => {
    const soul = souls[at * 5 + 2]
    return {
      client: 'dpi-valmont', id: uuid(), session: uuid(), person: soul ? ref(soul) : null, state, attempts, failure, opened_at: clock.ago(minutes + 190), closed_at: clock.ago(minutes),
      sent_at: attempts ? clock.ago(minutes - 0.05) : null, settled_at: state === 'received' || state === 'given_up' ? clock.ago(minutes - 0.1) : null, next_attempt_at: state === 'waiting' && attempts ? clock.ago(-1) : null,
    }
  })
}

const causes: [event: string, reason: string, grant: string | null, reference: string | null][] = [
  ['token_refused', 'verifier_wrong', 'authorization_code', 'K2M-8QT'],
  ['authorize_refused', 'client_or_address_wrong', null, 'P7R-3VX'],
  ['refresh_misused', 'used', null, 'T4W-9BD'],
  ['token_refused', 'assertion_audience', 'client_request', 'X6Z-2FH'],
  ['login_refused', 'wrong_password', null, '7K3-P2Q'],
  ['logout_untold', 'refused', null, null],
  ['token_refused', 'a_cause_of_tomorrow', 'refresh_token', 'D5G-8JM'],
]

export function firstRefusals(clock: Clock): Api['ClientRefusal'][] {
  return causes.map(([event, reason, grant, reference], at) => ({ seq: 4990 - at, at: clock.ago(9 + at * 47), event, reason, grant, reference }))
}

const tried: [section: Api['CheckSection'], rule: string, verdict: Api['CheckVerdict'], title: string, mend: string, references: string[]][] = [
  ['requests', 'code_flow', 'right', 'Demande le flux par code, et lui seul', 'Envoyez response_type=code.', ['ANSSI-PA-080 R1']],
  ['requests', 'state_random', 'right', 'state est tiré au hasard à chaque demande', 'Tirez au moins 128 bits.', ['ANSSI-PA-080 R11']],
  ['requests', 'nonce_sent', 'right', 'Envoie nonce', 'Tirez un nonce par demande.', ['ANSSI-PA-080 R14', 'OIDC Core §3.1.2.1']],
  ['requests', 'pkce', 'advised', 'Envoie code_challenge en S256', 'Ajoutez PKCE à chaque demande.', ['ANSSI-PA-080 R19']],
  ['plays', 'other_state', 'right', 'Refuse une réponse dont le state n’est pas le sien', 'Comparez state à celui de la session.', ['ANSSI-PA-080 R10', 'R22']],
  ['plays', 'other_nonce', 'wrong', 'Refuse un jeton dont le nonce n’est pas le sien', 'Comparez le nonce du jeton à celui de la demande.', ['ANSSI-PA-080 R14', 'ANSSI-PA-080 R28']],
  ['plays', 'expired', 'right', 'Refuse un jeton périmé', 'Vérifiez exp à chaque jeton.', ['OIDC Core §3.1.3.7']],
  ['plays', 'same_answer_twice', 'ask_somebody', 'Refuse une réponse déjà venue', 'Effacez state dès la première réponse.', ['RFC 9700 §2.1']],
  ['logouts', 'logout_seen', 'right', 'Ferme la session qu’un appel de déconnexion nomme', 'Fermez la session de sid.', ['OIDC Back-Channel Logout §2.6']],
  ['logouts', 'logout_forged', 'not_played', 'Refuse un appel qui n’est pas signé par l’émetteur', 'Vérifiez la signature.', ['OIDC Back-Channel Logout §2.6']],
]

export function firstReport(clock: Clock): Api['CheckReport'] {
  return {
    at: clock.ago(3 * 1440), by: { id: '0193a5b0-1111-7000-8000-000000000002', family: 'Delmas', given: 'Lou', birth_family: null, sex: null, birth_date: null },
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', name: 'DPI Valmont 7.2', played_at: clock.ago(4 * 1440), logins: 14,
    lines: tried.map(([section, rule, verdict, title, mend, references]) => ({ section, rule, verdict, title, mend, references })),
  }
}

/** A file that holds lines is a report here; the real one looks at each. */
export function handedIn(file: string, clock: Clock): Api['CheckReport'] | undefined {
  const read = file.startsWith('{') ? (JSON.parse(file) as { name?: string; requests?: unknown[] }) : {}
  return read.requests ? { ...firstReport(clock), at: clock.ago(0), name: read.name ?? null } : undefined
}
