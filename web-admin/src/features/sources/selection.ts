import { useState } from 'react'
import type { Api, ItemKind, Run, RunItem } from '../../api/types'

/** What of the plan is kept: what the appliance keeps by itself, and what was changed by hand. */
export interface Selection {
  isKept: (item: RunItem) => boolean
  set: (item: RunItem, kept: boolean) => void
  request: Api['Selection']
  aside: number
  /** How many fewer (or more) of a kind than the plan holds. */
  asideOf: (kind: ItemKind) => number
}

export function useSelection(run: Run): Selection {
  const [changed, setChanged] = useState<ReadonlyMap<string, { item: RunItem; kept: boolean }>>(new Map())
  const moved = [...changed.values()].filter(({ item, kept }) => item.selected !== kept)
  const except = moved.filter(({ kept }) => !kept).map(({ item }) => item)
  const also = moved.filter(({ kept }) => kept).map(({ item }) => item)
  const count = (items: RunItem[]) => items.reduce((sum, item) => sum + item.pattern_count, 0)
  return {
    isKept: (item) => changed.get(item.id)?.kept ?? item.selected,
    set: (item, kept) => setChanged((before) => new Map(before).set(item.id, { item, kept })),
    request: { all: true, except: except.map(({ id }) => id), also: also.map(({ id }) => id) },
    aside: run.aside_by_default + count(except) - count(also),
    asideOf: (kind) => count(except.filter((item) => item.kind === kind)) - count(also.filter((item) => item.kind === kind)),
  }
}
