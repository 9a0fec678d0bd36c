import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api, body, once } from '../../api/client'
import type { PersonRow } from '../../api/types'
import { listQuery, peopleKeys } from './queries'
import type { PeopleSearch } from './search'

/** Above, the filter is to be narrowed: nobody reads two thousand names before acting on them. */
export const widest = 2000
const pageSize = 200
const atOnce = 4

/** Everybody of the filter, page by page. */
export async function everybody(filter: PeopleSearch): Promise<PersonRow[]> {
  const rows: PersonRow[] = []
  let cursor: string | undefined
  do {
    const query = { ...listQuery({ ...filter, cursor }), limit: pageSize }
    const page = await body(api.GET('/api/v1/people', { params: { query } }))
    rows.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor && rows.length < widest)
  return rows
}

export type BulkAct = 'end' | 'close'

/** One person at a time, each with her own trace; a closing is refused when her record has moved since it was read. */
async function act(kind: BulkAct, { id }: PersonRow, motive: string): Promise<void> {
  if (kind === 'end') {
    await body(api.POST('/api/v1/people/{id}/end-sessions', { params: { path: { id }, header: once() } }))
    return
  }
  const { etag } = await body(api.GET('/api/v1/people/{id}', { params: { path: { id } } }))
  await body(api.POST('/api/v1/people/{id}/close', { params: { path: { id }, header: { 'If-Match': etag, ...once() } }, body: { motive } }))
}

export interface BulkReport {
  done: number
  refused: { row: PersonRow; error: unknown }[]
  /** Stopped by the reader before these. */
  left: number
}

export function useBulk(kind: BulkAct, rows: PersonRow[]) {
  const client = useQueryClient()
  const [tried, setTried] = useState(0)
  const stopped = useRef(false)
  const run = useMutation({
    mutationFn: async (motive: string): Promise<BulkReport> => {
      const report: BulkReport = { done: 0, refused: [], left: 0 }
      const waiting = [...rows]
      stopped.current = false
      const worker = async () => {
        for (let row = waiting.shift(); row; row = waiting.shift()) {
          try {
            await act(kind, row, motive)
            report.done += 1
          } catch (error) {
            report.refused.push({ row, error })
          }
          setTried(report.done + report.refused.length)
          if (stopped.current) break
        }
      }
      await Promise.all(Array.from({ length: atOnce }, worker))
      return { ...report, left: waiting.length }
    },
    onSettled: () => client.invalidateQueries({ queryKey: peopleKeys.all }),
  })
  return { run, tried, stop: () => void (stopped.current = true) }
}
