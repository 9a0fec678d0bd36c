import type { Api, Client } from '../../api/types'

/** The settings as they are typed: numbers are texts, lists are words between spaces. */
export interface Typed {
  refresh_seconds: string
  refresh_reuse_grace_seconds: string
  access_token_seconds: string
  access_token_audience: string
  sender_constraint: Api['SenderBinding'] | ''
  state_required: boolean
  nonce_required: boolean
  pkce_required: boolean
  par_required: boolean
  signed_request_required: boolean
  minimum_acr: Api['ClientLevel']
  longest_auth_age_seconds: string
  pairwise: boolean
  id_token_algorithm: Api['SigningName']
  userinfo_algorithm: Api['SigningName'] | ''
  claims: string
  id_token_claims: string
  backchannel_logout_uri: string
  frontchannel_logout_uri: string
}

const written = (names: string[]) => [...names].sort().join(' ')
export const listed = (names: string) => names.split(' ').filter(Boolean)

export function typedOf({ protocol: one }: Client): Typed {
  return {
    refresh_seconds: String(one.refresh_seconds ?? ''),
    refresh_reuse_grace_seconds: String(one.refresh_reuse_grace_seconds),
    access_token_seconds: String(one.access_token_seconds),
    access_token_audience: one.access_token_audience ?? '',
    sender_constraint: one.sender_constraint ?? '',
    state_required: one.state_required,
    nonce_required: one.nonce_required,
    pkce_required: one.pkce_required,
    par_required: one.par_required,
    signed_request_required: one.signed_request_required,
    minimum_acr: one.minimum_acr,
    longest_auth_age_seconds: String(one.longest_auth_age_seconds ?? ''),
    pairwise: one.pairwise,
    id_token_algorithm: one.id_token_algorithm,
    userinfo_algorithm: one.userinfo_algorithm ?? '',
    claims: written(one.claims),
    id_token_claims: written(one.id_token_claims),
    backchannel_logout_uri: one.backchannel_logout_uri ?? '',
    frontchannel_logout_uri: one.frontchannel_logout_uri ?? '',
  }
}

const names = (typed: Typed) => Object.keys(typed) as (keyof Typed)[]
const orNone = (text: string) => text.trim() || null
const secondsOrNone = (digits: string) => (digits ? Number(digits) : null)

function whole(typed: Typed): Required<Api['ClientProtocolPatch']> {
  return {
    ...typed,
    refresh_seconds: secondsOrNone(typed.refresh_seconds),
    refresh_reuse_grace_seconds: Number(typed.refresh_reuse_grace_seconds),
    access_token_seconds: Number(typed.access_token_seconds),
    access_token_audience: orNone(typed.access_token_audience),
    sender_constraint: typed.sender_constraint || null,
    longest_auth_age_seconds: secondsOrNone(typed.longest_auth_age_seconds),
    userinfo_algorithm: typed.userinfo_algorithm || null,
    claims: listed(typed.claims),
    id_token_claims: listed(typed.id_token_claims),
    backchannel_logout_uri: orNone(typed.backchannel_logout_uri),
    frontchannel_logout_uri: orNone(typed.frontchannel_logout_uri),
  }
}

/** What is not as it was, alone: the rest stays, whatever a colleague makes of it. */
export function patchOf(typed: Typed, seen: Client): Api['ClientPatch'] | undefined {
  const before = typedOf(seen)
  const changed = names(typed).filter((name) => typed[name] !== before[name])
  const all = whole(typed)
  return changed.length ? { protocol: Object.fromEntries(changed.map((name) => [name, all[name]])) } : undefined
}

/** What was changed here stays as it was typed; the rest is what a colleague made of it. */
export function followed(mine: Typed, before: Typed, now: Typed): Typed {
  return { ...mine, ...Object.fromEntries(names(mine).filter((name) => mine[name] === before[name]).map((name) => [name, now[name]])) }
}

/** One claim granted or taken back: what is not granted is in no token. */
export function withClaim(typed: Typed, claim: string, granted: boolean): Typed {
  const others = (list: string) => listed(list).filter((name) => name !== claim)
  return granted ? { ...typed, claims: written([...others(typed.claims), claim]) } : { ...typed, claims: others(typed.claims).join(' '), id_token_claims: others(typed.id_token_claims).join(' ') }
}

export function inToken(typed: Typed, claim: string, put: boolean): Typed {
  const others = listed(typed.id_token_claims).filter((name) => name !== claim)
  return { ...typed, id_token_claims: written(put ? [...others, claim] : others) }
}
