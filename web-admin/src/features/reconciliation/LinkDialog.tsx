import { useState } from 'react'
import type { Api, Candidate, CaseView } from '../../api/types'
import { personName } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Confirm } from '../../ui/Confirm'
import { Digits } from '../../ui/Digits'
import { problemText } from '../../ui/Fault'
import { RadioField, TextField } from '../../ui/Field'
import { say } from '../../ui/Toasts'
import { useDecide } from './queries'

const evidences: Api['Evidence'][] = ['professional_card', 'order_certificate', 'diploma', 'register_record', 'hr_file', 'identity_document']

/** Level 3: a link is a patient-safety act; it asks what proves it. */
export function LinkDialog({ one, candidate, onClose, onDecided }: { one: CaseView; candidate: Candidate; onClose: () => void; onDecided: (next: string | undefined) => void }) {
  const [evidence, setEvidence] = useState<Api['Evidence']>()
  const [note, setNote] = useState('')
  const decide = useDecide(one)
  return (
    <Confirm
      title={t('case.linkTitle', { letter: candidate.letter, name: personName(one.person) })}
      verb={t('case.linkVerb', { letter: candidate.letter })}
      ready={evidence !== undefined}
      busy={decide.isPending}
      fault={decide.error ? problemText(decide.error) : undefined}
      onCancel={onClose}
      onConfirm={() =>
        decide.mutate(
          { decision: 'link', candidate: candidate.letter, evidence, note: note.trim() || undefined },
          {
            onSuccess: (result) => {
              say('ok', t('case.linked'))
              onClose()
              onDecided(result.next_case_id ?? undefined)
            },
          },
        )
      }
    >
      <p>
        RPPS <Digits value={candidate.rpps ?? candidate.idnat} />. {t('case.linkEffect')}
      </p>
      <RadioField label={t('case.evidence')} value={evidence} choices={evidences.map((value) => ({ value, label: word('evidence', value) }))} onChange={setEvidence} />
      <TextField label={t('case.note')} help={t('case.noteHelp')} value={note} onChange={setNote} lines={2} />
    </Confirm>
  )
}
