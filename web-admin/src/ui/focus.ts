import { useCallback, useRef, type Ref } from 'react'

const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex="0"]'
/** A button stands in a line, of a foot, of a form, of a card: further out is another matter. */
const HIGHEST = 4

function within(part: Element): HTMLElement[] {
  return [...part.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) => one.tabIndex >= 0 && !one.matches(':disabled') && (one.checkVisibility?.() ?? true))
}

/** What stands around, and the rank of `own` there. */
function places(own: HTMLElement): { part: Element; rank: number }[] {
  const found: { part: Element; rank: number }[] = []
  for (let part = own.parentElement; part && found.length < HIGHEST && !part.matches('main, body'); part = part.parentElement) {
    found.push({ part, rank: within(part).indexOf(own) })
  }
  return found
}

function handOver(around: { part: Element; rank: number }[]) {
  if (document.activeElement && document.activeElement !== document.body) return
  for (const { part, rank } of around) {
    const [first, ...rest] = part.isConnected ? within(part) : []
    if (first) return (rest[rank - 1] ?? rest.at(-1) ?? first).focus()
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
      queueMicrotask(() => handOver(around))
    },
    [also],
  )
}
