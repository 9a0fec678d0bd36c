import { startTransition, useEffect, useState, type ReactNode } from 'react'

/** A region that speaks is there before its words: what comes into a page with its text already in it is told to nobody. */
export function Spoken({ inline = false, className, children }: { inline?: boolean; className?: string | undefined; children: ReactNode }) {
  const [there, come] = useState(false)
  useEffect(() => startTransition(() => come(true)), [])
  const As = inline ? 'b' : 'div'
  return (
    <As role="status" className={there ? className : undefined}>
      {there && children}
    </As>
  )
}
