import { useEffect, useId, useRef, type ReactNode } from 'react'
import { t } from '../lib/i18n'
import { Button } from './Button'
import style from './Card.module.css'

interface Props {
  title: ReactNode
  /** Beside the title, quieter: a count, a date. */
  aside?: ReactNode
  acts?: ReactNode
  className?: string | undefined
  anchor?: string
  children: ReactNode
}

export function Card({ title, aside, acts, className, anchor, children }: Props) {
  const heading = useId()
  return (
    <section className={[style.card, className].filter(Boolean).join(' ')} aria-labelledby={heading} id={anchor}>
      <header className={style.head}>
        <h2 id={heading}>
          {title} {aside !== undefined && <span className={style.count}>{aside}</span>}
        </h2>
        {acts && <div className={style.acts}>{acts}</div>}
      </header>
      {children}
    </section>
  )
}

export function Padded({ children }: { children: ReactNode }) {
  return <div className={style.pad}>{children}</div>
}

/** As in the sheet: where there is no room beside the list, the panel stands over it. */
const OVER = '(max-width: 79.99rem)'

/** A panel over the content takes the focus, and gives it back to what opened it. */
function useOver(closes: boolean) {
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!closes || !matchMedia(OVER).matches) return
    const opener = document.activeElement
    place.current?.focus({ preventScroll: true })
    // It is gone when this is asked: a focus that went with it is nowhere.
    return () => {
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus()
    }
  }, [closes])
  return place
}

/** The panel beside a list: the record behind one line. */
export function SidePanel({ title, acts, onClose, children }: { title: ReactNode; acts?: ReactNode; onClose?: () => void; children: ReactNode }) {
  const heading = useId()
  const place = useOver(Boolean(onClose))
  return (
    <aside
      ref={place}
      tabIndex={-1}
      className={[style.side, onClose && style.over].filter(Boolean).join(' ')}
      aria-labelledby={heading}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose?.()
      }}
    >
      <header className={style.head}>
        <h2 id={heading}>{title}</h2>
        {acts && <div className={style.acts}>{acts}</div>}
        {onClose && (
          <div className={style.acts}>
            <Button variant="ghost" bare icon="x" label={t('action.closePanel')} onPress={onClose} />
          </div>
        )}
      </header>
      <div className={style.pad}>{children}</div>
    </aside>
  )
}

/** Name, value, and who owns it. */
export function Fact({ name, source, clash = false, children }: { name: ReactNode; source?: ReactNode; clash?: boolean; children: ReactNode }) {
  return (
    <div className={clash ? style.clash : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
      {source !== undefined && <dd className={style.source}>{source}</dd>}
    </div>
  )
}

export function Facts({ children }: { children: ReactNode }) {
  return <dl className={style.facts}>{children}</dl>
}

/** Small name above, value under it. */
export function Terms({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <dl className={style.terms}>
      {items.map(([name, value]) => [<dt key={`${name}-dt`}>{name}</dt>, <dd key={`${name}-dd`}>{value}</dd>])}
    </dl>
  )
}

export const listOfReasons = style.reasons
export const listOfLines = style.lines
