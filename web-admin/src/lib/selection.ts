import { useState } from 'react'

/** Lines chosen in a list; they stay chosen from page to page, until what the list shows is another filter. */
export interface Selection<Row extends { id: string }> {
  rows: Row[]
  has: (row: Row) => boolean
  set: (rows: readonly Row[], chosen: boolean) => void
  clear: () => void
}

export function useSelection<Row extends { id: string }>(filter: string): Selection<Row> {
  const [kept, setKept] = useState<{ filter: string; chosen: ReadonlyMap<string, Row> }>({ filter, chosen: new Map() })
  const chosen: ReadonlyMap<string, Row> = kept.filter === filter ? kept.chosen : new Map<string, Row>()
  return {
    rows: [...chosen.values()],
    has: (row) => chosen.has(row.id),
    set: (rows, on) => {
      const after = new Map(chosen)
      for (const row of rows) {
        if (on) after.set(row.id, row)
        else after.delete(row.id)
      }
      setKept({ filter, chosen: after })
    },
    clear: () => setKept({ filter, chosen: new Map() }),
  }
}
