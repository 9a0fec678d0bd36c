import type { ReactNode } from 'react'
import { t } from '../lib/i18n'
import { Button } from './Button'
import { Spoken } from './Spoken'
import layout from './layout.module.css'
import style from './Table.module.css'

interface Props {
  /** « 37 sélectionnées » */
  said: string
  /** « Sélectionner les 1 284 du filtre », or why it cannot be. */
  widen?: ReactNode
  onClear: () => void
  children: ReactNode
}

/** What may be done with the chosen lines; it stands at the foot of the list, in sight. */
export function SelectionBar({ said, widen, onClear, children }: Props) {
  return (
    <section className={style.selection} aria-label={t('selection.title')}>
      <Spoken inline>{said}</Spoken>
      {widen}
      <span className={`${layout.row} ${layout.end}`}>
        {children}
        <Button variant="ghost" bare icon="x" label={t('selection.clear')} onPress={onClear} />
      </span>
    </section>
  )
}
