import type { ReactNode } from 'react'
import { t } from '../lib/i18n'
import layout from './layout.module.css'

/** The foot of a form: how much of it is not kept yet, and the ways on. It stays in view while the form is longer than the screen. */
export function FormBar({ count, children }: { count: number; children: ReactNode }) {
  return (
    <div className={layout.formbar}>
      <p role="status">{count > 0 ? t('form.unsaved', { count }) : ''}</p>
      <div className={layout.row}>{children}</div>
    </div>
  )
}

/** How many of these were something else before. */
export function changesOf<Value extends object>(before: Value, after: Value): number {
  return (Object.keys(after) as (keyof Value)[]).filter((key) => before[key] !== after[key]).length
}
