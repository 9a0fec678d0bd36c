import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { ago, next, number, since } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import card from '../../ui/Card.module.css'
import layout from '../../ui/layout.module.css'
import { Around, Blank, View } from '../../ui/States'
import { Status, Tag } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { useKnownMood } from '../../ui/waits'
import { PreviewButton } from './PreviewButton'
import { sources as allSources } from './queries'
import { Connect } from './Connect'
import { RegisterCard } from './RegisterCard'
import { usualText } from './usual'
import style from './Sources.module.css'
import { healthMoods } from './words'

export function SourcesPage() {
  useTitle(t('nav.sources'))
  const query = useQuery(allSources)
  const mayConnect = useMay('manage_sources')
  const sources = query.data?.items.filter((one) => one.kind !== 'register') ?? []
  const nothing = query.data !== undefined && sources.length === 0
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.sources')}</h1>
      </div>
      <div className={layout.stack}>
        <View query={query} unread={t('sources.unread')} rows={3}>
          {() => (sources.length ? <List items={sources} /> : <Blank boxed title={t('sources.empty')}>{mayConnect && t('sources.emptyHelp')}</Blank>)}
        </View>
        <Around query={query}>
          {/* The first step stands under what says that there is nothing yet. */}
          {nothing && <Connect />}
          <RegisterCard />
          {!nothing && <Connect />}
        </Around>
      </div>
    </>
  )
}

function List({ items }: { items: Api['SourceSummary'][] }) {
  return (
    <div className={card.card}>
      <Table
        opens
        caption={t('sources.caption')}
        className={`${table.tall} ${style.sources}`}
        head={
          <tr>
            <th scope="col">{t('person.source')}</th>
            <th scope="col">{t('sources.kind')}</th>
            <th scope="col">{t('health.lastRead')}</th>
            <th scope="col">{t('sources.volume')}</th>
            <th scope="col">{t('sources.next')}</th>
            <th scope="col">{t('sources.run')}</th>
            <th scope="col">
              <span className={text.hidden}>{t('page.acts')}</span>
            </th>
          </tr>
        }
      >
        <tbody>
          {items.map((one) => (
            <Line key={one.id} one={one} />
          ))}
        </tbody>
      </Table>
    </div>
  )
}

function Line({ one }: { one: Api['SourceSummary'] }) {
  const mood = useKnownMood(healthMoods[one.health])
  return (
    <tr>
      <th scope="row">
        <Status mood={mood}>
          <Link to="/sources/$id" params={{ id: one.id }} className={table.link}>
            <b>{one.name}</b>
          </Link>
          <span className={text.hidden}> :</span> <span className={text.meta}>{word('health', one.health)}</span>
        </Status>
      </th>
      <td>{word('sourceKind', one.kind)}</td>
      <td>{one.unreachable_since ? t('health.unreachable', { time: since(one.unreachable_since) }) : one.last_good_at ? ago(one.last_good_at) : t('people.never')}</td>
      <td>
        {one.lines ? number(one.lines) : '–'}
        {one.usual_low && one.usual_high ? <span className={text.meta}> {usualText(one.usual_low, one.usual_high)}</span> : null}
      </td>
      <td>{one.next_at ? next(one.next_at) : <span className={text.muted}>{one.waiting_run_id ? '–' : t('sources.byHand')}</span>}</td>
      <td>
        {one.waiting_run_id ? (
          <Link to="/runs/$id" params={{ id: one.waiting_run_id }}>
            <Tag mood="warning" inline>
              {t('runState.waiting')}
            </Tag>
          </Link>
        ) : one.last_run_id && one.last_run_state ? (
          <Link to="/runs/$id" params={{ id: one.last_run_id }}>
            {word('runState', one.last_run_state)}
          </Link>
        ) : (
          '–'
        )}
      </td>
      <td className={table.right}>
        <PreviewButton id={one.id} name={one.name} />
      </td>
    </tr>
  )
}
