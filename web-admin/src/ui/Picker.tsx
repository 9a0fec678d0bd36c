import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react'
import { t } from '../lib/i18n'
import { useHandOver } from './focus'
import style from './Picker.module.css'
import text from './text.module.css'

export interface Choice {
  key: string
  /** Choices of a group follow each other. */
  group?: string
  content: ReactNode
}

interface Props {
  label: ReactNode
  typed: string
  onType: (text: string) => void
  choices: Choice[]
  /** The answer for what was typed has come. */
  answered: boolean
  nothing: string
  /** Said under the choices: that there are more of them. */
  more?: string | undefined
  onChoose: (key: string) => void
  placeholder?: string
  shortcut?: string
  className?: string | undefined
  /** In a form: label above, the frame of the other fields. */
  field?: boolean
  autoFocus?: boolean
  ref?: Ref<HTMLInputElement>
}

/** What was found for other letters is never taken without being pointed at: « Entrée » would open another person. */
function onlyOf(choices: Choice[], answered: boolean): Choice | undefined {
  return answered && choices.length === 1 ? choices[0] : undefined
}

/** « Entrée » right after the last letter waits for the answer to these letters, then takes it when it is the only one. */
function useEntered(answered: boolean, only: Choice | undefined, onChoose: (key: string) => void) {
  const entered = useRef(false)
  useEffect(() => {
    if (!answered || !entered.current) return
    entered.current = false
    if (only) onChoose(only.key)
  })
  return (yes: boolean) => {
    entered.current = yes
  }
}

/**
 * A field that proposes: the ARIA combobox with a list, in its place in the page. The library's own hides the rest of
 * the page from assistive technology while it is open, which leaves focusable elements hidden (RGAA 10.8).
 */
export function Picker({ label, typed, onType, choices, answered, nothing, more, onChoose, placeholder, shortcut, className, field = false, autoFocus, ref }: Props) {
  const id = useId()
  const place = useHandOver(ref)
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  const [shown, current] = [open && typed.trim().length > 1, choices[at]]
  const only = onlyOf(choices, answered)
  const enter = useEntered(answered, only, onChoose)
  const choose = (key: string) => {
    setOpen(false)
    setAt(-1)
    onChoose(key)
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      if (choices.length) setAt((at + (event.key === 'ArrowDown' ? 1 : -1) + choices.length) % choices.length)
    } else if (event.key === 'Enter' && shown && (current ?? only)) {
      event.preventDefault()
      choose((current ?? only)?.key ?? '')
    } else if (event.key === 'Enter' && shown && !answered) {
      event.preventDefault()
      enter(true)
    } else if (event.key === 'Escape') {
      if (shown) event.stopPropagation() // the list alone closes, not the dialog that it stands in
      setOpen(false)
      setAt(-1)
    }
  }
  return (
    <div className={[style.picker, field && style.field, className].filter(Boolean).join(' ')}>
      <label htmlFor={id}>{label}</label>
      <input
        ref={place}
        id={id}
        autoFocus={autoFocus}
        role="combobox"
        autoComplete="off" spellCheck={false} placeholder={placeholder}
        aria-keyshortcuts={shortcut}
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={shown ? `${id}-list` : undefined}
        aria-activedescendant={shown && current ? `${id}-${current.key}` : undefined}
        value={typed}
        onChange={(event) => {
          setOpen(true)
          setAt(-1)
          enter(false)
          onType(event.target.value)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {shown && <List id={id} choices={choices} current={current} answered={answered} nothing={nothing} more={more} onChoose={choose} />}
      <Found count={shown && answered ? choices.length : undefined} more={more} />
    </div>
  )
}

function Found({ count, more }: { count: number | undefined; more: string | undefined }) {
  return (
    <span className={text.hidden} role="status">
      {count === undefined ? '' : `${t('search.count', { count })}${more && count > 0 ? `. ${more}` : ''}`}
    </span>
  )
}

/** A list that opens at the foot of a page is read whole. Browsers answer with a promise, which is nothing to call afterwards. */
function inSight(list: HTMLElement | null) {
  void list?.scrollIntoView?.({ block: 'nearest' })
}

function List({ id, choices, current, answered, nothing, more, onChoose }: { id: string; choices: Choice[]; current: Choice | undefined; answered: boolean; nothing: string; more: string | undefined; onChoose: (key: string) => void }) {
  if (choices.length === 0) {
    return (
      <div className={style.list} id={`${id}-list`}>
        <p className={style.nothing}>{answered ? nothing : t('state.loading')}</p>
      </div>
    )
  }
  const groups = [...new Set(choices.map((choice) => choice.group ?? ''))]
  return (
    <div ref={inSight} className={style.list} role="listbox" id={`${id}-list`} aria-label={t('search.results')}>
      {groups.map((group) => (
        <div key={group} role="group" aria-label={group || t('search.results')}>
          {group && (
            <div className={style.heading} role="presentation">
              {group}
            </div>
          )}
          {choices
            .filter((choice) => (choice.group ?? '') === group)
            .map((choice) => (
              // The field keeps the focus: a press must not take it before the choice is made.
              <div key={choice.key} id={`${id}-${choice.key}`} role="option" aria-selected={choice === current} className={style.option} onMouseDown={(event) => event.preventDefault()} onClick={() => onChoose(choice.key)}>
                {choice.content}
              </div>
            ))}
        </div>
      ))}
      {/* Heard with the count: no choice of the list. */}
      {more && (
        <p className={style.nothing} role="presentation" aria-hidden="true">
          {more}
        </p>
      )}
    </div>
  )
}
