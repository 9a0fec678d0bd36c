import { renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import { useGradually } from './gradually'

const lines = (from: number) => Array.from({ length: 100 }, (_, at) => ({ id: `${from + at}`, seen: 0 }))

test('another list begins with a screen of lines; the same one, read again, loses none', () => {
  const drawn: number[] = []
  const { rerender } = renderHook(
    ({ rows }) => {
      drawn.push(useGradually(rows).length)
    },
    { initialProps: { rows: lines(0) } },
  )
  expect(drawn).toEqual([32, 100])
  // One left, one came above, and all were read again.
  rerender({ rows: [{ id: 'new', seen: 1 }, ...lines(0).slice(0, 99)].map((one) => ({ ...one, seen: 1 })) })
  expect(Math.min(...drawn.slice(2))).toBe(100)
  const before = drawn.length
  rerender({ rows: lines(80) })
  expect(drawn.slice(before)).toEqual([32, 100])
})
