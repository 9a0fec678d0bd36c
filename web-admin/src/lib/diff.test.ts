import { expect, test } from 'vitest'
import { diff, hunks } from './diff'

const signs = (before: string, after: string) => diff(before, after).map(({ sign, text }) => `${{ same: ' ', out: '-', in: '+' }[sign]}${text}`)

test.each([
  ['a\nb\nc', 'a\nb\nc\n', [' a', ' b', ' c']],
  ['a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
  ['a\nc', 'a\nb\nc', [' a', '+b', ' c']],
  ['a\nb\nc', 'c', ['-a', '-b', ' c']],
  ['a', 'b', ['-a', '+b']],
])('%j to %j', (before, after, wanted) => {
  expect(signs(before, after)).toEqual(wanted)
})

test('both readings can be made again from the lines', () => {
  const before = 'name = "RH"\nkind = "hr_csv"\n\n[columns]\nMATRICULE = "matricule"\nNOM = "usage_name"'
  const after = 'name = "RH"\nkind = "hr_csv"\nencoding = "utf-8"\n\n[columns]\nMATR = "matricule"\nNOM = "usage_name"\nPRENOM = "given_names"'
  const all = diff(before, after)
  const rebuilt = (but: string) => all.filter(({ sign }) => sign !== but).map(({ text }) => text).join('\n')
  expect(rebuilt('in')).toBe(before)
  expect(rebuilt('out')).toBe(after)
})

test('equal lines far from a change are left out, once', () => {
  const before = Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\n')
  const shown = hunks(diff(before, before.replace('line 10', 'line ten')))
  expect(shown.map((line) => line?.text ?? '…')).toEqual(['…', 'line 8', 'line 9', 'line 10', 'line ten', 'line 11', 'line 12', '…'])
  expect(hunks(diff(before, before))).toEqual([undefined])
})
