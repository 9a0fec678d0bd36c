import { useSyncExternalStore } from 'react'

const query = '(max-width: 44.99rem)'
// A test has no screen.
const screen = () => (typeof matchMedia === 'undefined' ? undefined : matchMedia(query))

function follow(tell: () => void) {
  const width = screen()
  width?.addEventListener('change', tell)
  return () => width?.removeEventListener('change', tell)
}

/** One column: the width under which style sheets stack everything. */
export function useNarrow(): boolean {
  return useSyncExternalStore(follow, () => screen()?.matches ?? false)
}
