import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api, Person } from '../../api/types'
import { date, personName, shortName } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, listOfLines, Padded } from '../../ui/Card'
import { Confirm } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import style from './People.module.css'
import { useSplit } from './queries'

type Merge = Api['PersonMerge']

/** A record that went into another says so where its owner is named: there is nothing left to do on it. */
export function Absorbed({ one }: { one: Person }) {
  const into = one.merges.find((merge) => !merge.kept)
  if (!into) return null
  return (
    <div className={style.absorbed}>
      <Note mood="info">
        <b>{t('merge.absorbed', { date: date(into.merged_at) })}</b>{' '}
        <Link to="/people/$id" params={{ id: into.other.id }}>
          {t('merge.openKept', { name: personName(into.other) })}
        </Link>
      </Note>
    </div>
  )
}

/** The records that were made one with this one, why, and the way back. */
export function Merges({ one }: { one: Person }) {
  const may = useMay('decide_cases')
  const [split, setSplit] = useState<Merge>()
  if (one.merges.length === 0) return null
  return (
    <Card title={t('merge.card')} aside={one.merges.length}>
      <Padded>
        <ul className={listOfLines}>
          {one.merges.map((merge) => (
            <li key={merge.id} className={style.merge}>
              <span>
                <Link to="/people/$id" params={{ id: merge.other.id }}>
                  {personName(merge.other)}
                </Link>{' '}
                {t(merge.kept ? 'merge.tookIn' : 'merge.wentInto')}
                <span className={text.meta}>
                  {[date(merge.merged_at), word('evidence', merge.evidence), merge.motive].join(' · ')}
                </span>
              </span>
              <span className={layout.end}>
                <Button small blocked={may ? undefined : t('state.noRight')} label={t('merge.splitFrom', { name: personName(merge.other) })} onPress={() => setSplit(merge)}>
                  {t('merge.split')}
                </Button>
              </span>
            </li>
          ))}
        </ul>
      </Padded>
      {split && <Split one={one} merge={split} onClose={() => setSplit(undefined)} />}
    </Card>
  )
}

/** Level 3: each record is again what it was. The record that becomes its own again is opened. */
function Split({ one, merge, onClose }: { one: Person; merge: Merge; onClose: () => void }) {
  const [motive, setMotive] = useState('')
  const split = useSplit(merge.id)
  const navigate = useNavigate()
  // Once split, the record read again has no merge any more and this question is gone from the page: what follows is not left to it.
  const confirm = async () => {
    const own = await split.mutateAsync(motive.trim()).catch(() => undefined)
    if (!own) return
    say('ok', t('merge.splitDone', { name: shortName(own) }))
    onClose()
    void navigate({ to: '/people/$id', params: { id: own.id } })
  }
  return (
    <Confirm
      title={t('merge.splitTitle', { name: shortName(one), other: shortName(merge.other) })}
      verb={t('merge.splitVerb')}
      danger
      ready={motive.trim().length > 0}
      busy={split.isPending}
      fault={split.error ? problemText(split.error) : undefined}
      onCancel={onClose}
      onConfirm={() => void confirm()}
    >
      <p>{t('merge.splitEffect', { name: shortName(merge.kept ? merge.other : one) })}</p>
      <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}
