import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { Api } from '../../api/types'
import { longDate, time } from '../../lib/format'
import { eventText, t, word } from '../../lib/i18n'
import { Card, Padded } from '../../ui/Card'
import { Check } from '../../ui/Field'
import { View } from '../../ui/States'
import { Icon, Tag, type IconName } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './People.module.css'
import { timeline } from './queries'

type Entry = Api['TimelineEntry']
type Source = Api['TimelineSource']

const sources: Source[] = ['hr', 'active_directory', 'register', 'login', 'console', 'offline']
const icons: Record<Source, IconName> = { hr: 'source', active_directory: 'source', register: 'globe', login: 'key', console: 'people', offline: 'clock' }

const route = getRouteApi('/people/$id')

/** What happened, all sources merged, newest first. */
export function Timeline({ id }: { id: string }) {
  const { source } = route.useSearch()
  const navigate = useNavigate()
  const chosen = source?.split(',') ?? []
  const query = useQuery(timeline(id, source))

  function toggle(one: Source) {
    const after = chosen.includes(one) ? chosen.filter((each) => each !== one) : [...chosen, one]
    void navigate({ to: '/people/$id', params: { id }, search: { source: after.join(',') || undefined }, replace: true, resetScroll: false })
  }

  return (
    <Card
      title={t('person.timeline')}
      anchor="chronologie"
      acts={
        <div className={style.checks} role="group" aria-label={t('timeline.sources')}>
          {sources.map((one) => (
            <Check key={one} label={word('timelineSource', one)} checked={chosen.includes(one)} onChange={() => toggle(one)} />
          ))}
        </div>
      }
    >
      <View query={query} unread={t('timeline.unread')}>
        {(page) => (page.items.length ? <Entries entries={page.items} /> : <Padded>{t('timeline.empty')}</Padded>)}
      </View>
    </Card>
  )
}

function Entries({ entries }: { entries: Entry[] }) {
  return (
    <ol className={style.times}>
      {entries.map((entry, index) => {
        const day = longDate(entry.at)
        const before = entries[index - 1]
        return [before && longDate(before.at) === day ? null : <li key={`${day}-day`} className={style.day}>{day}</li>, <Line key={`${entry.at}-${entry.event}-${index}`} entry={entry} />]
      })}
    </ol>
  )
}

function Line({ entry }: { entry: Entry }) {
  const known = eventText(entry.event, entry.params)
  return (
    <li>
      <time dateTime={entry.at}>{time(entry.at)}</time>
      <Icon name={icons[entry.source]} quiet />
      <span>
        {entry.text ?? known}
        {entry.reference && (
          <>
            {' '}
            ({t('timeline.reference')} <span className={text.mono}>{entry.reference}</span>)
          </>
        )}{' '}
        {entry.outcome === 'refused' && (
          <Tag mood="failure" inline>
            {t('outcome.refused')}
          </Tag>
        )}
      </span>
      <span className={text.muted}>{entry.actor ?? entry.where ?? word('timelineSource', entry.source)}</span>
      <span>
        {entry.index !== null && entry.index !== undefined && (
          <Link to="/audit" search={{ entry: String(entry.index) }}>
            {t('timeline.proof')}
          </Link>
        )}
      </span>
    </li>
  )
}
