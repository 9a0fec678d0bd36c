import { useState } from 'react'

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

export function useSelection<Row extends { id: string }>(filter: string): Selection<Row> {
  const nothing = { filter, whole: false, chosen: new Map<string, Row>() as ReadonlyMap<string, Row> }
  const [kept, setKept] = useState(nothing)
  const { whole, chosen } = kept.filter === filter ? kept : nothing
  return {
    rows: [...chosen.values()],
    whole,
    has: (row) => whole || chosen.has(row.id),
    set: (rows, on) => {
      const after = new Map(chosen)
      for (const row of rows) {
        if (on) after.set(row.id, row)
        else after.delete(row.id)
      }
      // One line taken out of the whole leaves those that were ticked one by one.
      setKept({ filter, whole: false, chosen: after })
    },
    widen: () => setKept({ filter, whole: true, chosen }),
    clear: () => setKept(nothing),
  }
}
