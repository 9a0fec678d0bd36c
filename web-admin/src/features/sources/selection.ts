import { useState } from 'react'
import type { Api, ItemKind, Run, RunItem } from '../../api/types'

/** What of the plan is kept: what the appliance keeps by itself, and what was changed by hand. */
export interface Selection {
  isKept: (item: RunItem) => boolean
  set: (item: RunItem, kept: boolean) => void
  request: Api['Selection']
  aside: number
  /** How many fewer (or more) of a kind than the plan keeps by itself. */
  asideOf: (kind: ItemKind) => number
}

export function useSelection(run: Run, items: RunItem[]): Selection {
  const [changed, setChanged] = useState<ReadonlyMap<string, { item: RunItem; kept: boolean }>>(new Map())
  const isKept = (item: RunItem) => changed.get(item.id)?.kept ?? item.selected
  const moved = [...changed.values()].filter(({ item, kept }) => item.selected !== kept)
  const left = moved.filter(({ kept }) => !kept).map(({ item }) => item)
  const taken = moved.filter(({ kept }) => kept).map(({ item }) => item)
  const count = (list: RunItem[]) => list.reduce((sum, item) => sum + item.pattern_count, 0)
  // What the plan itself sets aside is named too, so that nothing is applied unseen.
  const except = [...new Set([...left, ...items.filter((item) => !isKept(item))].map(({ id }) => id))]
  return {
    isKept,
    set: (item, kept) => setChanged((before) => new Map(before).set(item.id, { item, kept })),
    request: { all: true, except },
    aside: run.aside_by_default + count(left) - count(taken),
    asideOf: (kind) => count(left.filter((item) => item.kind === kind)) - count(taken.filter((item) => item.kind === kind)),
  }
}
