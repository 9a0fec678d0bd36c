/** Addresses outside the router: the login page is drawn by the appliance. */
export function loginPath(here: string): string {
  return `/login?return=${encodeURIComponent(here)}`
}

let leaving = false

export function leaveForLogin() {
  if (leaving) return
  leaving = true
  location.assign(loginPath(location.pathname + location.search))
}

/** The page as if it had just been opened: what was on it was somebody else's. */
export function startAgain() {
  location.reload()
}

export const mePath = `${location.origin}/api/v1/me`
export const logoutPath = `${location.origin}/api/v1/logout`
/** Where the login window of an ended session lands: it tells the other tabs, and closes. */
export const reconnectedPath = '/reconnected'
export const jobEventsPath = '/api/v1/jobs/events'

/** Only what is set goes into an address or a query. */
export function withoutEmpty<Search extends object>(search: Search): Partial<Search> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== '')) as Partial<Search>
}

export type Held<Page> = Page & { held: boolean }

/** The page before stays in sight until the one that was asked for comes; its « Page suivante » stays in its place too, and waits: it would skip lines of the new one. */
export function heldNext<Page extends { next_cursor?: string | null }>(page: Page, { isPlaceholderData: held }: { isPlaceholderData: boolean }): Held<Page> {
  return { ...page, held }
}

/** For the link to the next page: it keeps its place and the focus while it leads nowhere, and on the last page. */
export function nextLink({ held, next_cursor: next }: Held<{ next_cursor?: string | null }>) {
  // Exact: without more pages it is not « the page that is open ».
  return { disabled: held || !next, tabIndex: 0, activeOptions: { exact: true } }
}

/** What is set, always in the same order: two addresses that ask the same are the same text. */
export function sortedQuery(search: object): string {
  const entries = Object.entries(withoutEmpty(search)) as [string, string][]
  return new URLSearchParams(entries.sort(([left], [right]) => left.localeCompare(right))).toString()
}

/** The texts of an address, by the names a page knows; the rest is dropped. */
export function pick<Name extends string>(names: readonly Name[]) {
  return (raw: Record<string, unknown>): { [name in Name]?: string } => {
    const kept: { [name in Name]?: string } = {}
    for (const name of names) {
      const value = raw[name]
      if (typeof value === 'string' && value !== '') kept[name] = value
    }
    return kept
  }
}
