import { expect, test } from 'vitest'
import { folded } from './folded'

const read = (minute: number, actor_id: string) => ({ at: `2026-11-22T13:${minute}:00+01:00`, event: 'person_read', source: 'console' as const, actor: 'L. Delmas', actor_id })

test('readings that follow each other are one line; those of two operators of one name are two', () => {
  const lines = folded([read(51, 'one'), read(47, 'one'), read(40, 'other'), read(35, 'one')])
  expect(lines.map(({ entry, times }) => [entry.actor_id, times])).toEqual([['one', 2], ['other', 1], ['one', 1]])
})
