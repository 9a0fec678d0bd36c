import type { RunItem } from '../../api/types'
import { personName } from '../../lib/format'
import { t } from '../../lib/i18n'

/** Someone known; someone new, named by the source; or a fold. */
export function nameOf(item: RunItem): string {
  if (item.person) return personName(item.person)
  const label = item.changes.find((change) => change.field === 'label')?.after
  return label ?? t('run.same', { count: item.pattern_count })
}
