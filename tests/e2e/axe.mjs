// Accessibility, as far as a program sees it: RGAA asks for WCAG 2.1 A and AA.
import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']

export async function axeFaults(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} at ${node.target.join(' ')}: ${rule.help}`))
}

/** axe finds nothing on the page as it stands. */
export async function assertAccessible(page, where = page.url()) {
  const faults = await axeFaults(page)
  assert.deepEqual(faults, [], `axe on ${where}`)
}
