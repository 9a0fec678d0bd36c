import { useEffect, useRef } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { t } from '../lib/i18n'
import { Button, buttonClass } from './Button'
import { Check } from './Field'
import layout from './layout.module.css'
import { Icon } from './Status'
import style from './Table.module.css'
import text from './text.module.css'
import { Tray } from './Tray'

interface Choice {
  id: string
  name: string
}

interface Props {
  /** Every column there is, but the one that cannot be hidden. */
  known: Choice[]
  /** Those shown, in their order. */
  shown: string[]
  onChange: (shown: string[]) => void
  onUsual: () => void
}

/** Which columns, in which order: by buttons, since nothing may ask for a drag. */
export function ColumnChooser({ known, shown, onChange, onUsual }: Props) {
  const list = useRef<HTMLUListElement>(null)
  const moved = useRef<string>(undefined)
  const hidden = known.filter(({ id }) => !shown.includes(id))
  const inOrder = [...shown.map((id) => known.find((one) => one.id === id)).filter((one) => one !== undefined), ...hidden]

  // A line that moved keeps the focus, so that one key can be pressed again.
  useEffect(() => {
    if (moved.current) list.current?.querySelector<HTMLElement>(`[data-move="${moved.current}"] button:not([aria-disabled])`)?.focus()
    moved.current = undefined
  }, [shown])

  function move(id: string, step: number) {
    const at = shown.indexOf(id)
    const after = shown.filter((one) => one !== id)
    after.splice(at + step, 0, id)
    moved.current = `${id}${step > 0 ? '-after' : '-before'}`
    onChange(after)
  }
  return (
    <Tray
      label={t('columns.title')}
      className={style.chooser}
      button={
        <Pressable className={buttonClass({ small: true, variant: 'ghost' })}>
          <Icon name="columns" />
          {t('columns.title')}
        </Pressable>
      }
    >
      <ul ref={list}>
        {inOrder.map(({ id, name }) => {
          const at = shown.indexOf(id)
          return (
            <li key={id} className={layout.row}>
              <Check label={name} checked={at >= 0} onChange={(on) => onChange(on ? [...shown, id] : shown.filter((one) => one !== id))} />
              {at >= 0 && (
                <span className={`${layout.row} ${layout.end}`}>
                  <span data-move={`${id}-before`}>
                    <Button small bare variant="ghost" icon="up" label={t('columns.before', { name })} blocked={at === 0 ? t('columns.isFirst') : undefined} onPress={() => move(id, -1)} />
                  </span>
                  <span data-move={`${id}-after`}>
                    <Button small bare variant="ghost" icon="down" label={t('columns.after', { name })} blocked={at === shown.length - 1 ? t('columns.isLast') : undefined} onPress={() => move(id, 1)} />
                  </span>
                </span>
              )}
            </li>
          )
        })}
      </ul>
      <p className={layout.row}>
        <span className={text.meta}>{t('columns.help')}</span>
        <span className={layout.end}>
          <Button small onPress={onUsual}>
            {t('columns.usual')}
          </Button>
        </span>
      </p>
    </Tray>
  )
}
