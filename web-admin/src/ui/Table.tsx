import { useId, type MouseEvent, type ReactNode } from 'react'
import { useEdges } from './edges'
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
  /** On a narrow screen its style sheet lays it out otherwise, and it is no table to a browser any more: its roles are said. */
  stacks?: boolean
  /** A click anywhere on a line opens what its head leads to. The keyboard, and other tabs, have the link itself. */
  opens?: boolean
}

const acts = 'a, button, input, select, textarea, label'

function openLine(event: MouseEvent<HTMLTableElement>) {
  const at = event.target as Element
  // What a line opened (a dialog) tells its clicks here too; it is drawn elsewhere.
  if (!event.currentTarget.contains(at) || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  // Something of its own, the room around a box to tick, or words taken to be copied.
  if (at.closest(acts) || at.closest(`.${style.pick}`) || !(getSelection()?.isCollapsed ?? true)) return
  at.closest('tbody tr')?.querySelector<HTMLElement>('th[scope=row] a[href]')?.click()
}

/** A plain table in a region of its own that the keyboard can scroll. */
export function Table({ caption, widths, className, floor, head, children, foot, hiddenHead = false, stacks = false, opens = false }: Props) {
  const id = useId()
  const edges = useEdges()
  return (
    <div className={style.frame}>
      {/* The region takes the focus so that the keyboard can scroll a wide table. */}
      <div ref={edges} className={style.scroll} role="region" aria-labelledby={id} tabIndex={0}>
        <table role={stacks ? 'table' : undefined} className={[style.table, opens && style.opens, className].filter(Boolean).join(' ')} onClick={opens ? openLine : undefined} style={floor === undefined ? undefined : { minWidth: `${floor}rem` }}>
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
          <thead role={stacks ? 'rowgroup' : undefined} className={hiddenHead ? text.hidden : undefined}>{head}</thead>
          {children}
          {foot}
        </table>
      </div>
    </div>
  )
}

/** The room of lines that come in the next breath: the page is as long as it will be, and scrolls back to where it was. */
export function Room({ lines }: { lines: number }) {
  if (lines <= 0) return null
  return (
    <tbody aria-hidden="true">
      <tr style={{ height: `calc(${lines} * var(--row))` }} />
    </tbody>
  )
}

export const table = style
