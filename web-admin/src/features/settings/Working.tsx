import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, body } from '../../api/client'
import { reach } from '../../api/home'
import type { Api, Job } from '../../api/types'
import { next, number, since, when } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Card, Fact, Facts, Padded } from '../../ui/Card'
import { View } from '../../ui/States'
import { Status, type Mood } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { useKnownMood } from '../../ui/waits'
import style from './System.module.css'

/** What the appliance leans on and does not reach just now; the banner says what it means for people. */
export function Dependencies() {
  const query = useQuery(reach)
  return (
    <Card title={t('system.dependencies')}>
      <View query={query} unread={t('system.dependenciesUnread')} rows={1}>
        {({ degraded }) =>
          degraded.length === 0 ? (
            <Padded>
              <Reached />
            </Padded>
          ) : (
            <Facts>
              {degraded.map((one) => (
                <Fact key={one.dependency} name={word('dependency', one.dependency)} source={one.next_try_at ? `${t('reach.next')} ${next(one.next_try_at)}` : undefined}>
                  <Status mood={one.stops_someone ? 'failure' : 'warning'}>{t('system.unreachedSince', { when: since(one.since) })}</Status>
                </Fact>
              ))}
            </Facts>
          )
        }
      </View>
    </Card>
  )
}

function Reached() {
  return <Status mood={useKnownMood('ok')}>{t('system.allReached')}</Status>
}

const moods: Record<Api['JobState'], Mood> = { queued: 'off', running: 'info', paused: 'off', done: 'ok', failed: 'failure', stopped: 'off' }

const jobs = { queryKey: ['jobs'], queryFn: () => body(api.GET('/api/v1/jobs')) }

/** The long works of the day: they are stopped and taken up again in the tray of the header. */
export function Jobs() {
  const query = useQuery(jobs)
  return (
    <Card title={t('jobs.title')} aside={query.data ? number(query.data.items.length) : undefined}>
      <View query={query} unread={t('system.jobsUnread')} rows={2}>
        {({ items }) => (items.length === 0 ? <Padded>{t('system.noJob')}</Padded> : <List items={items} />)}
      </View>
    </Card>
  )
}

function List({ items }: { items: Job[] }) {
  return (
    <Table
      caption={t('system.jobsCaption')}
      className={style.wide}
      head={
        <tr>
          <th scope="col">{t('system.job')}</th>
          <th scope="col">{t('people.state')}</th>
          <th scope="col">{t('system.jobDone')}</th>
          <th scope="col">{t('source.started')}</th>
          <th scope="col">{t('system.jobEnded')}</th>
        </tr>
      }
    >
      <tbody>
        {items.map((job) => (
          <tr key={job.id}>
            <th scope="row">{job.run_id ? <Link to="/runs/$id" params={{ id: job.run_id }}>{nameOf(job)}</Link> : nameOf(job)}</th>
            <td>
              <Status mood={moods[job.state]}>{word('jobState', job.state)}</Status>
            </td>
            <td className={text.number}>{job.total ? t('jobs.progress', { done: job.done, total: job.total, unit: word('jobUnit', job.unit) }) : t('jobs.done', { done: job.done, unit: word('jobUnit', job.unit) })}</td>
            <td>{job.started_at ? when(job.started_at) : '–'}</td>
            <td>{job.finished_at ? when(job.finished_at) : '–'}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const nameOf = (job: Job) => job.label ?? word('jobKind', job.kind)
