import { useState, type FormEvent, type ReactNode } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { t } from '../lib/i18n'
import { Button, buttonClass } from './Button'
import { problemText } from './Fault'
import { Check, TextField } from './Field'
import layout from './layout.module.css'
import { Icon, Note } from './Status'
import style from './Table.module.css'
import text from './text.module.css'
import { say } from './Toasts'
import { Tray } from './Tray'

interface View {
  id: string
  name: string
  shared: boolean
  mine: boolean
  owner?: string | null
}

/** What is on screen, as it is kept. */
interface Shown {
  query: string
  columns: string[]
}

interface Kept<One extends View> {
  views: One[]
  busy: boolean
  error: unknown
  keep: (draft: Shown & { name: string; shared: boolean }, replaces: One | undefined, onKept: () => void) => void
  remove: (view: One, onRemoved: () => void, onRefused: (error: unknown) => void) => void
  putBack: (view: One) => void
}

interface Props<One extends View> {
  kept: Kept<One>
  shown: Shown
  isShown: (view: One) => boolean
  /** A link to its address, drawn by whoever knows addresses. */
  link: (view: One, current: boolean) => ReactNode
}

/** Lists kept under a name: opened, kept, replaced, taken away, put back. */
export function Views<One extends View>({ kept, shown, isShown, link }: Props<One>) {
  const { views } = kept
  const current = views.find(isShown)
  function takeAway(view: One) {
    kept.remove(view, () => say('ok', t('views.removed', { name: view.name }), () => kept.putBack(view)), (error) => say('failure', problemText(error)))
  }
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
              {link(view, view === current)}
              {view.shared && <span className={text.meta}>{view.mine ? t('views.isShared') : t('views.by', { name: view.owner ?? '' })}</span>}
              {view.mine && (
                <span className={layout.end}>
                  <Button small bare variant="ghost" icon="x" blocked={undefined} label={t('views.remove', { name: view.name })} onPress={() => takeAway(view)} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <SaveForm kept={kept} shown={shown} shared={current?.shared ?? false} />
    </Tray>
  )
}

function SaveForm<One extends View>({ kept, shown, shared: wasShared }: Pick<Props<One>, 'kept' | 'shown'> & { shared: boolean }) {
  const [name, setName] = useState('')
  const [shared, setShared] = useState(wasShared)
  const called = name.trim()
  const replaces = kept.views.find((view) => view.mine && view.name === called)

  function submit(event: FormEvent) {
    event.preventDefault()
    if (called) kept.keep({ ...shown, name: called, shared }, replaces, () => say('ok', t('views.saved', { name: called })))
  }
  return (
    <form onSubmit={submit} className={layout.small}>
      <TextField label={t('views.name')} help={t('views.help')} value={name} onChange={setName} />
      <Check label={t('views.share')} checked={shared} onChange={setShared} />
      {kept.error ? (
        <Note mood="failure" role="alert">
          {problemText(kept.error)}
        </Note>
      ) : null}
      <Button type="submit" busy={kept.busy} blocked={called ? undefined : t('views.needsName')}>
        {t(replaces ? 'views.replace' : 'views.save')}
      </Button>
    </form>
  )
}
