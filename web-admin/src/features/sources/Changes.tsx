import type { RunItem } from '../../api/types'
import { day } from '../../lib/format'
import { reasonText, t } from '../../lib/i18n'
import text from '../../ui/text.module.css'
import style from './Sources.module.css'
import { fieldWord } from './words'

export function valueOf(value: string): string {
  // « 3412 → » is a post without an end.
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? day(value) : value.replace(/ →(?= ·|$)/g, '')
}

/** « fin 31/12/2026 → 30/06/2027 »: the old value struck, the new one in weight. */
export function Changes({ item }: { item: RunItem }) {
  const changes = item.changes.filter((change) => change.field !== 'label')
  if (changes.length === 0) return <>{reasonText(item.reason)}</>
  return (
    <>
      {changes.slice(0, 3).map(({ field, before, after }, index) => (
        <span key={field} className={style.change}>
          {index > 0 && ', '}
          {index > 0 ? lower(fieldWord(field)) : fieldWord(field)} {before && <Gone value={valueOf(before)} />}
          {before && after && ' → '}
          {after ? before ? <ins>{valueOf(after)}</ins> : valueOf(after) : before && <span className={text.muted}> {t('run.removed')}</span>}
        </span>
      ))}
      {changes.length > 3 && ' '}
      {changes.length > 3 && <span className={text.meta}>{t('run.moreChanges', { count: changes.length - 3 })}</span>}
    </>
  )
}

/** « UF » stays « UF »: only a capital followed by a small letter is lowered. */
function lower(name: string): string {
  return /^\p{Lu}\p{Ll}/u.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name
}

function Gone({ value }: { value: string }) {
  return (
    <del>
      <span className={text.hidden}>{t('run.before')} </span>
      {value}
    </del>
  )
}
