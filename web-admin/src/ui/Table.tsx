import { useId, type ReactNode } from 'react'
import style from './Table.module.css'
import text from './text.module.css'

interface Props {
  /** What the table holds, for screen readers; also names the region that scrolls. */
  caption: string
  /** Floors of the columns, in rem; `null` takes the rest. */
  widths?: (number | null)[]
  className?: string | undefined
  /** Under this width, in rem, the region scrolls. */
  floor?: number
  head: ReactNode
  children: ReactNode
  foot?: ReactNode
  hiddenHead?: boolean
}

/** A plain table in a region of its own that the keyboard can scroll. */
export function Table({ caption, widths, className, floor, head, children, foot, hiddenHead = false }: Props) {
  const id = useId()
  return (
    // The region takes the focus so that the keyboard can scroll a wide table.
    <div className={style.scroll} role="region" aria-labelledby={id} tabIndex={0}>
      <table className={[style.table, className].filter(Boolean).join(' ')} style={floor === undefined ? undefined : { minWidth: `${floor}rem` }}>
        <caption className={text.hidden} id={id}>
          {caption}
        </caption>
        {widths && (
          <colgroup>
            {widths.map((width, index) => (
              <col key={index} style={width === null ? undefined : { width: `${width}rem` }} />
            ))}
          </colgroup>
        )}
        <thead className={hiddenHead ? text.hidden : undefined}>{head}</thead>
        {children}
        {foot}
      </table>
    </div>
  )
}

export const table = style
