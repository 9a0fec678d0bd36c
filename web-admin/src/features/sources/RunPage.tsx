import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Api, ItemKind, Run, RunItem } from '../../api/types'
import { dateTime, number, shortDate, time } from '../../lib/format'
import { reasonText, t, word } from '../../lib/i18n'
import { heldNext } from '../../lib/paths'
import { useTitle } from '../../lib/title'
import { Check, Segments } from '../../ui/Field'
import { Disclosure } from '../../ui/Disclosure'
import { Crumbs } from '../../ui/Crumbs'
import layout from '../../ui/layout.module.css'
import { Blank, Stale, View } from '../../ui/States'
import { Icon, Note, Sign, Tag } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { ActionBar } from './ActionBar'
import { Brakes } from './Brakes'
import { Faults } from './Faults'
import { Plan } from './Plan'
import { PreviewButton } from './PreviewButton'
import { moving, run as runQuery, runItems } from './queries'
import type { RunSearch } from './search'
import { usualText } from './usual'
import { useSelection } from './selection'
import style from './Sources.module.css'
import { WhyPanel } from './WhyPanel'
import { isDoubtful, kindIcons, kindOrder, runMoods } from './words'

const route = getRouteApi('/runs/$id')

export function RunPage() {
  const { id } = route.useParams()
  const query = useQuery(runQuery(id))
  const one = query.data
  useTitle(one ? t('run.title', { source: one.source_name, date: shortDate(one.started_at), time: time(one.started_at) }) : t('nav.sources'))
  return (
    <View query={query} unread={t('run.unread')} heading={t('run.preview')} back={<Link to="/sources">{t('nav.sources')}</Link>} rows={8}>
      {(run) => <Sheet key={run.id} run={run} />}
    </View>
  )
}

export function totalOf(counts: Api['KindCounts']): number {
  return kindOrder.reduce((sum, kind) => sum + counts[kind], 0)
}

function Sheet({ run }: { run: Run }) {
  const total = totalOf(run.counts)
  return (
    <>
      <Head run={run} />
      {run.unreachable_since && <Stale since={run.started_at}>{t('state.staleSource')}</Stale>}
      {run.problem && (
        <Note mood="failure" role="alert">
          {reasonText(run.problem)}{' '}
          <Link to="/sources/$id" params={{ id: run.source_id }}>
            {t('run.seeMapping')}
          </Link>
        </Note>
      )}
      {run.stale && (
        <Note mood="warning" role="status">
          <b>{t('run.stale')}</b> {t('run.staleHelp')}
        </Note>
      )}
      {run.faults.length > 0 && <Faults faults={run.faults} folded={!run.problem} />}
      {moving(run) ? (
        <Note mood="info" role="status">
          {t('run.moving', { state: word('runState', run.state), count: run.lines })}
        </Note>
      ) : run.problem ? null : total === 0 ? (
        <Blank boxed title={t('run.empty')} />
      ) : (
        <Body run={run} total={total} />
      )}
    </>
  )
}

function Head({ run }: { run: Run }) {
  const open = run.state === 'waiting' || run.state === 'planned'
  return (
    <>
      <Crumbs trail={[<Link to="/sources">{t('nav.sources')}</Link>, <Link to="/sources/$id" params={{ id: run.source_id }}>{run.source_name}</Link>]} here={t('run.preview')} />
      <div className={`${layout.title} ${layout.tight}`}>
        <h1>{t('run.title', { source: run.source_name, date: shortDate(run.started_at), time: time(run.started_at) })}</h1>
        <Tag mood={open ? (totalOf(run.counts) ? 'info' : 'ok') : runMoods[run.state]}>{open ? t(totalOf(run.counts) ? 'run.nothingApplied' : 'run.nothingToApply') : word('runState', run.state)}</Tag>
        {!moving(run) && (
          <div className={layout.row}>
            <PreviewButton id={run.source_id} name={run.source_name} again small={false} />
          </div>
        )}
      </div>
      {run.state !== 'reading' && !(run.problem && run.lines === 0) && <Figures run={run} />}
    </>
  )
}

/** Not before the file is read to its end, nor of a file refused before its first line: either would look like an incomplete file. */
function Figures({ run }: { run: Run }) {
  const open = run.state === 'waiting' || run.state === 'planned'
  return (
    <p className={`${text.muted} ${layout.below}`}>
      <span className={text.plain}>{t('run.lines', { count: run.lines })}</span>{' '}
      {[
        run.usual_low && run.usual_high ? `(${usualText(run.usual_low, run.usual_high)})` : '',
        t('run.rejected', { count: run.rejected }),
        t(run.complete ? 'run.complete' : 'run.incomplete'),
        run.took_ms ? t('run.took', { time: number(Math.max(1, Math.round(run.took_ms / 1000))) }) : '',
        open && !run.stale ? t('run.valid') : '',
        run.applied ? t('run.appliedOn', { when: run.finished_at ? dateTime(run.finished_at) : '' }) : '',
      ]
        .filter(Boolean)
        .join(' · ')}
    </p>
  )
}

function Body({ run, total }: { run: Run; total: number }) {
  const search = route.useSearch()
  const navigate = useNavigate()
  const [why, setWhy] = useState<RunItem>()
  const first = firstOf(run, search)
  const items = useQuery(runItems(run.id, { kind: search.kind ?? (first ? worth(run).join() : undefined), sample: search.sample ? 10 : undefined, cursor: search.cursor }))
  const selection = useSelection(run, items.data?.items ?? [])
  const open = run.state === 'waiting' || run.state === 'planned'

  function change(more: Partial<RunSearch>) {
    void navigate({ to: '/runs/$id', params: { id: run.id }, search: { ...search, cursor: undefined, ...more }, replace: true, resetScroll: false })
  }
  return (
    <>
      <Brakes brakes={run.brakes} />
      <div className={`${layout.row} ${layout.below}`}>
        <Segments
          legend={t('run.kinds')}
          value={search.kind ?? 'all'}
          onChange={(kind) => change({ kind: kind === 'all' ? undefined : kind })}
          segments={[{ value: 'all', label: t('run.all'), count: number(total) }, ...kindOrder.filter((kind) => run.counts[kind] > 0).map((kind) => segment(kind, run.counts[kind]))]}
        />
        <span className={layout.end}>
          <Check label={t('run.sample')} checked={Boolean(search.sample)} onChange={(on) => change({ sample: on ? '10' : undefined })} />
        </span>
      </div>
      <div className={`${layout.split} ${why ? '' : layout.alone}`}>
        <View query={items} unread={t('run.itemsUnread')} rows={8}>
          {(page) => <Plan run={run} page={heldNext(page, items)} turned={Boolean(search.cursor)} selection={selection} open={open && !run.stale} first={first} why={why} onWhy={setWhy} onPage={(cursor) => change({ cursor })} />}
        </View>
        {why && <WhyPanel key={why.id} item={why} onClose={() => setWhy(undefined)} />}
      </div>
      {open ? <ActionBar run={run} items={items.data?.items ?? []} selection={selection} total={total} /> : run.applied && <Results run={run} />}
    </>
  )
}

function worth(run: Run): ItemKind[] {
  return kindOrder.filter((kind) => run.counts[kind] > 0 && !isDoubtful(kind))
}

/** Hundreds of doubts would push the closings off the first page: among all, they are one line, unless nothing else is there. */
function firstOf(run: Run, search: RunSearch): boolean {
  return !search.kind && !search.sample && run.counts.doubt + run.counts.conflict > 0 && worth(run).length > 0
}

function segment(kind: ItemKind, count: number) {
  return { value: kind, label: word('kinds', kind), count: number(count), sign: kind === 'doubt' ? <Sign mood="doubt" /> : <Icon name={kindIcons[kind]} quiet /> }
}

function Results({ run }: { run: Run }) {
  if (!run.applied) return null
  return (
    <div className={layout.actionbar}>
      <Note mood={run.applied.failed ? 'failure' : 'ok'} role="status">
        <span className={style.fold}>{[t('run.appliedCount', { count: run.applied.applied }), t('run.asideCount', { count: run.applied.aside }), t('run.failedCount', { count: run.applied.failed })].join(', ')}.</span>
      </Note>
      <Disclosure summary={t('run.wayBack')}>
        <p>{t('run.wayBackHow')}</p>
        <p>
          <Link to="/sources/$id" params={{ id: run.source_id }}>
            {t('run.seeMapping')}
          </Link>
        </p>
      </Disclosure>
    </div>
  )
}
