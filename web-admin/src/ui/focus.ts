import { useCallback, useRef, type Ref } from 'react'

const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex="0"]'
/** A button stands in a line, of a foot, of a form, of a card: further out is another matter. */
const HIGHEST = 4

/** Of a group of radios the keyboard reaches the ticked one alone. */
function isPassedOver(one: HTMLElement, all: HTMLElement[]): boolean {
  return isRadio(one) && !one.checked && all.some((other) => isRadio(other) && other.name === one.name && other.checked)
}

function isRadio(one: HTMLElement): one is HTMLInputElement {
  return one instanceof HTMLInputElement && one.type === 'radio'
}

function within(part: Element): HTMLElement[] {
  const all = [...part.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) => one.tabIndex >= 0 && !one.matches(':disabled') && (one.checkVisibility?.() ?? true))
  return all.filter((one) => !isPassedOver(one, all))
}

/** What stands around, within the page or the part of the shell that it is in, and the rank of `own` there. */
function places(own: HTMLElement): { part: Element; rank: number }[] {
  const found: { part: Element; rank: number }[] = []
  for (let part = own.parentElement; part && found.length < HIGHEST && !part.matches('main, body') && !part.querySelector('main'); part = part.parentElement) {
    found.push({ part, rank: within(part).indexOf(own) })
  }
  return found
}

function isTaken(): boolean {
  return Boolean(document.activeElement) && document.activeElement !== document.body
}

/** What comes to stand at the same rank; past the end, the last. */
function handOver(around: { part: Element; rank: number }[], preventScroll: boolean) {
  if (isTaken()) return
  for (const { part, rank } of around) {
    if (!part.isConnected) continue
    const all = within(part)
    if (all.length > 0) return (all[Math.max(rank, 0)] ?? all.at(-1))?.focus({ preventScroll })
    // A card that holds nothing more to act on does not send its reader to the card beside.
    if (part.matches('section, aside')) return
  }
}

function tell<Own>(ref: Ref<Own> | undefined, own: Own | null) {
  if (typeof ref === 'function') ref(own)
  else if (ref) ref.current = own
}

/** When what has the focus goes (a filter taken off, « Pause » that becomes « Reprendre »), what comes to stand in its place takes it: the reader is not sent back to the top of the page. */
export function useHandOver<Own extends HTMLElement>(also?: Ref<Own>): (own: Own | null) => void {
  const known = useRef<Own>(null)
  return useCallback(
    (own) => {
      const gone = known.current
      known.current = own
      tell(also, own)
      // It is still in its place when its ref is taken back.
      if (own || !gone || document.activeElement !== gone) return
      const around = places(gone)
      // A hand on the mouse looks at what it pressed: the page stays where it is.
      const pointed = !gone.matches(':focus-visible')
      queueMicrotask(() => handOver(around, pointed))
    },
    [also],
  )
}

let before: HTMLElement | undefined

/** Where the focus was before it came to something that stands beside the page. */
export function rememberBefore(beside: Element, from: EventTarget | null) {
  if (from instanceof HTMLElement && !beside.contains(from)) before = from
}

/** The ref of such a thing: when it goes with the focus, the reader is where she was before, or on the page. */
export function giveBack(own: HTMLElement | null) {
  return () => {
    if (!own?.contains(document.activeElement)) return
    queueMicrotask(() => {
      if (isTaken()) return
      const there = before?.isConnected ? before : document.querySelector<HTMLElement>('main')
      there?.focus({ preventScroll: true })
    })
  }
}
