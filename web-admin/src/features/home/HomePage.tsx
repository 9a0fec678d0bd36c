import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import { home } from '../../api/home'
import type { Home } from '../../api/types'
import { longDate, number, time, when } from '../../lib/format'
import { eventText, t } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { Card, listOfLines, Padded } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { View } from '../../ui/States'
import { Icon } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './Home.module.css'
import { Journey } from './Journey'
import { SourcesHealth } from './SourcesHealth'
import { Todos } from './Todos'

export function HomePage() {
  useTitle(t('nav.home'))
  const query = useQuery(home)
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.home')}</h1>
        {query.data && (
          <p className={text.muted}>
            {/* What could not be read again says its own hour under the title. */}
            {query.error ? longDate(query.data.now) : `${longDate(query.data.now)}, ${time(query.data.now)}`}
          </p>
        )}
      </div>
      <View query={query} unread={t('home.unread')} rows={8}>
        {(data) => (
          <div className={`${layout.columns} ${layout.even}`}>
            {data.setup_done ? <Todos data={data} /> : <Journey steps={data.setup} />}
            <SourcesHealth sources={data.sources} />
            {!data.setup_done && data.todo.length > 0 && <Todos data={data} wide />}
            <Since data={data} />
          </div>
        )}
      </View>
    </>
  )
}

function Since({ data }: { data: Home }) {
  const { since, arrivals, departures, links, changes, notable } = data.since_last_visit
  const mayRead = useMay('read_audit')
  const figures: [number, string][] = !since ? [] : [
    [arrivals, t('home.arrivals', { count: arrivals })],
    [departures, t('home.departures', { count: departures })],
    [links, t('home.links', { count: links })],
    [changes, t('home.changes', { count: changes })],
  ]
  return (
    <Card
      title={t(since ? 'home.since' : 'home.news')}
      aside={since ? when(since) : undefined}
      className={layout.twelve}
      acts={
        mayRead && (
          <Link to="/audit" search={since ? { from: since.slice(0, 10) } : {}} className={style.more}>
            {t('home.seeAll')}
            <Icon name="right" />
          </Link>
        )
      }
    >
      <Padded>
        {/* Without a moment to count from, no number is told. */}
        {since ? null : <p className={text.muted}>{t('home.firstVisitHelp')}</p>}
        <dl className={style.figures}>
          {figures.map(([count, name]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{number(count)}</dd>
            </div>
          ))}
        </dl>
        {since && notable.length > 0 && (
          <ul className={`${listOfLines} ${style.notable}`}>
            {notable.map((one, index) => (
              <li key={index}>
                <time className={text.muted} dateTime={one.at}>
                  {when(one.at)}
                </time>
                <span className={layout.grow}>
                  {eventText(one.event, one.params)}
                  {one.event === 'client_changed' && one.params?.['client'] && t('home.about', { what: one.params['client'] })}
                  {one.actor && t('home.by', { name: one.actor })}
                </span>
                {mayRead && one.index !== null && one.index !== undefined && (
                  <Link to="/audit" search={{ entry: String(one.index) }}>
                    {t('action.open')}
                  </Link>
                )}
              </li>
            ))}
          </ul>
        )}
      </Padded>
    </Card>
  )
}
