/** What the console knows of its own session: open, or closed while a page is at work. */
export type SessionState = 'unknown' | 'open' | 'closed'

let state: SessionState = 'unknown'
/** Whose console this page is: another person's login never continues it. */
let operator: string | undefined
/** The appliance itself said that the session is over. Until then, nobody looks whether one is open: it might be the same. */
let over = false
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

/** False when somebody else is logged in now: this page is not hers, and what waits stays unsent. */
export function sessionOpened(by: string): boolean {
  if (operator !== undefined && operator !== by) return false
  if (state === 'unknown') tellTabs('opened')
  operator = by
  over = false
  become('open')
  const resumed = waiting
  waiting = []
  for (const resume of resumed) resume()
  return true
}

/** The appliance said so. True when a page was at work: it stays, and asks to log in again beside it. */
export function sessionClosed(): boolean {
  if (state === 'unknown') return false
  over = true
  become('closed')
  return true
}

/** This browser closes it; whether the appliance heard is not known yet. */
export function sessionClosing() {
  if (state === 'unknown') return
  over = false
  become('closed')
}

export function sessionIsOver(): boolean {
  return over
}

/** Resolves once somebody logged in again. */
export function reopened(): Promise<void> {
  return new Promise((resume) => waiting.push(resume))
}

/** For tests: as if the page had just been loaded. */
export function forgetSession() {
  become('unknown')
  operator = undefined
  waiting = []
}

/** What the tabs of one browser tell each other: never who, never what. */
export type TabWord = 'opened' | 'closed' | 'over' | 'active'

const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('hygie.session')

export function tellTabs(word: TabWord) {
  channel?.postMessage(word)
}

export function onTabs(listener: (word: TabWord) => void) {
  const heard = (event: MessageEvent<TabWord>) => listener(event.data)
  channel?.addEventListener('message', heard)
  return () => channel?.removeEventListener('message', heard)
}
