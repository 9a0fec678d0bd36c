import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import openapi from './openapi.json'

/** Offered by the appliance and used by no screen, each with its reason. An entry that gets its screen leaves this list. */
const withoutScreen: Record<string, string> = {
  '/api/v1/audit/checkpoint': 'each proof brings its own',
  '/api/v1/jobs/{id}': 'the tray lists them and hears their events',
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /(?<!\.test|schema)\.tsx?$/.test(entry.name) && entry.name !== 'schema.ts' ? [readFileSync(path, 'utf8')] : []
  })
}

/** A path as the code may write it: its last words may be a choice made there. */
function called(path: string, code: string): boolean {
  const ends = ["'", '"', '`', '?', '${']
  const start = path.slice(0, path.lastIndexOf('/') + 1)
  return [path, path.replaceAll('{', '${')].some((one) => ends.some((end) => code.includes(`${one}${end}`))) || (code.includes(`\`${start}\${`) && new RegExp(`['"]${path.slice(start.length)}['"]`).test(code))
}

test('each operation of the appliance has a screen that calls it, or a reason not to', () => {
  const code = sources(join(import.meta.dirname, '..')).join('\n')
  const silent = Object.keys(openapi.paths).filter((path) => !called(path, code))
  expect(silent.sort()).toEqual(Object.keys(withoutScreen).sort())
})
