import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { ago, dateTime, number } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Button, buttonClass } from '../../ui/Button'
import { Card, Fact, Facts } from '../../ui/Card'
import { problemText } from '../../ui/Fault'
import { Blank, View } from '../../ui/States'
import { Status } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { useKnownMood } from '../../ui/waits'
import { register, useReconcile, useRefresh } from './register'
import { healthMoods } from './words'

/** The national register among the sources: a reference, kept whole by version. */
export function RegisterCard() {
  const query = useQuery(register)
  return (
    <Card
      title={t('register.title')}
      acts={
        <Link to="/register" className={buttonClass({ small: true })}>
          {t('register.open')}
        </Link>
      }
    >
      <View query={query} unread={t('register.unread')}>
        {(data) => (data.current ? <RegisterFacts data={data} current={data.current} /> : <Blank title={t('register.empty')}>{t('register.emptyHelp')}</Blank>)}
      </View>
    </Card>
  )
}

/** Looked at now, and compared with everybody now: both are jobs, followed in the tray. */
export function RegisterActs({ present }: { present: boolean }) {
  const mayCompare = useMay('run_sources')
  const mayImport = useMay('import_register')
  const reconcile = useReconcile()
  const refresh = useRefresh()
  const told = (text: string) => ({ onSuccess: () => say('info', text), onError: (error: unknown) => say('failure', problemText(error)) })
  return (
    <>
      <Button icon="refresh" busy={refresh.isPending} blocked={mayImport ? undefined : t('state.noRight')} onPress={() => refresh.mutate(undefined, told(t('register.looking')))}>
        {t('register.refresh')}
      </Button>
      <Button busy={reconcile.isPending} blocked={!mayCompare ? t('state.noRight') : present ? undefined : t('register.absent')} onPress={() => reconcile.mutate(undefined, told(t('register.begun')))}>
        {t('register.reconcile')}
      </Button>
    </>
  )
}

export function RegisterFacts({ data, current }: { data: Api['Register']; current: Api['RegisterVersion'] }) {
  const mood = useKnownMood(healthMoods[data.health])
  return (
    <Facts>
      <Fact name={t('register.age')} source={t('register.extracted', { when: dateTime(current.extracted_at) })}>
        <Status mood={mood}>{t((data.age_days ?? 0) > (data.limit_days ?? Infinity) ? 'health.ageOver' : 'health.age', { count: data.age_days ?? 0, limit: data.limit_days ?? 0 })}</Status>
      </Fact>
      <Fact name={t('register.content')} source={t('register.imported', { when: dateTime(current.imported_at) })}>
        {t('register.counts', { lines: current.lines, persons: current.persons })}
      </Fact>
      <Fact name={t('register.file')} source={current.rejected > 0 ? t('register.leftOut', { count: current.rejected }) : undefined}>
        <span className={text.mono}>{current.file}</span>
      </Fact>
      {data.previous && (
        <Fact name={t('register.previous')} source={dateTime(data.previous.extracted_at)}>
          {t('register.counts', { lines: data.previous.lines, persons: data.previous.persons })}
        </Fact>
      )}
      <Fact name={t('register.compared')}>{data.last_reconciled_at ? ago(data.last_reconciled_at) : t('people.never')}</Fact>
      <Fact
        name={t('register.links')}
        source={
          data.to_decide > 0 && (
            <Link to="/cases" search={{ kind: 'national_identity' }} className={buttonClass({ small: true })}>
              {t('register.toDecide', { count: data.to_decide })}
            </Link>
          )
        }
      >
        {number(data.links)}
      </Fact>
    </Facts>
  )
}
