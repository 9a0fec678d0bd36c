import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namedRights, rolesWith } from './rights'

const table = readFileSync(join(process.cwd(), '../crates/kernel/src/actor.rs'), 'utf8').match(/fn capabilities\(self\)[\s\S]*?\n {4}\}/)?.[0] ?? ''
const granted = [...table.matchAll(/Self::(\w+) => &\[([^\]]*)\]/g)].map(([, role, list]) => ({ role: snake(role ?? ''), rights: (list ?? '').match(/\w+/g)?.map(snake) ?? [] }))

function snake(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
}

test('the roles named by a refusal are those that the appliance gives the right to', () => {
  expect(granted.length).toBe(6)
  for (const right of namedRights) expect(rolesWith(right), right).toEqual(granted.filter(({ rights }) => rights.includes(right)).map(({ role }) => role))
})
