import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { day, dayTitle, time } from '../../lib/format'
import { eventText, t, word } from '../../lib/i18n'
import { differences } from '../../lib/versions'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import { Check } from '../../ui/Field'
import { View } from '../../ui/States'
import { Reference } from '../../ui/Reference'
import { Icon, Sign, type IconName } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './People.module.css'
import { folded, type Fold } from './folded'
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
  const chosen = source?.split(',') ?? sources
  const query = useInfiniteQuery(timeline(id, source))

  function toggle(one: Source) {
    const after = sources.filter((each) => (each === one ? !chosen.includes(one) : chosen.includes(each)))
    // Every source is the address without a word; none at all shows nothing that anybody asked for.
    const all = after.length === sources.length || after.length === 0
    void navigate({ to: '/people/$id', params: { id }, search: { source: all ? undefined : after.join(',') }, replace: true, resetScroll: false })
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
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items)
          return entries.length ? <Entries id={id} entries={entries} /> : <Padded>{t('timeline.empty')}</Padded>
        }}
      </View>
      {query.hasNextPage && (
        <Padded>
          <Button small busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
            {t('timeline.older')}
          </Button>
        </Padded>
      )}
    </Card>
  )
}

function Entries({ id, entries }: { id: string; entries: Entry[] }) {
  return (
    <ol className={style.times}>
      {folded(entries).map(({ entry, times }, index, all) => {
        const date = dayTitle(entry.at)
        const before = all[index - 1]?.entry
        // Not by its rank: what is new comes above, and what is unfolded stays so.
        const twins = all.slice(0, index).filter((one) => one.entry.at === entry.at && one.entry.event === entry.event).length
        return [before && dayTitle(before.at) === date ? null : <li key={`${date}-day`} className={style.day}>{date}</li>, <Line key={`${entry.at}-${entry.event}-${twins}`} id={id} entry={entry} times={times} />]
      })}
    </ol>
  )
}

function Line({ id, entry, times }: Fold & { id: string }) {
  const [open, setOpen] = useState(false)
  const what = entry.text ?? eventText(entry.event, entry.params)
  const refused = entry.outcome === 'refused'
  // « Connexion refusée » says it by itself.
  const said = /refus/i.test(what)
  const moved = differences(written(entry.before), written(entry.after))
  return (
    <li>
      <time dateTime={entry.at}>{time(entry.at)}</time>
      {refused ? <Sign mood="failure" /> : <Icon name={icons[entry.source]} quiet />}
      <span>
        {refused && !said && <b>{t('outcome.refused')} : </b>}
        {refused && said ? <b>{what}</b> : times > 1 ? <Readings id={id} actor={entry.actor_id ?? undefined} words={t('timeline.times', { what, count: times })} /> : what}
        {entry.where && <span className={text.muted}> · {entry.where}</span>}
        {entry.reference && (
          <>
            {' '}
            <span className={text.nowrap}>
              ({t('timeline.reference')} <Reference>{entry.reference}</Reference>)
            </span>
          </>
        )}
        {moved.length > 0 && (
          <>
            {' '}
            <Button variant="link" expanded={open} onPress={() => setOpen(!open)}>
              {t('audit.beforeAfter')}
            </Button>
          </>
        )}
      </span>
      <span className={`${text.muted} ${style.actor}`}>{entry.actor ?? word('timelineSource', entry.source)}</span>
      <span>
        {entry.index === null || entry.index === undefined ? (
          <span className={text.meta}>{t('audit.unsealed')}</span>
        ) : (
          <Link to="/audit" search={{ entry: String(entry.index) }} aria-label={t('timeline.proofOf', { what })}>
            {t('timeline.proof')}
          </Link>
        )}
      </span>
      {open && (
        <ul className={style.moved}>
          {moved.map((one) => (
            <li key={one.key}>
              {one.name} : <s className={text.muted}>{one.before ?? t('versions.none')}</s> → <b>{one.after ?? t('versions.none')}</b>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

/** Each of the readings that are one line here has its line, and its proof, in the journal. */
function Readings({ id, actor, words }: { id: string; actor: string | undefined; words: string }) {
  if (!useMay('read_audit')) return words
  return (
    <Link to="/audit" search={{ subject: id, actor, event: 'person_read' }}>
      {words}
    </Link>
  )
}

function written(values: Record<string, string> | null | undefined) {
  return Object.entries(values ?? {}).map(([key, value]) => ({ key, name: word('field', key), value: /^\d{4}-\d{2}-\d{2}$/.test(value) ? day(value) : value }))
}
