import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const sheet = readFileSync(join(process.cwd(), 'src/ui/tokens.css'), 'utf8')

function tokens(block: string): Record<string, string> {
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9A-Fa-f]{6})/g)].map(([, name, value]) => [name, value]))
}

/** WCAG 2.1, relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(left: string, right: string): number {
  const [high, low] = [luminance(left), luminance(right)].sort((a, b) => b - a) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

const [light, dark] = [sheet.slice(0, sheet.indexOf('data-theme')), sheet.slice(sheet.indexOf('data-theme'))].map(tokens) as [Record<string, string>, Record<string, string>]
const statuses = ['ok', 'warning', 'failure', 'doubt', 'info', 'off']

/** Text needs 4.5; edges of controls and signs need 3. */
const pairs: [over: string, under: string, floor: number][] = [
  ...['page', 'panel', 'sunk'].flatMap((ground): [string, string, number][] => [['text', ground, 4.5], ['muted', ground, 4.5]]),
  ...['page', 'panel'].flatMap((ground): [string, string, number][] => [['accent', ground, 4.5], ['accent-hover', ground, 4.5], ['control', ground, 3]]),
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['page', 'failure', 4.5],
  ...statuses.flatMap((status): [string, string, number][] => [[status, `${status}-tint`, 4.5], ['text', `${status}-tint`, 4.5], [status, 'page', 3], [status, 'panel', 3]]),
]

describe.each([['light', light], ['dark', { ...light, ...dark }]] as const)('%s', (_, theme) => {
  test.each(pairs)('%s on %s is at least %d', (over, under, floor) => {
    const [one, other] = [theme[over], theme[under]]
    expect(one, over).toBeDefined()
    expect(other, under).toBeDefined()
    expect(contrast(one ?? '', other ?? '')).toBeGreaterThanOrEqual(floor)
  })
})

/** RGAA 10.13: what comes under the pointer or at the focus is a bubble of the library, which leaves with Escape. */
test('no style sheet reveals anything under the pointer or at the focus', () => {
  const sheets = readdirSync(join(process.cwd(), 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css'))
  expect(sheets.length).toBeGreaterThan(10)
  const revealing = sheets.flatMap((name) =>
    [...readFileSync(join(process.cwd(), 'src', name), 'utf8').matchAll(/([^{}]*:(?:hover|focus)[^{}]*)\{([^}]*)\}/g)]
      .filter(([, , rules = '']) => /(?:^|[;\s])(?:display|visibility|opacity|content|height|max-height|clip-path)\s*:/.test(rules))
      .map(([, selector = '']) => `${name}: ${selector.trim()}`),
  )
  // The words of the narrow navigation: they too leave with Escape (`Nav`, walked in the browser tests).
  expect(revealing.filter((one) => !/Shell\.module\.css: \.nav( \.word, \.nav)?:not\(\.quiet\)/.test(one))).toEqual([])
})
