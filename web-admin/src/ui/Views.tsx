import { useState, type FormEvent, type ReactNode } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { t } from '../lib/i18n'
import { Button, buttonClass } from './Button'
import { Check, TextField } from './Field'
import layout from './layout.module.css'
import { Icon, Note } from './Status'
import style from './Table.module.css'
import text from './text.module.css'
import { Tray } from './Tray'

interface View {
  id: string
  name: string
  shared: boolean
  mine: boolean
  owner?: string | null
}

interface Props<Kept extends View> {
  views: Kept[]
  /** The one whose filters are on screen. */
  current: Kept | undefined
  /** A link to its address, drawn by whoever knows addresses. */
  link: (view: Kept) => ReactNode
  onSave: (name: string, shared: boolean, replaces: Kept | undefined) => void
  onRemove: (view: Kept) => void
  busy: boolean
  fault: string | undefined
}

/** Lists kept under a name: opened, kept, replaced, taken away. */
export function Views<Kept extends View>({ views, current, link, onRemove, ...form }: Props<Kept>) {
  return (
    <Tray
      label={t('views.title')}
      side="start"
      className={style.chooser}
      button={
        <Pressable className={buttonClass({ small: true, variant: 'ghost' })}>
          <Icon name="view" />
          {current ? current.name : t(views.length ? 'views.title' : 'views.save')}
        </Pressable>
      }
    >
      {views.length > 0 && (
        <ul className={style.views}>
          {views.map((view) => (
            <li key={view.id} className={layout.row}>
              {link(view)}
              {view.shared && <span className={text.meta}>{view.mine ? t('views.isShared') : t('views.by', { name: view.owner ?? '' })}</span>}
              {view.mine && (
                <span className={layout.end}>
                  <Button small bare variant="ghost" icon="x" label={t('views.remove', { name: view.name })} onPress={() => onRemove(view)} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <SaveForm {...form} views={views} current={current} />
    </Tray>
  )
}

function SaveForm<Kept extends View>({ views, current, onSave, busy, fault }: Pick<Props<Kept>, 'views' | 'current' | 'onSave' | 'busy' | 'fault'>) {
  const [name, setName] = useState('')
  const [shared, setShared] = useState(current?.shared ?? false)
  const replaces = views.find((view) => view.mine && view.name === name.trim())

  function submit(event: FormEvent) {
    event.preventDefault()
    if (name.trim()) onSave(name.trim(), shared, replaces)
  }
  return (
    <form onSubmit={submit} className={layout.small}>
      <TextField label={t('views.name')} help={t('views.help')} value={name} onChange={setName} />
      <Check label={t('views.share')} checked={shared} onChange={setShared} />
      {fault && (
        <Note mood="failure" role="alert">
          {fault}
        </Note>
      )}
      <Button type="submit" busy={busy} blocked={name.trim() ? undefined : t('views.needsName')}>
        {t(replaces ? 'views.replace' : 'views.save')}
      </Button>
    </form>
  )
}
