import type { Client } from '../../api/types'
import { personName } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { settingName } from '../../lib/settings'
import type { Line } from '../../lib/versions'
import { typedOf } from './protocol'

/** A list that two people changed: theirs, with what was added and taken off here. */
export function merged<One>(before: One[], mine: One[], theirs: One[]): One[] {
  return [...theirs.filter((one) => mine.includes(one) || !before.includes(one)), ...mine.filter((one) => !before.includes(one) && !theirs.includes(one))]
}

/** An application as lines, to set two readings of it side by side. */
export function linesOf(one: Client): Line[] {
  return [
    { key: 'name', name: t('people.name'), value: one.name },
    { key: 'vendor', name: t('app.vendor'), value: one.vendor ?? '' },
    { key: 'state', name: t('app.state'), value: word('clientState', one.state) },
    { key: 'sensitive', name: t('app.sensitive'), value: t(one.sensitive ? 'yes' : 'no') },
    { key: 'scopes', name: t('app.scopes'), value: one.scopes.join(' ') },
    { key: 'redirects', name: t('app.redirects'), value: one.redirect_uris.join(' ') },
    { key: 'device', name: t('ways.device'), value: t(one.device_login ? 'yes' : 'no') },
    { key: 'portal', name: t('ways.portal'), value: t(one.backchannel_login ? 'yes' : 'no') },
    { key: 'address', name: t('ways.address'), value: one.backchannel_notification_uri ?? '' },
    { key: 'consent', name: t('ways.consent'), value: t(one.asks_consent ? 'yes' : 'no') },
    ...Object.entries(typedOf(one)).map(([key, value]) => ({ key, name: settingName(key), value: typeof value === 'boolean' ? t(value ? 'yes' : 'no') : value })),
    { key: 'identity', name: t('ways.identity'), value: t(one.needs_national_identity ? 'yes' : 'no') },
    { key: 'owners', name: t('owners.title'), value: one.owners.map(personName).join(', ') },
    { key: 'secret', name: t('secret.title'), value: one.secret_changed_at ?? '' },
  ]
}
