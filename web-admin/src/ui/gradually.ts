import { useDeferredValue } from 'react'

/** Lines of the tallest screen. */
const screenful = 32
const none: readonly never[] = []

/** A screen of lines at once, the others in the next breath: whoever clicked waits for what she sees. */
export function useGradually<Row>(rows: Row[]): Row[] {
  const whole = useDeferredValue<readonly Row[]>(rows, none) === rows
  return whole ? rows : rows.slice(0, screenful)
}
