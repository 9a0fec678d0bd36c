import { useContext, useState } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { useMay } from '../../api/me'
import type { Person } from '../../api/types'
import { shortName } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Button, buttonClass } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { isStale, problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import { useHandOver } from '../../ui/focus'
import layout from '../../ui/layout.module.css'
import { Menu, type MenuEntry } from '../../ui/Menu'
import { Icon } from '../../ui/Status'
import { say } from '../../ui/Toasts'
import { Versions } from '../../ui/Versions'
import { Waits } from '../../ui/waits'
import { CloseAt, KeepOpen, Suspend } from './LaterActs'
import { Merge } from './Merge'
import { useClosePerson, useEndSessions } from './queries'
import { linesOf } from './versions'
import { Which } from './Which'

type Act = 'end' | 'close' | 'closeAt' | 'keepOpen' | 'suspend' | 'resume' | 'merge'

/** Two clicks from the page, never slowed: both are level 2. What is rarer is behind « Autres actions ». */
export function PersonActs({ one }: { one: Person }) {
  const mayEnd = useMay('close_sessions')
  const mayClose = useMay('close_people')
  const [asked, setAsked] = useState<Act>()
  const closed = one.state === 'closed' ? t('person.isClosed') : undefined
  const none = one.sessions.length === 0 ? t('person.noSession') : undefined
  const leave = () => setAsked(undefined)
  return (
    <div className={layout.row}>
      <Button urgent icon="lock" blocked={closed ?? (mayClose ? undefined : t('state.noRight'))} onPress={() => setAsked('close')}>
        {t('action.closeNow')}
      </Button>
      <Button urgent blocked={none ?? (mayEnd ? undefined : t('state.noRight'))} onPress={() => setAsked('end')}>
        {t('action.endSessions')}
      </Button>
      {!closed && <Others one={one} onAsk={setAsked} />}
      {asked === 'close' && <CloseNow one={one} onClose={leave} />}
      {asked === 'end' && <EndSessions one={one} onClose={leave} />}
      {asked === 'closeAt' && <CloseAt one={one} onClose={leave} />}
      {asked === 'keepOpen' && <KeepOpen one={one} onClose={leave} />}
      {asked === 'merge' && <Merge one={one} onClose={leave} />}
      {(asked === 'suspend' || asked === 'resume') && <Suspend one={one} act={asked} onClose={leave} />}
    </div>
  )
}

function Others({ one, onAsk }: { one: Person; onAsk: (act: Act) => void }) {
  const mayClose = useMay('close_people')
  const mayMerge = useMay('decide_cases')
  const waits = useContext(Waits)
  const place = useHandOver<HTMLButtonElement>()
  const entry = (act: Act, label: string): MenuEntry => ({ id: act, label, onAction: () => onAsk(act) })
  const entries = [
    mayClose && (one.state === 'suspended' ? entry('resume', t('later.resume')) : entry('suspend', t('later.suspend'))),
    mayClose && (one.closes_at ? entry('keepOpen', t('later.keepOpen')) : entry('closeAt', t('later.closeAt'))),
    mayMerge && entry('merge', t('merge.open')),
  ].filter((each) => each !== false)
  if (entries.length === 0) return null
  // None of them is an emergency: they wait for the server, as every other act.
  if (waits) return <Button blocked={t('state.waits')} bare icon="more" label={t('person.others')} />
  return (
    <Menu label={t('person.others')} entries={entries}>
      <Pressable ref={place} className={buttonClass({ bare: true })} aria-label={t('person.others')}>
        <Icon name="more" />
      </Pressable>
    </Menu>
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
      onConfirm={() => close.mutate({ motive: motive.trim() }, { onSuccess: () => { say('ok', t('done.closed')); onClose() } })}
    >
      <Which one={one} />
      <p>{t('confirm.closeNow.effect')}</p>
      <OpenNow one={one} />
      {stale && <Versions refused before={linesOf(seen)} after={linesOf(one)} />}
      <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />
    </Confirm>
  )
}

/** What is cut off under her hands, by name. */
function OpenNow({ one }: { one: Person }) {
  if (one.sessions.length === 0) return null
  const applications = [...new Set(one.sessions.flatMap((session) => session.applications))]
  return (
    <p>
      <b>{t('why.sessions', { count: one.sessions.length })}</b> {applications.join(', ')}
    </p>
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
      <Which one={one} />
      <p>{t('confirm.end.effect')}</p>
      <OpenNow one={one} />
    </Confirm>
  )
}
