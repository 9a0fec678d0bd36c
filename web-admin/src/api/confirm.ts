/** « C'est bien vous ? » An act that asks for the key again is confirmed with it, then sent again as it was. */

interface Asked {
  id: string
  options: { publicKey: PublicKeyCredentialRequestOptionsJSON }
}

/** What is being confirmed, shown while the key is waited for. */
export interface Asking {
  act: string
  cancel: () => void
}

let asking: Asking | undefined
const listeners = new Set<() => void>()

export function confirmation(): Asking | undefined {
  return asking
}

export function onConfirmation(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function show(next: Asking | undefined) {
  asking = next
  for (const listener of listeners) listener()
}

const headers = { 'Content-Type': 'application/json' }

/** Which kind of act the appliance wants confirmed; nothing when it refused for another reason. */
async function wanted(response: Response): Promise<string | undefined> {
  if (response.status !== 403) return undefined
  const told = (await response.clone().json().catch(() => ({}))) as { code?: string; params?: { act?: string } | null }
  return told.code === 'confirmation_required' ? told.params?.act : undefined
}

/** True: the key confirmed it. False: no key was shown, and nothing was refused. A refusal is the answer itself. */
async function confirm(act: string): Promise<true | false | Response> {
  if (!('PublicKeyCredential' in window)) return false
  const asked = await fetch(`${location.origin}/api/v1/confirmations`, { method: 'POST', headers, body: JSON.stringify({ act }) })
  if (!asked.ok) return asked
  const { id, options } = (await asked.json()) as Asked
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey)
  const stop = new AbortController()
  show({ act, cancel: () => stop.abort() })
  // Cancelled, timed out, or no key: the browser tells them apart for nobody.
  const shown = await navigator.credentials.get({ publicKey, signal: stop.signal }).catch(() => null)
  if (!(shown instanceof PublicKeyCredential)) return false
  const body = JSON.stringify({ answer: shown.toJSON() })
  const answered = await fetch(`${location.origin}/api/v1/confirmations/${id}`, { method: 'POST', headers, body })
  if (!answered.ok) return answered
  // An answer that nobody reads to its end stays open, and the page is never at rest.
  await answered.arrayBuffer()
  return true
}

/** Sends a call; when the appliance asks for the key first, it is asked for, then the call is sent once more. */
export async function confirmed(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await fetch(request)
  const act = await wanted(response)
  if (act === undefined) return response
  const outcome = await confirm(act).finally(() => show(undefined))
  if (outcome === true) return fetch(again)
  return outcome === false ? response : outcome
}
