import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { api, body, once } from '../api/client'
import type { Job } from '../api/types'
import { useMay } from '../api/me'
import { duration, number } from '../lib/format'
import { t, word, words } from '../lib/i18n'
import { jobEventsPath } from '../lib/paths'
import { Button, buttonClass } from '../ui/Button'
import { problemText } from '../ui/Fault'
import { Progress } from '../ui/Progress'
import { Icon, Status, type Mood } from '../ui/Status'
import { say } from '../ui/Toasts'
import { Tray } from '../ui/Tray'
import text from '../ui/text.module.css'
import layout from '../ui/layout.module.css'
import style from './Shell.module.css'

const jobs = { queryKey: ['jobs'], queryFn: () => body(api.GET('/api/v1/jobs')), refetchInterval: 20_000 }

/** Jobs as they move: one repaint a second, and what a job changed is read again when it ends. */
function useJobEvents() {
  const client = useQueryClient()
  useEffect(() => {
    if (typeof EventSource === 'undefined') return
    const events = new EventSource(jobEventsPath)
    const waiting = new Map<string, Job>()
    // Those that had ended well before the page was opened are told again at each connection: what it shows was read after them.
    let over: Set<string> | undefined
    events.addEventListener('job', (event) => {
      const job = JSON.parse((event as MessageEvent<string>).data) as Job
      waiting.set(job.id, job)
    })
    const timer = setInterval(() => {
      const known = client.getQueryData<{ items: Job[] }>(jobs.queryKey)?.items
      over ??= known && new Set(known.filter(longOver).flatMap((job) => ending(job) ?? []))
      if (waiting.size === 0) return
      const moved = [...waiting.values()]
      waiting.clear()
      client.setQueryData<{ items: Job[] }>(['jobs'], (before) => ({ items: [...moved, ...(before?.items ?? []).filter((job) => !moved.some((one) => one.id === job.id))] }))
      for (const job of moved) client.setQueryData(['job', job.id], job)
      const ended = moved.filter((job) => !runs(job)).map(ending)
      const heard = ended.some((one) => !one || !over?.has(one))
      for (const one of ended) if (one) over?.add(one)
      if (heard) {
        void client.invalidateQueries({ predicate: ({ queryKey }) => !['me', 'search', 'job', 'jobs'].includes(String(queryKey[0])) })
      }
    }, 1000)
    return () => {
      clearInterval(timer)
      events.close()
    }
  }, [client])
}

function runs(job: Job): boolean {
  return job.state === 'running' || job.state === 'queued'
}

/** A page is read while it opens: what ended about then may be missing from it, and is read again. */
function longOver(job: Job): boolean {
  return Boolean(job.finished_at) && Date.now() - Date.parse(job.finished_at ?? '') > 60_000
}

/** One ending of a job, which may run again under its name; nothing while it runs or when its moment is not said. */
function ending(job: Job): string | undefined {
  return runs(job) || !job.finished_at ? undefined : `${job.id} ${job.state} ${job.finished_at}`
}

export function JobsTray() {
  useJobEvents()
  const items = useQuery(jobs).data?.items ?? []
  const running = items.filter(runs)
  const quarter = useQuarters(running)
  return (
    <>
    <span className={text.hidden} role="status">
      {quarter}
    </span>
    <Tray
      label={t('jobs.title')}
      className={style.jobs}
      button={
        <Pressable className={buttonClass({ variant: 'ghost' })}>
          <Icon name="jobs" />
          <span className={style.jobsWord}>{running.length ? t('jobs.count', { count: running.length }) : t('jobs.none')}</span>
        </Pressable>
      }
    >
      <h2>{t('jobs.title')}</h2>
      {items.length === 0 ? (
        <p className={style.empty}>{t('jobs.empty')}</p>
      ) : (
        <ul>
          {items.slice(0, 8).map((job) => (
            <OneJob key={job.id} job={job} />
          ))}
        </ul>
      )}
    </Tray>
    </>
  )
}

const QUARTERS = [100, 75, 50, 25]

/** A job is heard at 25, 50, 75 and 100 % only: a screen reader is no ticker. */
function useQuarters(running: Job[]): string {
  const [first] = running
  const share = first?.total ? Math.floor((first.done / first.total) * 100) : 0
  const quarter = QUARTERS.find((one) => share >= one)
  return first && quarter ? t('jobs.quarter', { name: first.label ?? word('jobKind', first.kind), count: quarter }) : ''
}

const moods: Record<Job['state'], Mood> = { queued: 'off', running: 'info', paused: 'off', done: 'ok', failed: 'failure', stopped: 'off' }

/** Pause keeps the job to be taken up; the end is for good, and says what stays done. */
function JobActs({ job, name }: { job: Job; name: string }) {
  const may = useMay('manage_jobs')
  const client = useQueryClient()
  const after = {
    onError: (error: unknown) => say('failure', problemText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  }
  const path = { id: job.id }
  const pause = useMutation({ ...after, mutationFn: () => api.POST('/api/v1/jobs/{id}/pause', { params: { path } }), onSuccess: () => say('info', t('jobs.pausing')) })
  const stop = useMutation({ ...after, mutationFn: () => api.POST('/api/v1/jobs/{id}/stop', { params: { path } }), onSuccess: () => say('info', t('jobs.stopped', { what: told(job, false), stays: word('jobStays', job.kind) })) })
  const resume = useMutation({ ...after, mutationFn: () => body(api.POST('/api/v1/jobs/{id}/resume', { params: { path, header: once() } })), onSuccess: () => say('info', t('jobs.resumed')) })
  const blocked = may ? undefined : t('state.noRight')
  if (!runs(job) && !job.resumable) return null
  return (
    <span className={`${layout.end} ${layout.row}`}>
      {runs(job) && (
        <Button small label={t('jobs.pauseName', { name })} blocked={blocked} busy={pause.isPending} onPress={() => pause.mutate()}>
          {t('jobs.pause')}
        </Button>
      )}
      {job.resumable && (
        <Button small label={t('jobs.resumeName', { name })} blocked={blocked} busy={resume.isPending} onPress={() => resume.mutate()}>
          {t('jobs.resume')}
        </Button>
      )}
      {(runs(job) || job.state === 'paused') && (
        <Button small label={t('jobs.stopName', { name })} blocked={blocked} busy={stop.isPending} onPress={() => stop.mutate()}>
          {t('jobs.stop')}
        </Button>
      )}
    </span>
  )
}

function OneJob({ job }: { job: Job }) {
  const name = job.label ?? word('jobKind', job.kind)
  return (
    <li>
      <div className={layout.row}>
        <b>{name}</b>
        {!runs(job) && <Status mood={moods[job.state]}>{word('jobState', job.state)}</Status>}
        <JobActs job={job} name={name} />
      </div>
      {runs(job) && job.total ? <Progress value={job.done} limit={job.total} look="running" label={name} /> : null}
      <p className={text.meta}>
        {told(job, runs(job))}
        {(job.state === 'paused' || job.state === 'stopped') && ` · ${t('jobs.keeps')}`}
        {job.run_id && (
          <>
            {' '}
            <Link to="/runs/$id" params={{ id: job.run_id }}>
              {t('jobs.seeRun')}
            </Link>
          </>
        )}
      </p>
    </li>
  )
}

/** « 1 240 000 / 2 300 000 lignes · 92 000 lignes/s · reste environ 12 s. » */
function told(job: Job, moves: boolean): string {
  const unit = job.unit ? word('jobUnit', job.unit) : ''
  const parts = [job.total ? t('jobs.progress', { done: job.done, total: job.total, unit }) : t('jobs.done', { done: job.done, unit })]
  if (moves && job.rate) parts.push(t('jobs.rate', { rate: number(Math.round(job.rate)), unit }))
  if (moves && job.remaining_s !== null && job.remaining_s !== undefined) parts.push(t('jobs.remaining', { time: duration(job.remaining_s) }))
  if (job.problem) parts.push(words(`reason.${job.problem.code}`, job.problem.params ?? {}) ?? job.problem.text)
  return `${parts.join(' · ')}${moves ? `. ${t('jobs.goesOn')} ${t('jobs.keeps')}` : ''}`
}
