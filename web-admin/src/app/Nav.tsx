import { useQuery } from '@tanstack/react-query'
import { Link, useRouterState, type LinkProps } from '@tanstack/react-router'
import { home } from '../api/home'
import { useEffect, useState } from 'react'
import type { Capability, Me } from '../api/types'
import { number } from '../lib/format'
import { t, type Key } from '../lib/i18n'
import { Icon, type IconName } from '../ui/Status'
import text from '../ui/text.module.css'
import style from './Shell.module.css'

interface Entry {
  to: NonNullable<LinkProps['to']>
  word: Key
  icon: IconName
  needs?: Capability
  /** Other addresses of the same page. */
  also?: string[]
}

/** The order is fixed; an entry without its right is absent. */
const groups: Entry[][] = [
  [
    { to: '/', word: 'nav.home', icon: 'home' },
    { to: '/people', word: 'nav.people', icon: 'people', needs: 'read_people' },
    { to: '/cases', word: 'nav.cases', icon: 'scale', needs: 'read_cases' },
  ],
  [{ to: '/sources', word: 'nav.sources', icon: 'source', needs: 'read_sources', also: ['/runs/', '/register'] }],
  [{ to: '/applications', word: 'nav.applications', icon: 'apps', needs: 'read_clients' }],
  [
    { to: '/audit', word: 'nav.audit', icon: 'journal', needs: 'read_audit' },
    { to: '/system', word: 'nav.system', icon: 'system', needs: 'read_system' },
  ],
]

/** On a narrower screen the words come under the pointer and at the focus; Escape sends them away until either moves on. */
function useQuiet() {
  const [quiet, setQuiet] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setQuiet(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  const speak = () => setQuiet(false)
  return { quiet, moved: { onPointerEnter: speak, onFocus: speak } }
}

export function Nav({ me, open }: { me: Me; open: boolean }) {
  const { quiet, moved } = useQuiet()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const todo = useQuery(home).data?.todo ?? []
  const cases = todo.filter((line) => ['identity_doubt', 'account_doubt', 'conflict', 'duplicate'].includes(line.kind)).reduce((sum, line) => sum + line.count, 0)
  const allowed = groups.map((group) => group.filter((entry) => !entry.needs || me.capabilities.includes(entry.needs))).filter((group) => group.length > 0)
  return (
    <nav className={[style.nav, open && style.open, quiet && style.quiet].filter(Boolean).join(' ')} id="navigation" aria-label={t('nav.label')}>
      <div className={style.inside}>
        {allowed.map((group) => (
          <ul key={group[0]?.to}>
            {group.map(({ to, word, icon, also }) => (
              <li key={to} {...moved}>
                <Link to={to} preloadDelay={0} activeOptions={{ exact: to === '/', includeSearch: false }} aria-current={also?.some((one) => path.startsWith(one)) ? 'page' : undefined}>
                  <Icon name={icon} large />
                  <span className={style.word}>{t(word)}</span>
                  {to === '/cases' && cases > 0 && (
                    <span className={style.count}>
                      {number(cases)}
                      <span className={text.hidden}> {t('nav.waiting')}</span>
                    </span>
                  )}
                </Link>
              </li>
            ))}
          </ul>
        ))}
        <p className={`${style.foot} ${text.meta}`}>
          {me.hospital.name}
          <br />
          <Link to="/accessibility/console">{t('nav.accessibility')}</Link> · Hygie
        </p>
      </div>
    </nav>
  )
}
