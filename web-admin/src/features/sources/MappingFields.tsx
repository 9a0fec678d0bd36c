import { useRef, useState } from 'react'
import type { Api } from '../../api/types'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import input from '../../ui/Field.module.css'
import layout from '../../ui/layout.module.css'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { rulesOf, targets, withField, withNewField, withoutField } from './fields'
import type { Field } from './mapping'
import style from './Sources.module.css'

interface Props {
  fields: Field[]
  toml: string
  /** What the appliance read under the version in force. */
  columns: Api['MappingColumn'][]
  onChange: (toml: string) => void
}

const ruleName = (rule: string) => word('transform', rule.replaceAll('_', ''))

/** Column, field, rule: each from the closed list, with values just read. The text stays the reference: only the words chosen here change in it. */
export function MappingFields({ fields, toml, columns, onChange }: Props) {
  // A line keeps its name when one above it goes: what has the focus stays what it was.
  const [names, setNames] = useState(() => fields.map((_, rank) => rank))
  const next = useRef(fields.length)
  const [fresh, setFresh] = useState<number>()
  function add() {
    const free = Object.keys(targets).find((to) => fields.every((one) => one.to !== to)) ?? 'matricule'
    setFresh(next.current)
    setNames([...names, next.current])
    next.current += 1
    onChange(withNewField(toml, { column: '', to: free, transform: '' }))
  }
  return (
    <div className={layout.small}>
      <Table
        caption={t('mapping.fields')}
        className={style.fields}
        head={
          <tr>
            <th scope="col">{t('mapping.column')}</th>
            <th scope="col">{t('mapping.to')}</th>
            <th scope="col">{t('mapping.rule')}</th>
            <th scope="col">{t('mapping.samples')}</th>
            <th scope="col">
              <span className={text.hidden}>{t('mapping.removeOne')}</span>
            </th>
          </tr>
        }
      >
        <tbody>
          {fields.map((field, rank) => (
            <Line
              key={names[rank]}
              field={field}
              fresh={names[rank] === fresh}
              twin={fields.some((one) => one !== field && one.to === field.to)}
              read={columns.find(({ column }) => column === field.column)?.samples}
              required={columns.some(({ to, required }) => required && to === field.to) && fields.every((one) => one === field || one.to !== field.to)}
              onChange={(more) => onChange(withField(toml, rank, { ...field, ...more }))}
              onRemove={() => {
                setFresh(undefined)
                setNames(names.filter((_, at) => at !== rank))
                onChange(withoutField(toml, rank))
              }}
            />
          ))}
        </tbody>
      </Table>
      <div>
        <Button small icon="plus" onPress={add}>
          {t('mapping.addOne')}
        </Button>
      </div>
    </div>
  )
}

interface LineProps {
  field: Field
  fresh: boolean
  /** Another column fills the same field. */
  twin: boolean
  /** What was read last in that column, when the version in force reads it. */
  read: string[] | undefined
  /** Nothing is read without it, and no other column fills it. */
  required: boolean
  onChange: (more: Partial<Pick<Field, 'column' | 'to' | 'transform' | 'table'>>) => void
  onRemove: () => void
}

/** The rule follows the field: one that does not suit it, or whose list says what another field holds, gives way to the field's own. */
function ruleFor(to: string, transform: string): string {
  return transform !== 'table' && rulesOf(to).includes(transform) ? transform : ''
}

const sameList = (one: Map<string, string>, other: Map<string, string>) => one.size === other.size && [...one].every(([key, value]) => other.get(key) === value)

function Line({ field, fresh, twin, read, required, onChange, onRemove }: LineProps) {
  const { column, to, transform, table } = field
  const name = word('field', to)
  const named = column || t('mapping.unnamed')
  const whole = twin ? `${name} (${named})` : name
  const [own, ...others] = rulesOf(to)
  // A list of values is written in the text: it is offered where there is one, and where one was until another rule was chosen.
  const [kept, keep] = useState({ to, table })
  if (table.size > 0 && !(kept.to === to && sameList(table, kept.table))) keep({ to, table })
  const list = kept.to === to ? kept.table : new Map<string, string>()
  const known = others.filter((rule) => rule !== 'table' || list.size > 0)
  const rule = transform === own ? '' : transform
  return (
    <tr>
      <th scope="row">
        <input className={`${input.input} ${text.mono}`} aria-label={t('mapping.columnOf', { field: whole })} value={column} autoFocus={fresh} autoComplete="off" spellCheck={false} onChange={(event) => onChange({ column: event.target.value })} />
      </th>
      <td>
        <select className={`${input.input} ${input.select}`} aria-label={t('mapping.fieldOf', { column: named })} value={to} onChange={({ target: { value } }) => onChange({ to: value, transform: ruleFor(value, transform) })}>
          {[...new Set([...Object.keys(targets), to])].map((one) => (
            <option key={one} value={one}>
              {word('field', one)}
            </option>
          ))}
        </select>
      </td>
      <td>
        <select className={`${input.input} ${input.select}`} aria-label={t('mapping.ruleOf', { field: whole })} value={rule} onChange={({ target: { value } }) => onChange({ transform: value, ...(value === 'table' && { table: list }) })}>
          {[...new Set(['', ...known, rule])].map((one) => (
            <option key={one} value={one}>
              {one === '' ? ruleName(own ?? 'text') : one === 'table' ? t('mapping.tableOf', { count: list.size }) : ruleName(one)}
            </option>
          ))}
        </select>
      </td>
      <td className={style.samples}>{read ? read.filter(Boolean).slice(0, 3).join(' · ') || '–' : t('mapping.notRead')}</td>
      <td>
        {required ? <span className={text.meta}>{t('mapping.required')}</span> : <Button small bare variant="ghost" icon="x" label={t('mapping.removeName', { field: name, column: named })} onPress={onRemove} />}
      </td>
    </tr>
  )
}
