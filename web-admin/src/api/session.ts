/** What the console knows of its own session: open, or closed while a page is at work. */
export type SessionState = 'unknown' | 'open' | 'closed'

let state: SessionState = 'unknown'
let waiting: (() => void)[] = []
const listeners = new Set<() => void>()

export function sessionState(): SessionState {
  return state
}

export function onSession(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function become(next: SessionState) {
  if (state === next) return
  state = next
  for (const listener of listeners) listener()
}

export function sessionOpened() {
  become('open')
  const resumed = waiting
  waiting = []
  for (const resume of resumed) resume()
}

/** True when a page was at work: it stays, and asks to log in again beside it. */
export function sessionClosed(): boolean {
  if (state === 'unknown') return false
  become('closed')
  return true
}

/** Resolves once somebody logged in again. */
export function reopened(): Promise<void> {
  return new Promise((resume) => waiting.push(resume))
}

/** For tests: as if the page had just been loaded. */
export function forgetSession() {
  become('unknown')
  waiting = []
}

/** What the tabs of one browser tell each other: never who, never what. */
export type TabWord = 'opened' | 'closed' | 'active'

const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('hygie.session')

export function tellTabs(word: TabWord) {
  channel?.postMessage(word)
}

export function onTabs(listener: (word: TabWord) => void) {
  const heard = (event: MessageEvent<TabWord>) => listener(event.data)
  channel?.addEventListener('message', heard)
  return () => channel?.removeEventListener('message', heard)
}
