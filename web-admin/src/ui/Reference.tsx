import type { ReactNode } from 'react'
import text from './text.module.css'

/** « 7K3-P2Q »: read aloud on the telephone, it stays on one line; a copy gives its very letters. */
export function Reference({ children }: { children: string }) {
  return <span className={`${text.mono} ${text.whole}`}>{children}</span>
}

const written = /(\b[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}\b)/

/** A sentence whose references do not break at their hyphen. */
export function withReferences(said: ReactNode): ReactNode {
  if (typeof said !== 'string' || !written.test(said)) return said
  return said.split(written).map((part, at) => (at % 2 ? <span key={at} className={text.nowrap}>{part}</span> : part))
}
