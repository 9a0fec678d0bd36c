import { useEffect, useRef, type Context, type KeyboardEvent, type MouseEvent } from 'react'
import { MenuContext, useContextProps, type ContextValue } from 'react-aria-components'
import { number } from '../lib/format'
import style from './Overlay.module.css'
import { Icon } from './Status'

export interface Item {
  value: string
  label: string
  count: number
}

interface Props {
  label: string
  items: Item[]
  chosen: string[]
  onChoose: (value: string) => void
}

/** What the library hands to the menu of a submenu. */
interface OfSubmenu {
  id?: string
  onClose?: () => void
  autoFocus?: boolean | 'first' | 'last'
  onKeyDown?: (event: KeyboardEvent) => void
}

const BEYOND = 700

/** Letters typed without a pause lead to the next item that begins with them. */
function useTyping(items: Item[]) {
  const typed = useRef({ text: '', at: 0 })
  const isUnderWay = () => Date.now() - typed.current.at < BEYOND
  function seek(letter: string, at: number): number {
    const text = (isUnderWay() ? typed.current.text : '') + letter.toLocaleLowerCase('fr')
    typed.current = { text, at: Date.now() }
    const begins = ({ label }: Item) => label.toLocaleLowerCase('fr').startsWith(text)
    const from = text.length > 1 ? at : at + 1
    const found = items.findIndex((one, index) => index >= from && begins(one))
    return found >= 0 ? found : items.findIndex(begins)
  }
  return { seek, isUnderWay }
}

/**
 * What a submenu holds when it may be hundreds of values: the ARIA menu of ticked items, drawn as plain elements that one
 * element listens for. The library draws each of its items again at every move, which a reader of two hundred units waits for.
 */
export function ManyItems({ label, items, chosen, onChoose }: Props) {
  const [given, ref] = useContextProps({} as OfSubmenu, useRef<HTMLDivElement>(null), MenuContext as Context<ContextValue<OfSubmenu, HTMLDivElement>>)
  const { id, onClose, autoFocus, onKeyDown: onKeyOfSubmenu } = given
  const typing = useTyping(items)
  const all = () => Array.from(ref.current?.children ?? []) as HTMLElement[]

  useEffect(() => {
    if (autoFocus) (ref.current?.firstElementChild as HTMLElement | null)?.focus()
  }, [autoFocus, ref])

  function choose(target: EventTarget) {
    const value = (target as Element).closest<HTMLElement>('[data-value]')?.dataset['value']
    if (value === undefined) return
    // Gone with the choice: it would be drawn once more over the list that its reader waits for.
    onClose?.()
    onChoose(value)
  }
  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const at = all().indexOf(document.activeElement as HTMLElement)
    const last = items.length - 1
    const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      all()[to]?.focus()
    } else if (event.key === 'Enter' || (event.key === ' ' && !typing.isUnderWay())) {
      event.preventDefault()
      choose(event.target)
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      all()[typing.seek(event.key, at)]?.focus()
    } else {
      onKeyOfSubmenu?.(event)
    }
  }
  return (
    <div
      ref={ref}
      id={id}
      role="menu"
      aria-label={label}
      tabIndex={-1}
      className={style.menu}
      onClick={(event) => choose(event.target)}
      onKeyDown={onKeyDown}
      onMouseOver={(event: MouseEvent) => (event.target as Element).closest<HTMLElement>('[data-value]')?.focus({ preventScroll: true })}
    >
      {items.map((one) => (
        <div key={one.value} role="menuitemcheckbox" aria-checked={chosen.includes(one.value)} tabIndex={-1} data-value={one.value} className={`${style.item} ${style.light}`}>
          {chosen.includes(one.value) ? <Icon name="check" /> : <span className={style.room} />}
          {one.label}
          <span className={style.count}>{number(one.count)}</span>
        </div>
      ))}
    </div>
  )
}
