import { useDeferredValue } from 'react'

/** Lines of the tallest screen. */
const screenful = 32
const none: readonly never[] = []

/**
 * A screen of lines at once, the others in the next breath: whoever clicked waits for what she sees. Lines that were there
 * and are read again (more than half of them) stay, with the focus and what was opened in them.
 */
export function useGradually<Row extends { id: string }>(rows: Row[]): Row[] {
  const held = useDeferredValue<readonly Row[]>(rows, none)
  if (held === rows || rows.length <= screenful) return rows
  const known = new Set(held.map(({ id }) => id))
  return rows.filter(({ id }) => known.has(id)).length * 2 > rows.length ? rows : rows.slice(0, screenful)
}
