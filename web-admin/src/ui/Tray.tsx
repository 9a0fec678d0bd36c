import { useState, type ReactElement, type ReactNode } from 'react'
import { Dialog, DialogTrigger, Popover } from 'react-aria-components'
import overlay from './Overlay.module.css'

/** A button and the panel it opens, drawn beside it in the page so that it stays inside its landmark. */
export function Tray({ label, button, side = 'end', className, children }: { label: string; button: ReactElement; side?: 'start' | 'end'; className?: string | undefined; children: ReactNode }) {
  const [place, setPlace] = useState<HTMLElement | null>(null)
  return (
    <div ref={setPlace}>
      <DialogTrigger>
        {button}
        <Popover isNonModal UNSTABLE_portalContainer={place ?? undefined} className={[overlay.popover, className].filter(Boolean).join(' ')} offset={4} placement={`bottom ${side}`}>
          <Dialog aria-label={label}>{children}</Dialog>
        </Popover>
      </DialogTrigger>
    </div>
  )
}
