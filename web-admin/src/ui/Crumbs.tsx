import type { ReactNode } from 'react'
import { t } from '../lib/i18n'
import layout from './layout.module.css'
import { Icon } from './Status'
import text from './text.module.css'

/** Where a page stands. The sign goes with what comes after it: no line ends on it, and a way back alone bears none. */
export function Crumbs({ trail, here }: { trail: ReactNode[]; here?: ReactNode }) {
  return (
    <nav aria-label={t('page.crumbs')}>
      <ol className={`${layout.crumbs} ${text.meta}`}>
        {trail.map((link, rank) => (
          // A trail never changes its order.
          <li key={rank}>
            {rank > 0 && <Icon name="right" />}
            {link}
          </li>
        ))}
        {here !== undefined && (
          <li aria-current="page">
            <Icon name="right" />
            <span>{here}</span>
          </li>
        )}
      </ol>
    </nav>
  )
}
