import { useId, type ReactNode, type Ref } from 'react'
import { t } from '../lib/i18n'
import style from './Field.module.css'
import { useHandOver } from './focus'
import { Icon, Sign } from './Status'
import text from './text.module.css'

interface FieldProps {
  label: ReactNode
  help?: ReactNode
  fault?: string | undefined
}

/** Label above, help under it, the fault under the field. */
function Frame({ id, label, help, fault, required = false, children }: FieldProps & { id: string; required?: boolean | undefined; children: ReactNode }) {
  return (
    <div className={style.field}>
      <span>
        <label htmlFor={id}>{label}</label>
        {/* The field itself tells it to a screen reader. */}
        {required && (
          <span className={text.meta} aria-hidden="true">
            {' '}
            {t('form.required')}
          </span>
        )}
      </span>
      {help && (
        <span className={style.help} id={`${id}-help`}>
          {help}
        </span>
      )}
      {children}
      {fault && (
        <span className={style.fault} id={`${id}-fault`}>
          <Sign mood="failure" />
          {fault}
        </span>
      )}
    </div>
  )
}

function described(id: string, { help, fault }: Pick<FieldProps, 'help' | 'fault'>) {
  const parts = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean)
  return parts.length ? parts.join(' ') : undefined
}

interface TextProps extends FieldProps {
  value: string
  onChange: (value: string) => void
  name?: string
  type?: 'text' | 'date' | 'search'
  short?: boolean
  lines?: number
  /** A text that machines read: one width for all its letters, no spelling. */
  code?: boolean
  required?: boolean
  inputMode?: 'numeric'
  /** For a field that the reader has just asked for. */
  autoFocus?: boolean
  ref?: Ref<HTMLInputElement>
}

export function TextField({ label, help, fault, value, onChange, type = 'text', short = false, lines, code = false, required, autoFocus, ...rest }: TextProps) {
  const id = useId()
  const shared = {
    id,
    value,
    required,
    autoFocus,
    className: [style.input, short && style.short, code && style.code].filter(Boolean).join(' '),
    'aria-invalid': fault ? true : undefined,
    'aria-describedby': described(id, { help, fault }),
  }
  return (
    <Frame id={id} label={label} help={help} fault={fault} required={required}>
      {lines ? (
        <textarea {...shared} name={rest.name} rows={lines} spellCheck={!code} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input {...shared} {...rest} type={type} autoComplete="off" onChange={(event) => onChange(event.target.value)} />
      )}
    </Frame>
  )
}

interface Choice<Value extends string> {
  value: Value
  label: string
}

interface ChoiceProps<Value extends string> extends FieldProps {
  value: Value
  name?: string | undefined
  choices: Choice<Value>[]
  onChange: (value: Value) => void
}

export function SelectField<Value extends string>({ label, help, fault, value, name, choices, onChange }: ChoiceProps<Value>) {
  const id = useId()
  return (
    <Frame id={id} label={label} help={help} fault={fault}>
      <select
        id={id}
        name={name}
        className={`${style.input} ${style.select}`}
        value={value}
        aria-invalid={fault ? true : undefined}
        aria-describedby={described(id, { help, fault })}
        onChange={(event) => onChange(event.target.value as Value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Frame>
  )
}

type RadioProps<Value extends string> = Omit<ChoiceProps<Value>, 'value'> & { value: Value | undefined }

/** `name`: as the appliance calls it, where a refusal of the whole leads. */
export function RadioField<Value extends string>({ label, help, fault, value, name: own, choices, onChange }: RadioProps<Value>) {
  const name = useId()
  return (
    <fieldset className={style.choices} data-field={own} aria-describedby={fault && `${name}-fault`}>
      <legend className={style.legend}>{label}</legend>
      {help && <p className={style.help}>{help}</p>}
      {choices.map((choice) => (
        <label key={choice.value} className={style.check}>
          <input type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          {choice.label}
        </label>
      ))}
      {fault && (
        <span className={style.fault} id={`${name}-fault`}>
          <Sign mood="failure" />
          {fault}
        </span>
      )}
    </fieldset>
  )
}

type CheckProps = { checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean; mixed?: boolean; fault?: string | undefined } & ({ label: string; hidden: true } | { label: ReactNode; hidden?: false })

/** `hidden`: where the line says what is ticked, the words are for assistive technology alone. */
export function Check({ label, checked, onChange, hidden = false, disabled = false, mixed = false, fault }: CheckProps) {
  const id = useId()
  const box = (
    <label className={style.check}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault && `${id}-fault`}
        aria-label={hidden ? String(label) : undefined}
        ref={(box) => {
          if (box) box.indeterminate = mixed
        }}
        onChange={(event) => onChange(event.target.checked)}
      />
      {!hidden && <span>{label}</span>}
    </label>
  )
  if (!fault) return box
  return (
    <div className={style.field}>
      {box}
      <span className={style.fault} id={`${id}-fault`}>
        <Sign mood="failure" />
        {fault}
      </span>
    </div>
  )
}

/** One filter in force, with its way out. */
export function Chip({ name, value, onRemove, autoFocus }: { name: string; value: string; onRemove: () => void; autoFocus?: boolean }) {
  const place = useHandOver<HTMLButtonElement>()
  return (
    <span className={style.chip}>
      <span>
        {name} : <b>{value}</b>
      </span>
      <button ref={place} type="button" autoFocus={autoFocus} aria-label={t('filter.remove', { name, value })} onClick={onRemove}>
        <Icon name="x" />
      </button>
    </span>
  )
}

export interface Segment<Value extends string> {
  value: Value
  label: string
  count?: string
  sign?: ReactNode
}

/** A few choices side by side: radios, drawn as one control. */
export function Segments<Value extends string>({ legend, value, segments, onChange }: { legend: string; value: Value; segments: Segment<Value>[]; onChange: (value: Value) => void }) {
  const name = useId()
  return (
    <fieldset className={style.segments}>
      <legend className={text.hidden}>{legend}</legend>
      {segments.map((segment) => (
        <label key={segment.value}>
          <input type="radio" name={name} checked={segment.value === value} onChange={() => onChange(segment.value)} />
          {segment.sign}
          {segment.label} {segment.count !== undefined && <span className={style.count}>{segment.count}</span>}
        </label>
      ))}
    </fieldset>
  )
}
