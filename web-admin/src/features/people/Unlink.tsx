import { useState } from 'react'
import type { Api, Person } from '../../api/types'
import { shortName, when } from '../../lib/format'
import { t } from '../../lib/i18n'
import { listOfLines } from '../../ui/Card'
import { Confirm } from '../../ui/Confirm'
import { Digits } from '../../ui/Digits'
import { problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { useUnlink } from './queries'

/** Level 3: what opened with this number is listed, since taking it back reaches no token already given. */
export function Unlink({ one, identity, onClose }: { one: Person; identity: Api['NationalIdentity']; onClose: () => void }) {
  const [motive, setMotive] = useState('')
  const unlink = useUnlink(one.id, identity.id)
  const used = (one.applications ?? []).filter((app) => app.last_opened_at)
  return (
    <Confirm
      title={t('unlink.title', { name: shortName(one) })}
      verb={t('unlink.verb')}
      danger
      ready={motive.trim().length > 0}
      busy={unlink.isPending}
      fault={unlink.error ? problemText(unlink.error) : undefined}
      onCancel={onClose}
      onConfirm={() => unlink.mutate(motive.trim(), { onSuccess: () => { say('ok', t('unlink.done')); onClose() } })}
    >
      <p>
        RPPS <Digits value={identity.rpps ?? identity.idnat} />. {t('unlink.effect')}
      </p>
      {used.length > 0 && (
        <>
          <p>{t('unlink.used')}</p>
          <ul className={listOfLines}>
            {used.map((app) => (
              <li key={app.client_id}>
                <b>{app.name}</b>
                <span className={text.muted}>{app.last_opened_at && when(app.last_opened_at)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}
