import { readMapping, type Field } from './mapping'

type Holds = 'words' | 'matricule' | 'date' | 'sex' | 'rpps' | 'finess' | 'profession' | 'mail'

/** The fields that a source may feed, and what each holds: the closed list of the appliance, in its order. */
export const targets: Record<string, Holds> = {
  matricule: 'matricule',
  birth_family: 'words',
  usage_family: 'words',
  given: 'words',
  other_given: 'words',
  usual_given: 'words',
  sex: 'sex',
  birth_date: 'date',
  birth_place_code: 'words',
  birth_place_label: 'words',
  rpps: 'rpps',
  mail: 'mail',
  finess_ej: 'finess',
  finess_et: 'finess',
  unit_code: 'words',
  unit_label: 'words',
  function_label: 'words',
  profession: 'profession',
  contract_kind: 'words',
  starts_on: 'date',
  ends_on: 'date',
}

/** The rules that suit what a field holds, its natural one first. `table` needs its list, which is written in the text. */
export const rules: Record<Holds, string[]> = {
  words: ['text', 'upper_trim', 'split_first', 'table'],
  matricule: ['text', 'upper_trim'],
  date: ['date_any', 'date_fr', 'date_iso'],
  sex: ['sex_mf', 'table'],
  rpps: ['rpps'],
  finess: ['finess', 'table'],
  profession: ['profession_code', 'table'],
  mail: ['mail'],
}

export function rulesOf(to: string): string[] {
  return rules[targets[to] ?? 'words']
}

/** As a mapping's text writes it: the first form that says it without an escape. No form holds both quotes: the second kind is not taken. */
function quoted(value: string): string {
  const plain = value.replace(/\p{Cc}/gu, '')
  if (!/["\\]/.test(plain)) return `"${plain}"`
  return plain.includes("'") ? `"${plain.replace(/["\\]/g, '')}"` : `'${plain}'`
}

type Words = Pick<Field, 'column' | 'to' | 'transform'>
/** With its list of values, where the rule is one. */
type Said = Words & Partial<Pick<Field, 'table'>>
const keys = ['column', 'to', 'transform'] as const

/** The text with one field said otherwise; every other line, remarks too, stays as it was written. */
export function withField(toml: string, rank: number, after: Said): string {
  const field = readMapping(toml)?.fields[rank]
  if (!field) return toml
  const lines = toml.split('\n')
  const missing: string[] = []
  const gone = after.transform === 'table' ? new Set<number>() : linesOfList(lines, field)
  for (const key of keys) {
    const at = field.at.keys.get(key)
    if (field[key] === after[key]) continue
    if (at === undefined) missing.push(`${key} = ${quoted(after[key])}`)
    else lines[at] = (lines[at] ?? '').replace(/=\s*("[^"]*"|'[^']*')/, () => `= ${quoted(after[key])}`)
  }
  if (after.transform === 'table' && after.table?.size && !field.at.keys.has('table')) missing.push(listed(after.table))
  const { head } = field.at
  const last = Math.max(head, ...keys.map((key) => field.at.keys.get(key) ?? head))
  const natural = after.transform === '' ? field.at.keys.get('transform') : undefined
  return lines.flatMap((line, at) => [...(at === natural || gone.has(at) ? [] : [line]), ...(at === last ? missing : [])]).join('\n')
}

/** `table = { … }`, or the block with its head and the blank line before it: a list means something under its own rule alone. */
function linesOfList(lines: string[], { at }: Field): Set<number> {
  const start = at.keys.get('table')
  if (start === undefined) return new Set()
  if (!lines[start]?.trim().startsWith('[')) return new Set([start])
  const first = lines[start - 1]?.trim() === '' ? start - 1 : start
  return new Set(Array.from({ length: at.end - first }, (_, step) => first + step))
}

function listed(table: Map<string, string>): string {
  return `table = { ${[...table].map(([from, to]) => `${quoted(from)} = ${quoted(to)}`).join(', ')} }`
}

export function withoutField(toml: string, rank: number): string {
  const field = readMapping(toml)?.fields[rank]
  if (!field) return toml
  const lines = toml.split('\n')
  // With the remarks that stand right above it, and the blank line that set it apart.
  let start = field.at.head
  while (lines[start - 1]?.trim().startsWith('#')) start -= 1
  const end = field.at.end + (lines[field.at.end]?.trim() === '' ? 1 : 0)
  return [...lines.slice(0, start), ...lines.slice(end)].join('\n')
}

/** One more, after the last: before the brakes and the hours. */
export function withNewField(toml: string, { column, to, transform }: Words): string {
  const lines = toml.replace(/\n+$/, '').split('\n')
  const at = readMapping(toml)?.fields.at(-1)?.at.end ?? lines.length
  const block = ['', '[[field]]', `column = ${quoted(column)}`, `to = ${quoted(to)}`, ...(transform ? [`transform = ${quoted(transform)}`] : [])]
  return [...lines.slice(0, at), ...block, ...lines.slice(at), ''].join('\n')
}
