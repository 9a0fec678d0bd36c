import { t, word } from '../../lib/i18n'

interface Field {
  column: string
  to: string
  transform: string
}

/** The fields of a mapping's text, as far as its lines say them plainly: the text itself stays the reference. */
function fieldsOf(toml: string): Field[] {
  const [, ...blocks] = toml.split(/^\s*\[\[field\]\]\s*$/m)
  return blocks.map((block) => {
    const own = block.split(/^\s*\[/m)[0] ?? ''
    const value = (key: string) => new RegExp(`^\\s*${key}\\s*=\\s*"([^"]*)"`, 'm').exec(own)?.[1] ?? ''
    return { column: value('column'), to: value('to'), transform: value('transform') }
  })
}

const rule = ({ transform }: Field) => (transform ? word('transform', transform.replaceAll('_', '')) : '–')

/** « Matricule : colonne MATRICULE → MATR_AGENT » : what two texts of a mapping say otherwise, field by field, in words. */
export function mappingChanges(before: string, after: string): string[] {
  const [left, right] = [fieldsOf(before), fieldsOf(after)]
  // Several columns may fill one field: each is met once, in its order.
  const met = new Set<Field>()
  const changed = left.flatMap((old) => {
    const now = right.find((one) => one.to === old.to && !met.has(one))
    const field = word('field', old.to)
    if (!now) return [t('mapping.wordGone', { field, before: old.column })]
    met.add(now)
    return [
      ...(now.column === old.column ? [] : [t('mapping.wordMoved', { field, before: old.column, after: now.column })]),
      ...(now.transform === old.transform ? [] : [t('mapping.wordRule', { field, before: rule(old), after: rule(now) })]),
    ]
  })
  return [...changed, ...right.filter((one) => !met.has(one)).map(({ to, column }) => t('mapping.wordAdded', { field: word('field', to), after: column }))]
}
