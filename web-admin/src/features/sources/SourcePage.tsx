import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { Api } from '../../api/types'
import { ago, dateTime, next, number } from '../../lib/format'
import { reasonText, t, word } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { buttonClass } from '../../ui/Button'
import { Card, Fact, Facts, Padded } from '../../ui/Card'
import { Crumbs } from '../../ui/Crumbs'
import layout from '../../ui/layout.module.css'
import { Stale, View } from '../../ui/States'
import { Note, Status } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { MappingCard } from './MappingCard'
import { PreviewButton } from './PreviewButton'
import { source, sourceRuns } from './queries'
import { usualText } from './usual'
import style from './Sources.module.css'
import { HealthTag } from './HealthTag'
import { runMoods } from './words'

const route = getRouteApi('/sources/$id')

type Source = Api['Source']

export function SourcePage() {
  const { id } = route.useParams()
  const query = useQuery(source(id))
  useTitle(query.data?.name, t('nav.sources'))
  return (
    <View query={query} unread={t('source.unread')} heading={t('source.sheet')} back={<Link to="/sources">{t('nav.sources')}</Link>} rows={6}>
      {(one) => <Sheet key={one.id} one={one} />}
    </View>
  )
}

function Sheet({ one }: { one: Source }) {
  return (
    <>
      <Crumbs trail={[<Link to="/sources" activeOptions={{ exact: true }}>{t('nav.sources')}</Link>]} here={one.name} />
      <div className={layout.title}>
        <h1>{one.name}</h1>
        <HealthTag health={one.health} />
        <div className={layout.row}>
          {one.waiting_run_id && (
            <Link to="/runs/$id" params={{ id: one.waiting_run_id }} className={buttonClass({ variant: 'primary' })}>
              {t('source.seeWaiting')}
            </Link>
          )}
          <PreviewButton id={one.id} name={one.name} small={false} />
        </div>
      </div>
      <div className={layout.stack}>
        {one.unreachable_since && <Stale since={one.last_good_at ?? one.unreachable_since}>{t('state.staleSource')}</Stale>}
        {one.warnings.map((warning) => (
          <Note key={warning.code} mood="warning">
            {reasonText(warning)}
          </Note>
        ))}
        <div className={layout.columns}>
          <div className={layout.seven}>
            <HealthCard one={one} />
          </div>
          <div className={layout.five}>
            <BrakesCard brakes={one.brakes} />
          </div>
        </div>
        <Runs id={one.id} />
        {one.mapping && <MappingCard one={one} mapping={one.mapping} />}
      </div>
    </>
  )
}

function HealthCard({ one }: { one: Source }) {
  return (
    <Card title={t('source.health')}>
      <Facts>
        <Fact name={t('health.lastRead')}>{one.last_good_at ? ago(one.last_good_at) : t('people.never')}</Fact>
        <Fact name={t('sources.volume')} source={one.usual_low && one.usual_high ? usualText(one.usual_low, one.usual_high) : undefined}>
          {one.lines ? t('health.lines', { count: one.lines }) : '–'}
        </Fact>
        <Fact name={t('sources.next')}>{one.next_at ? next(one.next_at) : t(one.applies_alone ? 'sources.afterPlan' : 'sources.byHand')}</Fact>
        <Fact name={t('source.where')}>
          <span className={text.mono}>{one.location}</span>
        </Fact>
        <Fact name={t('source.alone')}>{t(one.applies_alone ? 'source.aloneYes' : 'source.aloneNo')}</Fact>
      </Facts>
    </Card>
  )
}

/** Several limits may hold one kind of change: they stand together under its name. */
function BrakesCard({ brakes }: { brakes: Api['BrakeSetting'][] }) {
  const kinds = [...new Set(brakes.map(({ kind }) => kind))]
  return (
    <Card title={t('run.brakes')}>
      {brakes.length === 0 ? (
        <Padded>{t('source.noBrake')}</Padded>
      ) : (
        <Facts>
          {kinds.map((kind) => (
            <Fact key={kind} name={word('brakeName', kind)}>
              {brakes
                .filter((brake) => brake.kind === kind)
                .map((brake, at) => (
                  <span key={at}>
                    {at > 0 && <br />}
                    {brake.unit === 'percent' ? t('source.percent', { count: brake.limit }) : t('source.persons', { count: brake.limit })} <span className={text.muted}>{word('brakeScope', brake.scope)}</span>
                  </span>
                ))}
            </Fact>
          ))}
        </Facts>
      )}
    </Card>
  )
}

const counted = ['create', 'change', 'close', 'reopen'] as const

/** « 12 créations, 473 modifications » : what is none is not said. */
function countsText(counts: Api['KindCounts']): string {
  return counted.filter((kind) => counts[kind] > 0).map((kind) => word('counts', kind, { count: counts[kind] })).join(', ') || t('source.noChange')
}

function Runs({ id }: { id: string }) {
  const query = useQuery(sourceRuns(id))
  return (
    <Card title={t('source.runs')}>
      <View query={query} unread={t('source.runsUnread')} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Padded>{t('source.noRun')}</Padded>
          ) : (
            <Table
              opens
              caption={t('source.runs')}
              className={style.runs}
              head={
                <tr>
                  <th scope="col">{t('source.started')}</th>
                  <th scope="col">{t('people.state')}</th>
                  <th scope="col">{t('source.linesRead')}</th>
                  <th scope="col">{t('source.changes')}</th>
                  <th scope="col">{t('source.by')}</th>
                </tr>
              }
            >
              <tbody>
                {items.map((run) => (
                  <tr key={run.id}>
                    <th scope="row">
                      <Link to="/runs/$id" params={{ id: run.id }}>
                        {dateTime(run.started_at)}
                      </Link>
                    </th>
                    <td>
                      <Status mood={runMoods[run.state]}>{word('runState', run.state)}</Status>
                    </td>
                    <td>{number(run.lines)}</td>
                    <td className={text.plain}>{countsText(run.counts)}</td>
                    <td className={text.muted}>{run.by ?? t('source.schedule')}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </View>
    </Card>
  )
}
