import type { Api } from '../../api/types'
import { t, word } from '../../lib/i18n'
import { Cut, PlainStatus, Tag, type CutName, type IconName, type Mood } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './People.module.css'

const identityMoods: Record<Api['NationalIdentityState'], Mood> = { verified: 'ok', declared: 'info', to_decide: 'doubt', to_recheck: 'warning', not_applicable: 'off', missing: 'off' }

/** What asks for a look is tinted; the rest is a sign and a plain word. */
export function Identity({ state, list = 'identity' }: { state: Api['NationalIdentityState']; list?: 'identity' | 'rpps' }) {
  const label = list === 'rpps' ? word('rpps', state) : word('identity', state)
  return state === 'to_decide' || state === 'to_recheck' ? (
    <Tag mood={identityMoods[state]} inline>
      {label}
    </Tag>
  ) : (
    <PlainStatus mood={identityMoods[state]}>{label}</PlainStatus>
  )
}

export const stateMoods: Record<Api['PersonState'], Mood> = { active: 'ok', coming: 'info', suspended: 'warning', closed: 'off' }

export function StateOf({ state }: { state: Api['PersonState'] }) {
  return <PlainStatus mood={stateMoods[state]}>{word('personState', state)}</PlainStatus>
}

export const meansIcons: Record<Api['MeansKind'], CutName & IconName> = { fido2: 'key', password: 'keyboard', badge: 'badge', cps: 'card', totp: 'phone' }

export const meansMoods: Record<Api['MeansState'], Mood> = { blank: 'off', issued: 'info', active: 'ok', suspended: 'warning', revoked: 'failure', expired: 'failure' }

export function MeansIcons({ means }: { means: Api['MeansCount'][] }) {
  if (means.length === 0) return <span className={text.muted}>{t('means.none')}</span>
  return means.map(({ kind, count }) => (
    <span key={kind} role="img" className={style.means} title={word('meansKind', kind)} aria-label={count > 1 ? `${word('meansKind', kind)} ${count}` : word('meansKind', kind)}>
      <Cut name={meansIcons[kind]} />
      {count > 1 && count}
    </span>
  ))
}
