import type { Api } from '../../api/types'
import { dayTitle } from '../../lib/format'

type Entry = Api['TimelineEntry']

export interface Fold {
  entry: Entry
  times: number
}

/** Two operators of one name are two. */
const reader = (one: Entry) => one.actor_id ?? one.actor

/** Who looks at a record again and again would push out what happened: readings that follow each other are one line, the newest. */
export function folded(entries: Entry[]): Fold[] {
  const lines: Fold[] = []
  for (const entry of entries) {
    const last = lines.at(-1)
    const again = last && entry.event === 'person_read' && last.entry.event === 'person_read' && reader(last.entry) === reader(entry) && dayTitle(last.entry.at) === dayTitle(entry.at)
    if (again) last.times += 1
    else lines.push({ entry, times: 1 })
  }
  return lines
}
