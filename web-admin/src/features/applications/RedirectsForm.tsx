import { useBlocker } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Client } from '../../api/types'
import { t } from '../../lib/i18n'
import { ProblemError } from '../../lib/problem'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import { Confirm } from '../../ui/Confirm'
import { fieldFault, isStale, problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { Versions } from '../../ui/Versions'
import style from './Applications.module.css'
import { useChangeClient } from './queries'
import { linesOf } from './versions'

/** Where the application may be sent back; a change is level 2. */
export function RedirectsForm({ one }: { one: Client }) {
  const may = useMay('manage_clients')
  const [editing, setEditing] = useState(false)
  return (
    <Card
      title={t('app.redirects')}
      acts={
        !editing && (
          <Button small blocked={may ? undefined : t('state.noRight')} onPress={() => setEditing(true)}>
            {t('action.change')}
          </Button>
        )
      }
    >
      {editing ? (
        <Edit one={one} onClose={() => setEditing(false)} />
      ) : (
        <Padded>
          <ul className={`${style.uris} ${text.mono}`}>
            {one.redirect_uris.map((uri) => (
              <li key={uri}>{uri}</li>
            ))}
          </ul>
        </Padded>
      )}
    </Card>
  )
}

function Edit({ one, onClose }: { one: Client; onClose: () => void }) {
  // What was on screen when the typing began: a colleague may save first, and is then compared, never overwritten.
  const [seen, setSeen] = useState(one)
  const [lines, setLines] = useState(one.redirect_uris.join('\n'))
  const [asked, setAsked] = useState(false)
  const change = useChangeClient(one)
  const uris = lines.split(/\s+/).filter(Boolean)
  const dirty = uris.join('\n') !== seen.redirect_uris.join('\n')
  const moved = one.etag !== seen.etag && !change.isSuccess
  const leaving = useBlocker({ shouldBlockFn: () => dirty && !change.isSuccess, withResolver: true, enableBeforeUnload: () => dirty })
  return (
    <div className={style.form}>
      {moved && (
        <div className={layout.small}>
          <Versions before={linesOf(seen)} after={linesOf(one)} />
          <Button small onPress={() => setSeen(one)}>
            {t('versions.seen')}
          </Button>
        </div>
      )}
      {change.error && !isStale(change.error) && !(change.error instanceof ProblemError && change.error.fields.length) && (
        <Note mood="failure" role="alert">
          {problemText(change.error)}
        </Note>
      )}
      <TextField label={t('app.redirects')} help={t('app.redirectsHelp')} value={lines} onChange={setLines} lines={3} fault={fieldFault(change.error, 'redirect_uris')} />
      {dirty && <p role="status">{t('form.unsaved')}</p>}
      <div className={layout.row}>
        <Button variant="primary" busy={change.isPending} blocked={!dirty ? t('form.nothing') : moved ? t('versions.lookFirst') : undefined} onPress={() => setAsked(true)}>
          {t('form.save')}
        </Button>
        <Button onPress={onClose}>{t('form.abandon')}</Button>
      </div>
      {asked && (
        <Confirm
          title={t('confirm.redirects', { name: one.name })}
          verb={t('form.save')}
          busy={change.isPending}
          onCancel={() => setAsked(false)}
          onConfirm={() => change.mutate({ redirect_uris: uris }, { onSuccess: () => { say('ok', t('done.app')); onClose() }, onSettled: () => setAsked(false) })}
        >
          <p>{t('confirm.redirects.effect')}</p>
        </Confirm>
      )}
      {leaving.status === 'blocked' && (
        <Confirm title={t('form.leave')} verb={t('form.leaveVerb')} onCancel={leaving.reset} onConfirm={leaving.proceed}>
          <p>{t('form.leaveEffect')}</p>
        </Confirm>
      )}
    </div>
  )
}
