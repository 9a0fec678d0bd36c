import { useState } from 'react'
import type { Api } from '../../api/types'
import { rppsOf } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Confirm } from '../../ui/Confirm'
import { Digits } from '../../ui/Digits'
import { problemText } from '../../ui/Fault'
import { RadioField } from '../../ui/Field'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { useVerify } from './register'

const evidences: Api['Evidence'][] = ['professional_card', 'order_certificate', 'diploma', 'register_record', 'hr_file', 'identity_document']

/** Level 3: what is sent to applications for two years more; it asks what was looked at. */
export function VerifyLink({ one, onClose }: { one: Api['DueLink']; onClose: () => void }) {
  const [evidence, setEvidence] = useState<Api['Evidence']>()
  const verify = useVerify(one)
  return (
    <Confirm
      title={t('verify.title', { name: one.display_name })}
      verb={t('verify.verb')}
      ready={evidence !== undefined}
      busy={verify.isPending}
      fault={verify.error ? problemText(verify.error) : undefined}
      onCancel={onClose}
      onConfirm={() => evidence && verify.mutate(evidence, { onSuccess: () => { say('ok', t('verify.done', { name: one.display_name })); onClose() } })}
    >
      <p>
        RPPS <Digits value={rppsOf(one.id_nat)} />
        {one.register_name && <>, <bdi>{one.register_name}</bdi></>}. {t('verify.effect')}
      </p>
      <RadioField label={t('verify.evidence')} value={evidence} choices={evidences.map((value) => ({ value, label: word('evidence', value) }))} onChange={setEvidence} />
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}
