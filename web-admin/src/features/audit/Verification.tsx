import type { Api } from '../../api/types'
import { number } from '../../lib/format'
import { t } from '../../lib/i18n'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'

/** The whole log, recomputed from its first leaf to the signed checkpoint; a break is named. */
export function Verification({ verified }: { verified: Api['VerifyResult'] }) {
  const { holds, entries, fault, first_fault: first } = verified
  return (
    <div className={layout.below}>
      {holds ? (
        <Note mood="ok" role="status">
          <b>{t('audit.allIntact')}</b> {t('audit.allIntactHelp', { count: number(entries) })}
        </Note>
      ) : (
        <Note mood="failure" role="alert">
          <b>{first === null || first === undefined ? t('audit.brokenSomewhere') : t('audit.broken', { index: number(first) })}</b> {fault}
        </Note>
      )}
    </div>
  )
}
