import type { Api } from '../../api/types'
import { t } from '../../lib/i18n'
import { DateField } from '../../ui/DateField'
import { TextField } from '../../ui/Field'
import { Note, Sign } from '../../ui/Status'
import layout from '../../ui/layout.module.css'
import text from '../../ui/text.module.css'

/** As it is typed: the last day is a calendar day. */
export interface Asked {
  owner: string
  reason: string
  until: string | undefined
}

export const nothingAsked: Asked = { owner: '', reason: '', until: undefined }

/** The last day counts whole. */
export function relaxationOf({ owner, reason, until }: Asked): Api['Relaxation'] | null {
  return until && owner.trim() && reason.trim() ? { owner: owner.trim(), reason: reason.trim(), until: `${until}T23:59:59Z` } : null
}

/** What an old connector may leave out, who answers for it, until when. Level 4: a colleague agrees before anything opens. */
export function RelaxationFields({ asked, onChange, fault }: { asked: Asked; onChange: (asked: Asked) => void; fault: string | undefined }) {
  return (
    <fieldset className={layout.small} data-field="profile">
      <legend className={text.strong}>{t('relaxation.title')}</legend>
      <Note mood="warning">{t('relaxation.effect')}</Note>
      <TextField label={t('relaxation.owner')} value={asked.owner} onChange={(owner) => onChange({ ...asked, owner })} required />
      <TextField label={t('relaxation.reason')} value={asked.reason} onChange={(reason) => onChange({ ...asked, reason })} lines={2} required />
      <DateField above label={t('relaxation.until')} value={asked.until} onChange={(until) => onChange({ ...asked, until })} />
      {fault && (
        <p>
          <Sign mood="failure" /> {fault}
        </p>
      )}
    </fieldset>
  )
}
