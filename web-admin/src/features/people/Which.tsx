import type { Person } from '../../api/types'
import { day } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Icon } from '../../ui/Status'

/** A question about somebody who has a homonym says which of them it is about. */
export function Which({ one }: { one: Person }) {
  if (one.homonyms.length === 0) return null
  const post = one.posts.find((each) => each.current) ?? one.posts[0]
  const told = [one.birth_date && t('which.born', { date: day(one.birth_date) }), post?.function, post?.unit_name].filter(Boolean)
  if (told.length === 0) return null
  return (
    <p>
      <Icon name="twins" /> <b>{t('which.homonym', { count: one.homonyms.length })}</b> {t('which.thisOne', { who: told.join(', ') })}
    </p>
  )
}
