import { useState } from 'react'
import type { Person } from '../../api/types'
import { day, lastDay, shortName } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Confirm } from '../../ui/Confirm'
import { DateField } from '../../ui/DateField'
import { fieldFault, isStale, problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { Versions } from '../../ui/Versions'
import { useClosePerson, useKeepOpen, useSuspend } from './queries'
import { linesOf } from './versions'
import { Which } from './Which'

interface Props {
  one: Person
  onClose: () => void
}

/** Somebody changed the record meanwhile: both readings, before anything is sent again. */
function Moved({ seen, one, error }: { seen: Person; one: Person; error: unknown }) {
  return isStale(error) ? <Versions refused before={linesOf(seen)} after={linesOf(one)} /> : null
}

const fault = (error: unknown) => (error && !isStale(error) ? problemText(error) : undefined)

/** Level 3: the last day is worked to its end, then all is closed as by « Fermer d’urgence ». */
export function CloseAt({ one, onClose }: Props) {
  const [seen] = useState(one)
  const [on, setOn] = useState<string>()
  const [motive, setMotive] = useState('')
  const close = useClosePerson(one.id, one.etag)
  return (
    <Confirm
      title={t('later.closeAtTitle', { name: shortName(one) })}
      verb={t('later.closeAtVerb')}
      danger
      ready={Boolean(on) && motive.trim().length > 0}
      busy={close.isPending}
      fault={fieldFault(close.error, 'on') ?? fault(close.error)}
      onCancel={onClose}
      onConfirm={() => on && close.mutate({ motive: motive.trim(), on }, { onSuccess: () => { say('ok', t('later.closeAtDone', { date: day(on) })); onClose() } })}
    >
      <Which one={one} />
      <p>{t('later.closeAtEffect')}</p>
      <Moved seen={seen} one={one} error={close.error} />
      <DateField above required label={t('later.lastDay')} value={on} onChange={setOn} />
      <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}

export function KeepOpen({ one, onClose }: Props) {
  const [seen] = useState(one)
  const keep = useKeepOpen(one.id, one.etag)
  return (
    <Confirm
      title={t('later.keepOpenTitle', { name: shortName(one) })}
      verb={t('later.keepOpen')}
      busy={keep.isPending}
      fault={fault(keep.error)}
      onCancel={onClose}
      onConfirm={() => keep.mutate(undefined, { onSuccess: () => { say('ok', t('later.keepOpenDone')); onClose() } })}
    >
      <Which one={one} />
      <p>{t('later.keepOpenEffect', { date: seen.closes_at ? lastDay(seen.closes_at) : '' })}</p>
      <Moved seen={seen} one={one} error={keep.error} />
    </Confirm>
  )
}

/** Level 2, both ways. */
export function Suspend({ one, act, onClose }: Props & { act: 'suspend' | 'resume' }) {
  const [seen] = useState(one)
  const [motive, setMotive] = useState('')
  const change = useSuspend(one.id, one.etag, act)
  return (
    <Confirm
      title={t(act === 'suspend' ? 'later.suspendTitle' : 'later.resumeTitle', { name: shortName(one) })}
      verb={t(act === 'suspend' ? 'later.suspend' : 'later.resume')}
      ready={motive.trim().length > 0}
      busy={change.isPending}
      fault={fault(change.error)}
      onCancel={onClose}
      onConfirm={() => change.mutate(motive.trim(), { onSuccess: () => { say('ok', t(act === 'suspend' ? 'later.suspendDone' : 'later.resumeDone')); onClose() } })}
    >
      <Which one={one} />
      <p>{t(act === 'suspend' ? 'later.suspendEffect' : 'later.resumeEffect')}</p>
      <Moved seen={seen} one={one} error={change.error} />
      <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />
    </Confirm>
  )
}
