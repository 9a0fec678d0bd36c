import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { Person } from '../../api/types'
import { day, lastDay, personName, recalled, shortName } from '../../lib/format'
import { t, type Key } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { Crumbs } from '../../ui/Crumbs'
import layout from '../../ui/layout.module.css'
import { View } from '../../ui/States'
import { Note, Tag } from '../../ui/Status'
import { PersonName } from '../../ui/PersonName'
import { word } from '../../lib/i18n'
import { Accounts, Posts } from './Belongings'
import { Identity } from './IdentityCard'
import { MeansCard } from './MeansCard'
import { Absorbed, Merges } from './Merges'
import style from './People.module.css'
import { PersonActs } from './PersonActs'
import { person } from './queries'
import { Sessions, Whys } from './SideCards'
import { Timeline } from './Timeline'
import { stateMoods } from './words'

const route = getRouteApi('/people/$id')

export function PersonPage() {
  const { id } = route.useParams()
  const query = useQuery(person(id))
  useTitle(query.data ? recalled(personName(query.data)) : t('nav.people'))
  return (
    <View query={query} waits={t('person.waits')} unread={t('person.unread')} heading={t('person.sheet')} back={<Link to="/people">{t('nav.people')}</Link>} rows={8}>
      {/* Nothing of one person stands a moment under the name of the next. */}
      {(one) => <Sheet key={one.id} one={one} />}
    </View>
  )
}

/** One page, no tabs: the owner stays in sight, the sections have anchors. */
function Sheet({ one }: { one: Person }) {
  return (
    <>
      <Owner one={one} />
      <div className={layout.columns}>
        <div className={`${layout.seven} ${layout.stack}`}>
          <Identity one={one} />
          <MeansCard one={one} />
          <Posts posts={one.posts} />
          <Accounts accounts={one.accounts} />
        </div>
        <div className={`${layout.five} ${layout.stack}`}>
          <Whys one={one} />
          <Sessions one={one} />
          <Merges one={one} />
        </div>
        <div className={layout.twelve}>
          <Timeline id={one.id} />
        </div>
      </div>
    </>
  )
}

function Owner({ one }: { one: Person }) {
  const post = one.posts.find((each) => each.current) ?? one.posts[0]
  const line = [post?.function, post?.unit_name && (post.unit ? t('person.unit', { name: post.unit_name, code: post.unit }) : post.unit_name), post?.to && t('person.until', { date: day(post.to) })].filter(Boolean)
  const length = personName(one).length
  return (
    <header className={`${style.owner} ${length > 80 ? style.still : ''}`}>
      <Crumbs trail={[<Link to="/people" activeOptions={{ exact: true }}>{t('nav.people')}</Link>]} here={recalled(shortName(one))} />
      <div className={`${layout.title} ${layout.tight}`}>
        {/* A name grows whole; only one that no person bears scrolls in its place, by the keyboard too. */}
        <h1 {...(length > 300 && { className: style.endless, tabIndex: 0 })}>
          <PersonName person={one} />
        </h1>
        <Tag mood={stateMoods[one.state]}>{word('personState', one.state)}</Tag>
        {one.closes_at && one.state !== 'closed' && <Tag mood="info">{t('later.closesOn', { date: lastDay(one.closes_at) })}</Tag>}
        <PersonActs one={one} />
      </div>
      <div className={`${layout.row} ${layout.wide}`}>
        <p>{line.length ? line.join(' · ') : t('person.noPost')}</p>
        <Homonyms one={one} />
      </div>
      <Absorbed one={one} />
      <Anchors one={one} />
    </header>
  )
}

function Homonyms({ one }: { one: Person }) {
  if (one.homonyms.length === 0) return null
  return (
    <div className={`${layout.end} ${style.homonyms}`}>
      <Note mood="doubt" icon="twins">
        <b>{t('person.homonyms', { count: one.homonyms.length })}</b>{' '}
        {one.homonyms.map(({ person: other, function: trade }, index) => (
          <span key={other.id}>
            {index > 0 && ' · '}
            <Link to="/people/$id" params={{ id: other.id }}>
              {[personName(other), trade?.toLowerCase(), other.birth_date && day(other.birth_date)].filter(Boolean).join(', ')}
            </Link>
          </span>
        ))}
      </Note>
    </div>
  )
}

function Anchors({ one }: { one: Person }) {
  const sections: [anchor: string, word: Key, count?: number][] = [
    ['identite', 'person.identity'],
    ['moyens', 'person.means', one.means.length],
    ['affectations', 'person.posts', one.posts.length],
    ['comptes', 'person.accounts', one.accounts.length],
    ['sessions', 'person.sessions', one.sessions.length],
    ['chronologie', 'person.timeline'],
  ]
  return (
    <nav className={style.anchors} aria-label={t('person.sections')}>
      {sections.map(([anchor, name, count]) => (
        <a key={anchor} href={`#${anchor}`}>
          {t(name)} {count !== undefined && <span>{count}</span>}
        </a>
      ))}
    </nav>
  )
}
