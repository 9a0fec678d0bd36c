import { useQuery } from '@tanstack/react-query'
import { number } from '../../lib/format'
import { reasonText, t } from '../../lib/i18n'
import layout from '../../ui/layout.module.css'
import { Progress } from '../../ui/Progress'
import { Note } from '../../ui/Status'
import { over, verification } from './queries'

/** The whole log: a long work; a break is named. */
export function Verification({ id }: { id: string }) {
  const { data: job } = useQuery(verification(id))
  if (!job) return null
  const entries = number(job.total ?? job.done)
  return (
    <div className={layout.below}>
      {!over(job) ? (
        <Note mood="info" role="status">
          {t('audit.verifying', { done: number(job.done), total: entries })}
          <Progress value={job.done} limit={job.total ?? job.done} look="running" label={t('audit.verifyAll')} />
        </Note>
      ) : job.state === 'done' && !job.problem ? (
        <Note mood="ok" role="status">
          <b>{t('audit.allIntact')}</b> {t('audit.allIntactHelp', { count: entries })}
        </Note>
      ) : (
        <Note mood="failure" role="alert">
          {job.problem ? reasonText(job.problem) : t('audit.verifyStopped')}
        </Note>
      )}
    </div>
  )
}
