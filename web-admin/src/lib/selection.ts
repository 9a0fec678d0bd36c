import { useCallback, useState } from 'react'

/** Lines chosen in a list; they stay chosen from page to page, until what the list shows is another filter. */
export interface Selection<Row extends { id: string }> {
  rows: Row[]
  /** Every line of the filter, in sight or not. */
  whole: boolean
  has: (row: Row) => boolean
  set: (rows: readonly Row[], chosen: boolean) => void
  widen: () => void
  clear: () => void
}

interface Kept<Row> {
  filter: string
  whole: boolean
  chosen: ReadonlyMap<string, Row>
}

const nothing = <Row>(filter: string): Kept<Row> => ({ filter, whole: false, chosen: new Map() })

/** `set` stays the same function as long as the filter does, so that a line is drawn again only when it changes. */
export function useSelection<Row extends { id: string }>(filter: string): Selection<Row> {
  const [kept, setKept] = useState(() => nothing<Row>(filter))
  const { whole, chosen } = kept.filter === filter ? kept : nothing<Row>(filter)
  const set = useCallback(
    (rows: readonly Row[], on: boolean) =>
      setKept((before) => {
        const after = new Map(before.filter === filter ? before.chosen : [])
        for (const row of rows) {
          if (on) after.set(row.id, row)
          else after.delete(row.id)
        }
        // One line taken out of the whole leaves those that were ticked one by one.
        return { filter, whole: false, chosen: after }
      }),
    [filter],
  )
  return {
    rows: [...chosen.values()],
    whole,
    has: (row) => whole || chosen.has(row.id),
    set,
    widen: () => setKept({ filter, whole: true, chosen }),
    clear: () => setKept(nothing(filter)),
  }
}
