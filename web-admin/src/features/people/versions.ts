import type { Person } from '../../api/types'
import { day, digitGroups, personName } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import type { Line } from '../../lib/versions'

/** A record as lines, to set two readings of it side by side. */
export function linesOf(one: Person): Line[] {
  const period = (from: string | null | undefined, to: string | null | undefined) => [from ? day(from) : '', to ? day(to) : t('people.noEnd')].join(' → ')
  return [
    { key: 'name', name: t('people.name'), value: personName(one) },
    { key: 'state', name: t('people.state'), value: word('personState', one.state) },
    { key: 'identity', name: t('people.identity'), value: [word('identity', one.identity_state), ...one.national_identities.map(({ rpps, idnat }) => digitGroups(rpps ?? idnat).join('\u202F'))].join(' ') },
    ...one.values.map(({ field, owner, source_name: source, value }) => ({ key: `value-${field}-${owner}-${source ?? ''}`, name: `${word('field', field)} (${source ?? word('owner', owner)})`, value })),
    ...one.posts.map((post) => ({ key: `post-${post.id}`, name: t('person.posts'), value: [post.unit_name ?? post.unit ?? post.entity, post.function, period(post.from, post.to)].filter(Boolean).join(', ') })),
    ...one.accounts.map((account) => ({ key: `account-${account.id}`, name: t('person.accounts'), value: `${account.login} : ${word('accountState', account.state)}` })),
    ...one.means.map((means) => ({ key: `means-${means.id}`, name: t('person.means'), value: `${means.label} ${means.serial ?? ''} : ${word('meansState', means.state)}` })),
    { key: 'sessions', name: t('person.openSessions'), value: String(one.sessions.length) },
  ]
}
