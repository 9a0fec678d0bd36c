import { Link } from '@tanstack/react-router'
import type { KeyboardEvent } from 'react'
import { useMay } from '../../api/me'
import { t, type Key } from '../../lib/i18n'
import { currentInSight } from '../../ui/tabs'
import tabs from '../../ui/Tabs.module.css'

/** The address says which part is open; without one, how the application connects. */
export const parts = ['reglages', 'attributs', 'controle', 'deconnexions', 'journal'] as const

const words: Record<(typeof parts)[number], Key> = { reglages: 'app.settings', attributs: 'app.attributes', controle: 'check.tab', deconnexions: 'logouts.tab', journal: 'refusals.tab' }

/** The arrows go from one to the next, as in any row of tabs; each is a link, and opens in another window too. */
function onArrow(event: KeyboardEvent<HTMLElement>) {
  const links = [...event.currentTarget.querySelectorAll('a')]
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  const at = links.indexOf(document.activeElement as HTMLAnchorElement)
  if (!step || at < 0) return
  event.preventDefault()
  links[(at + step + links.length) % links.length]?.focus()
}

export function AppTabs({ id }: { id: string }) {
  // A token is shown for somebody: whoever may not read people has nobody to choose.
  const people = useMay('read_people')
  const shown = parts.filter((part) => part !== 'attributs' || people)
  return (
    <nav className={tabs.tabs} ref={currentInSight} aria-label={t('app.tabs')} onKeyDown={onArrow}>
      <Link to="/applications/$id" params={{ id }} search={{}} activeOptions={{ exact: true, includeSearch: true }}>
        {t('app.connection')}
      </Link>
      {shown.map((part) => (
        <Link key={part} to="/applications/$id" params={{ id }} search={{ tab: part }}>
          {t(words[part])}
        </Link>
      ))}
    </nav>
  )
}
