import { useState, type ReactNode } from 'react'
import { t } from '../lib/i18n'
import { useNarrow } from '../lib/narrow'
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

/** What may be done with the chosen lines; it stands at the foot of the list, in sight: on a narrow screen in one line, that opens on the acts. */
export function SelectionBar({ said, widen, onClear, children }: Props) {
  const narrow = useNarrow()
  const [open, setOpen] = useState(false)
  const clear = <Button variant="ghost" bare icon="x" label={t('selection.clear')} onPress={onClear} />
  return (
    <section className={style.selection} aria-label={t('selection.title')}>
      <Spoken inline>{said}</Spoken>
      {narrow && (
        <span className={`${layout.row} ${layout.end}`}>
          <Button small icon={open ? 'down' : 'up'} expanded={open} onPress={() => setOpen(!open)}>
            {t('page.acts')}
          </Button>
          {clear}
        </span>
      )}
      {(open || !narrow) && (
        <>
          {widen}
          <span className={`${layout.row} ${layout.end}`}>
            {children}
            {!narrow && clear}
          </span>
        </>
      )}
    </section>
  )
}
