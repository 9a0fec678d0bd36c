import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rules, targets, withField, withNewField, withoutField } from './fields'
import { readMapping } from './mapping'

const ours = readFileSync(join(process.cwd(), '../crates/identity/src/mapping/field.rs'), 'utf8')

test('the closed lists are those of the appliance, in its order', () => {
  const [, names = ''] = /fn name\(self\)[^{]*\{([^}]*)\}/.exec(ours) ?? []
  expect([...names.matchAll(/=> "([a-z_]+)"/g)].map(([, name]) => name)).toEqual(Object.keys(targets))
  const [, listed = ''] = /NAMES: \[[^\]]*\] = \[([^\]]*)\]/.exec(ours) ?? []
  const transforms = [...listed.matchAll(/"([a-z_]+)"/g)].map(([, name]) => name ?? '')
  expect(transforms.length).toBeGreaterThan(10)
  expect([...new Set(Object.values(rules).flat())].sort()).toEqual([...transforms].sort())
})

test('what a field holds, its own rule and those that suit it are those of the appliance', () => {
  const camel = (name: string) => name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const [, holds = ''] = /fn holds\(self\)[^{]*\{([\s\S]*?)\n {4}\}/.exec(ours) ?? []
  const arms = [...holds.matchAll(/((?:\|?\s*Self::\w+\s*)+)=> Holds::(\w+)/g)].flatMap(([, left = '', right]) => [...left.matchAll(/Self::(\w+)/g)].map(([, target]) => [target, right]))
  expect(Object.fromEntries(arms)).toEqual(Object.fromEntries(Object.entries(targets).map(([target, kind]) => [camel(target), camel(kind)])))
  const [, natural = ''] = /fn natural_transform\(self\)[^{]*\{([\s\S]*?)\n {4}\}/.exec(ours) ?? []
  for (const [, left = '', rule] of natural.matchAll(/((?:\|?\s*Holds::\w+\s*)+)=> Transform::(\w+)/g)) {
    for (const [, kind = ''] of left.matchAll(/Holds::(\w+)/g)) expect(camel(rules[kind.toLowerCase() as keyof typeof rules][0] ?? ''), kind).toBe(rule)
  }
  const [, suits = ''] = /fn suits\([^{]*\{([\s\S]*?)\n {4}\}/.exec(ours) ?? []
  const pairs = [...suits.matchAll(/\(([^()]*(?:\(_\))?), (Holds::[^)]*)\)/g)].flatMap(([, left = '', right = '']) =>
    [...left.matchAll(/Self::(\w+)/g)].flatMap(([, rule]) => [...right.matchAll(/Holds::(\w+)/g)].map(([, kind]) => `${rule} ${kind}`)),
  )
  const said = Object.entries(rules).flatMap(([kind, all]) => all.map((rule) => `${camel(rule)} ${camel(kind)}`))
  expect([...said].sort()).toEqual([...new Set(pairs)].sort())
})

const toml = `# relue avec la RH
[source]
name = "rh"

# la clé
[[field]]
column = 'MATRICULE' # du logiciel de paie
to = "matricule"

[[field]]
column = "GRADE"
to = "profession"
transform = "table"

[field.table]
"PH" = "10"

[brakes]
closings = { share = 0.02, count = 10 }
`

test('a field said otherwise changes its own words alone', () => {
  const after = withField(toml, 0, { column: 'MATR "AGENT"', to: 'matricule', transform: 'upper_trim' })
  expect(after).toBe(toml.replace(`'MATRICULE' # du logiciel de paie\nto = "matricule"`, `'MATR "AGENT"' # du logiciel de paie\nto = "matricule"\ntransform = "upper_trim"`))
  expect(withField(after, 0, { column: 'MATRICULE', to: 'matricule', transform: '' })).toBe(toml.replace("'MATRICULE'", '"MATRICULE"'))
})

test('a column typed with both quotes is still one that the fields can show', () => {
  const after = withField(toml, 0, { column: `L'"UF"`, to: 'matricule', transform: '' })
  expect(readMapping(after)?.fields[0]?.column).toBe("L'UF")
})

test('a field goes with its list, and one more comes before the brakes', () => {
  const less = withoutField(toml, 1)
  expect(readMapping(less)?.fields.map(({ to }) => to)).toEqual(['matricule'])
  expect(less).not.toContain('PH')
  expect(less).toContain('[brakes]')
  // With the remark that was about it; the file's own stays.
  const without = withoutField(toml, 0)
  expect(without).not.toContain('# la clé')
  expect(without).toContain('# relue avec la RH')
  const more = withNewField(toml, { column: 'MAIL', to: 'mail', transform: '' })
  expect(readMapping(more)?.fields.map(({ to }) => to)).toEqual(['matricule', 'profession', 'mail'])
  expect(more.indexOf('MAIL')).toBeLessThan(more.indexOf('[brakes]'))
  expect(readMapping(more)?.rest).toEqual(readMapping(toml)?.rest)
})

test('a list of values goes with its rule, and comes back with it', () => {
  const [field] = readMapping(toml)?.fields.slice(1) ?? []
  const words = { column: 'GRADE', to: 'profession' }
  const plain = withField(toml, 1, { ...words, transform: 'profession_code' })
  expect(plain).toBe(toml.replace('"table"', '"profession_code"').replace('\n[field.table]\n"PH" = "10"\n', ''))
  const back = withField(plain, 1, { ...words, transform: 'table', ...(field && { table: field.table }) })
  expect(back).toContain('transform = "table"\ntable = { "PH" = "10" }\n')
  expect(withField(back, 1, { ...words, transform: '' })).toBe(plain.replace('transform = "profession_code"\n', ''))
})
