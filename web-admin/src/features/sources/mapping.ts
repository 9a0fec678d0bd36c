import { t, word } from '../../lib/i18n'

/** One `[[field]]` of a mapping, and where its words stand in the text. */
export interface Field {
  column: string
  to: string
  /** Nothing when the field keeps its natural rule. */
  transform: string
  table: Map<string, string>
  /** Line of each key, of the header, and the first line after the block. */
  at: { head: number; end: number; keys: Map<string, number> }
}

interface Read {
  fields: Field[]
  /** What is not of a field: the source, its brakes, its hours. Remarks and blanks left out. */
  rest: string[]
}

const TEXT = `"[^"\\\\]*"|'[^']*'`
const NAME = `[\\w-]+|${TEXT}`
const NOTHING = /^\s*(#.*)?$/
const HEADER = /^\s*(\[\[?)\s*([\w.-]+)\s*(\]\]?)\s*(#.*)?$/
const PAIR = new RegExp(`^\\s*(${NAME})\\s*=\\s*(${TEXT})\\s*(#.*)?$`)
const INLINE = new RegExp(`^\\s*table\\s*=\\s*\\{(.*)\\}\\s*(#.*)?$`)
const ENTRIES = new RegExp(`^\\s*(?:(?:${NAME})\\s*=\\s*(?:${TEXT})\\s*(?:,\\s*|$))*$`)

const bare = (word: string) => (/^["']/.test(word) ? word.slice(1, -1) : word)

/** The values of `table = { … }` in one line. */
function inline(values: string, table: Map<string, string>): boolean {
  if (!ENTRIES.test(values)) return false
  for (const [, from = '', to = ''] of values.matchAll(new RegExp(`(${NAME})\\s*=\\s*(${TEXT})`, 'g'))) table.set(bare(from), bare(to))
  return true
}

/** A line inside a field: one of the four words that it may have. */
function take(field: Field, line: string, at: number): boolean {
  const [, values] = INLINE.exec(line) ?? []
  const [, key = '', value = ''] = PAIR.exec(line) ?? []
  const name = values === undefined ? bare(key) : 'table'
  if (field.at.keys.has(name)) return false
  field.at.keys.set(name, at)
  if (values !== undefined) return inline(values, field.table)
  if (name !== 'column' && name !== 'to' && name !== 'transform') return false
  field[name] = bare(value)
  return true
}

/**
 * The fields of a mapping's text. Nothing when one line of it is written in a way that this reader does not know:
 * half of a text told in words would be taken for the whole.
 */
export function readMapping(toml: string): Read | undefined {
  if (/"""|'''/.test(toml)) return undefined
  const read: Read = { fields: [], rest: [] }
  let place: 'root' | 'elsewhere' | 'field' | 'table' = 'root'
  for (const [at, line] of toml.split('\n').entries()) {
    const field = read.fields.at(-1)
    const [, open, name = '', shut] = HEADER.exec(line) ?? []
    if (NOTHING.test(line)) continue
    if (name === 'field') {
      if (open !== '[[' || shut !== ']]') return undefined
      place = 'field'
      read.fields.push({ column: '', to: '', transform: '', table: new Map(), at: { head: at, end: at + 1, keys: new Map() } })
      continue
    }
    if (name === 'field.table' && field && open === '[' && shut === ']' && place === 'field' && !field.at.keys.has('table')) {
      place = 'table'
      field.at.keys.set('table', at)
    } else if (name.split('.')[0] === 'field') return undefined
    else if (name) {
      place = 'elsewhere'
      read.rest.push(line.trim())
    } else if (/^\s*\[/.test(line)) return undefined
    else if (place === 'table' && field) {
      const [, from, to] = PAIR.exec(line) ?? []
      if (from === undefined || to === undefined || field.table.has(bare(from))) return undefined
      field.table.set(bare(from), bare(to))
    } else if (place === 'field' && field) {
      if (!take(field, line, at)) return undefined
    } else if (place === 'root' && /^\s*["']?field\b/.test(line)) return undefined
    else read.rest.push(line.trim())
    if (field && (place === 'field' || place === 'table')) field.at.end = at + 1
  }
  return read
}

const rule = ({ transform }: Field) => (transform ? word('transform', transform.replaceAll('_', '')) : t('mapping.natural'))

/** How many values of a list are not what they were, come or go. */
function moved(before: Map<string, string>, after: Map<string, string>): number {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key)).length
}

/** « Matricule : colonne MATRICULE → MATR_AGENT » : what two texts of a mapping say otherwise, field by field, in words; nothing when a word of either is not understood. */
export function mappingChanges(before: string, after: string): string[] {
  const [left, right] = [readMapping(before), readMapping(after)]
  if (!left || !right) return []
  // Several columns may fill one field: each is met once, in its order.
  const met = new Set<Field>()
  const changed = left.fields.flatMap((old) => {
    const now = right.fields.find((one) => one.to === old.to && !met.has(one))
    const field = word('field', old.to)
    if (!now) return [t('mapping.wordGone', { field, before: old.column })]
    met.add(now)
    const values = moved(old.table, now.table)
    return [
      ...(now.column === old.column ? [] : [t('mapping.wordMoved', { field, before: old.column, after: now.column })]),
      ...(now.transform === old.transform ? [] : [t('mapping.wordRule', { field, before: rule(old), after: rule(now) })]),
      ...(values ? [t('mapping.wordTable', { field, count: values })] : []),
    ]
  })
  const said = [...changed, ...right.fields.filter((one) => !met.has(one)).map(({ to, column }) => t('mapping.wordAdded', { field: word('field', to), after: column }))]
  const elsewhere = left.rest.join('\n') !== right.rest.join('\n')
  return said.length && elsewhere ? [...said, t('mapping.wordElse')] : said
}
