import { useQuery } from '@tanstack/react-query'
import { Button as Pressable } from 'react-aria-components'
import { reach } from '../api/home'
import type { Api } from '../api/types'
import { next, number, on, since } from '../lib/format'
import { t, word, words } from '../lib/i18n'
import { buttonClass } from '../ui/Button'
import { Terms } from '../ui/Card'
import { isAway } from '../ui/States'
import { Spoken } from '../ui/Spoken'
import { Icon, Sign } from '../ui/Status'
import { Tray } from '../ui/Tray'
import style from './Shell.module.css'

type One = Api['DegradedDependency']

/** On every page, not dismissible: what, since when, what works, what does not. */
export function Degraded() {
  const query = useQuery(reach)
  const gone = isAway(query.error)
  const { degraded = [], recovered = [] } = query.data ?? {}
  if (degraded.length === 0 && !gone) return recovered.length ? <Back recovered={recovered} /> : null
  const failure = degraded.some((one) => one.stops_someone)
  const shown = degraded.slice(0, gone ? 2 : 3)
  return (
    <div className={`${style.banner} ${failure ? style.failure : ''}`} role="region" aria-label={t('reach.title')}>
      <Sign mood={failure ? 'failure' : 'warning'} large />
      <ul>
        {/* The appliance itself: what it said last of the others is told after it. */}
        {gone && (
          <li>
            <b>{t('reach.server', { time: since(query.dataUpdatedAt || query.errorUpdatedAt) })}</b> {t('reach.server.works')}
          </li>
        )}
        {shown.map((one) => (
          <li key={one.dependency}>
            <b>{words(`reach.${one.dependency}`, { time: since(one.since) })}</b> <span className={style.works}>{words(`reach.${one.dependency}.works`)}</span>
          </li>
        ))}
        {degraded.length > shown.length && <li>{t('reach.others', { count: degraded.length - shown.length })}</li>}
      </ul>
      {degraded.length > 0 && <Tray label={t('reach.title')} className={style.panel} button={<Pressable className={buttonClass()}>{t('reach.details')}</Pressable>}>
        <Pressable slot="close" className={`${buttonClass({ variant: 'ghost', small: true, bare: true })} ${style.close}`} aria-label={t('action.close')}>
          <Icon name="x" />
        </Pressable>
        {degraded.map((one) => (
          <Details key={one.dependency} one={one} />
        ))}
      </Tray>}
    </div>
  )
}

function Details({ one }: { one: One }) {
  const queued = Object.entries(one.queued ?? {}).map(([name, count]) => `${number(count)} ${word('reach.queue', name)}`)
  return (
    <>
      <h2>{words(`reach.${one.dependency}`, { time: since(one.since) })}</h2>
      <p>
        <Sign mood="ok" /> <b>{t('reach.on')}</b> {words(`reach.${one.dependency}.on`)}
      </p>
      <p>
        <Sign mood={one.stops_someone ? 'failure' : 'warning'} /> <b>{t('reach.off')}</b> {words(`reach.${one.dependency}.off`)}
      </p>
      <Terms
        items={[
          [t('reach.next'), one.next_try_at ? next(one.next_try_at) : t('reach.nextUnknown')],
          [t('reach.queued'), queued.length ? queued.join(' · ') : t('reach.queuedNone')],
        ]}
      />
    </>
  )
}

function Back({ recovered }: { recovered: Api['Recovered'][] }) {
  return (
    <div className={`${style.banner} ${style.back}`}>
      <Sign mood="ok" large />
      <Spoken>
        <ul>
          {recovered.map((one) => (
            <li key={one.dependency}>{t('reach.back', { what: word('dependency', one.dependency), at: on(one.at), count: one.caught_up })}</li>
          ))}
        </ul>
      </Spoken>
    </div>
  )
}
