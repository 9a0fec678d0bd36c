import { useId, useState, type ReactNode } from 'react'
import style from './Disclosure.module.css'
import { Icon, Sign, type Mood } from './Status'

/** One line that opens on more: closed at first. */
export function Disclosure({ summary, mood, className, children }: { summary: ReactNode; mood?: Mood; className?: string | undefined; children: ReactNode }) {
  const id = useId()
  const [open, setOpen] = useState(false)
  return (
    <div className={[style.box, className].filter(Boolean).join(' ')}>
      <button type="button" className={style.line} aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)}>
        {mood && <Sign mood={mood} />}
        <span>{summary}</span>
        <Icon name={open ? 'up' : 'down'} quiet />
      </button>
      {open && <div id={id}>{children}</div>}
    </div>
  )
}
