import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Person } from '../../api/types'
import { shortName } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { isStale, problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { say } from '../../ui/Toasts'
import { Versions } from '../../ui/Versions'
import { useClosePerson, useEndSessions } from './queries'
import { linesOf } from './versions'

/** Two clicks from the page, never slowed: both are level 2. */
export function PersonActs({ one }: { one: Person }) {
  const mayEnd = useMay('close_sessions')
  const mayClose = useMay('close_people')
  const [asked, setAsked] = useState<'end' | 'close'>()
  const closed = one.state === 'closed' ? t('person.isClosed') : undefined
  const none = one.sessions.length === 0 ? t('person.noSession') : undefined
  return (
    <div className={layout.row}>
      <Button icon="lock" blocked={closed ?? (mayClose ? undefined : t('state.noRight'))} onPress={() => setAsked('close')}>
        {t('action.closeNow')}
      </Button>
      <Button blocked={none ?? (mayEnd ? undefined : t('state.noRight'))} onPress={() => setAsked('end')}>
        {t('action.endSessions')}
      </Button>
      {asked === 'close' && <CloseNow one={one} onClose={() => setAsked(undefined)} />}
      {asked === 'end' && <EndSessions one={one} onClose={() => setAsked(undefined)} />}
    </div>
  )
}

function CloseNow({ one, onClose }: { one: Person; onClose: () => void }) {
  const [seen] = useState(one)
  const [motive, setMotive] = useState('')
  const close = useClosePerson(one.id, one.etag)
  const stale = isStale(close.error)
  return (
    <Confirm
      title={t('confirm.closeNow', { name: shortName(one) })}
      verb={t('confirm.closeNow.verb')}
      danger
      ready={motive.trim().length > 0}
      busy={close.isPending}
      fault={close.error && !stale ? problemText(close.error) : undefined}
      onCancel={onClose}
      onConfirm={() => close.mutate(motive.trim(), { onSuccess: () => { say('ok', t('done.closed')); onClose() } })}
    >
      <p>{t('confirm.closeNow.effect')}</p>
      {stale && <Versions before={linesOf(seen)} after={linesOf(one)} />}
      <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />
    </Confirm>
  )
}

function EndSessions({ one, onClose }: { one: Person; onClose: () => void }) {
  const end = useEndSessions(one.id)
  return (
    <Confirm
      title={t('confirm.end', { name: shortName(one), count: one.sessions.length })}
      verb={t('action.endSessions')}
      busy={end.isPending}
      fault={end.error ? problemText(end.error) : undefined}
      onCancel={onClose}
      onConfirm={() =>
        end.mutate(undefined, {
          onSuccess: (ended) => {
            say(ended.pending.length ? 'warning' : 'ok', ended.pending.length ? t('done.endedPending', { count: ended.ended, pending: ended.pending.join(', ') }) : t('done.ended', { count: ended.ended }))
            onClose()
          },
        })
      }
    >
      <p>{t('confirm.end.effect')}</p>
    </Confirm>
  )
}
