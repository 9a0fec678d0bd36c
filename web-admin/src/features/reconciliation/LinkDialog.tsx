import { useState } from 'react'
import type { Api, Candidate, CaseView } from '../../api/types'
import { day, personName } from '../../lib/format'
import { t, word, type Key } from '../../lib/i18n'
import { Confirm } from '../../ui/Confirm'
import { Digits } from '../../ui/Digits'
import { isStale, problemText } from '../../ui/Fault'
import { RadioField, TextField } from '../../ui/Field'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { Versions } from '../../ui/Versions'
import { useDecide } from './queries'
import { linesOf } from './versions'

const evidences: Api['Evidence'][] = ['professional_card', 'order_certificate', 'diploma', 'register_record', 'hr_file', 'identity_document']

/** The card says whose it is, not who holds it: against these, only a paper that shows a face proves anything. */
const heldBySomebodyElse = ['names_differ', 'borne_by_another']

/** Whom the candidate is said to be, in the words of the register: name and profession. */
function whoSheIs({ contributions }: Candidate): string {
  const of = (field: string) => contributions.find((part) => part.field === field)?.theirs
  return [[of('exercise_name'), of('given_names')].filter(Boolean).join(' '), of('profession')].filter(Boolean).join(', ')
}

/** Level 3: a link is a patient-safety act; it asks what proves it. */
export function LinkDialog({ one, candidate, onClose, onDecided }: { one: CaseView; candidate: Candidate; onClose: () => void; onDecided: (next: string | undefined) => void }) {
  const [evidence, setEvidence] = useState<Api['Evidence']>()
  const [note, setNote] = useState('')
  const [seen] = useState(one)
  const decide = useDecide(one)
  const stale = isStale(decide.error)
  const told = whoSheIs(candidate)
  const proofs = one.alarm && heldBySomebodyElse.includes(one.alarm.reason) ? evidences.filter((value) => value === 'identity_document') : evidences
  return (
    <Confirm
      title={t(`case.linkTitle.${one.kind}` as Key, { letter: candidate.letter, name: personName(one.person), other: candidate.person ? personName(candidate.person) : '' })}
      verb={t(one.two_people ? 'case.askVerb' : one.kind === 'duplicate' ? 'case.sameVerb' : 'case.linkVerb', { letter: candidate.letter })}
      ready={evidence !== undefined}
      busy={decide.isPending}
      fault={decide.error && !stale ? problemText(decide.error) : undefined}
      onCancel={onClose}
      onConfirm={() =>
        decide.mutate(
          { decision: one.kind === 'duplicate' ? 'same_person' : 'link', candidate: candidate.letter, evidence, note: note.trim() || undefined },
          {
            onSuccess: (result) => {
              if (result.accord) say('info', t('case.asked', { letter: candidate.letter }))
              else say('ok', t(one.kind === 'national_identity' ? 'case.linked' : one.kind === 'duplicate' ? 'decided.same_person' : 'case.accountLinked'))
              onClose()
              onDecided(result.next_case_id ?? undefined)
            },
          },
        )
      }
    >
      {(candidate.rpps ?? told) && (
        <p>
          {candidate.rpps && (
            <>
              RPPS <Digits value={candidate.rpps} />
              {told && ', '}
            </>
          )}
          {told}
        </p>
      )}
      <p>{t(`case.linkEffect.${one.kind}` as Key)}</p>
      {one.homonyms.length > 0 && (
        <Note mood="doubt" icon="twins">
          <b>{t('case.homonym')}</b> {one.homonyms.map(({ person }) => [personName(person), person.birth_date && day(person.birth_date)].filter(Boolean).join(', ')).join(' ; ')}. {t('case.neverByName')}
        </Note>
      )}
      {one.two_people && <p>{t('case.twoPeople')}</p>}
      {stale && <Versions refused before={linesOf(seen)} after={linesOf(one)} />}
      <RadioField label={t('case.evidence')} value={evidence} choices={proofs.map((value) => ({ value, label: word('evidence', value) }))} onChange={setEvidence} />
      <TextField label={t('case.note')} help={t('case.noteHelp')} value={note} onChange={setNote} lines={2} />
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}
