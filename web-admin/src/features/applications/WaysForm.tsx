import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api, Client } from '../../api/types'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, Fact, Facts } from '../../ui/Card'
import { fieldFault } from '../../ui/Fault'
import { Check, TextField } from '../../ui/Field'
import { changesOf } from '../../ui/FormBar'
import text from '../../ui/text.module.css'
import { Edit } from './Edit'

type Ways = Pick<Client, 'device_login' | 'backchannel_login' | 'asks_consent' | 'needs_national_identity'> & { address: string }

function waysOf(one: Client): Ways {
  return { device_login: one.device_login, backchannel_login: one.backchannel_login, asks_consent: one.asks_consent, needs_national_identity: one.needs_national_identity, address: one.backchannel_notification_uri ?? '' }
}

/** The appliance takes an address for those who ask on the portal only. */
function patchOf(ways: Ways, seen: Client): Api['ClientPatch'] | undefined {
  const address = ways.backchannel_login ? ways.address.trim() : ''
  const before = waysOf(seen)
  const same = address === before.address && (['device_login', 'backchannel_login', 'asks_consent', 'needs_national_identity'] as const).every((way) => ways[way] === before[way])
  return same ? undefined : { device_login: ways.device_login, backchannel_login: ways.backchannel_login, asks_consent: ways.asks_consent, needs_national_identity: ways.needs_national_identity, backchannel_notification_uri: address }
}

/** What was changed here stays as it was typed; the rest is what a colleague made of it. */
function followed(mine: Ways, before: Ways, now: Ways): Ways {
  return {
    device_login: mine.device_login === before.device_login ? now.device_login : mine.device_login,
    backchannel_login: mine.backchannel_login === before.backchannel_login ? now.backchannel_login : mine.backchannel_login,
    asks_consent: mine.asks_consent === before.asks_consent ? now.asks_consent : mine.asks_consent,
    needs_national_identity: mine.needs_national_identity === before.needs_national_identity ? now.needs_national_identity : mine.needs_national_identity,
    address: mine.address === before.address ? now.address : mine.address,
  }
}

/** How a session is opened without the browser of the application, and what is asked of the person first. */
export function WaysForm({ one }: { one: Client }) {
  const may = useMay('manage_clients')
  const [editing, setEditing] = useState(false)
  return (
    <Card
      title={t('ways.title')}
      acts={
        !editing && (
          <Button small blocked={may ? undefined : t('state.noRight')} label={t('ways.change')} onPress={() => setEditing(true)}>
            {t('ways.changeShort')}
          </Button>
        )
      }
    >
      {editing ? (
        <WaysFields one={one} onClose={() => setEditing(false)} />
      ) : (
        <Facts>
          <Fact name={t('ways.device')}>{t(one.device_login ? 'yes' : 'no')}</Fact>
          <Fact name={t('ways.portal')}>
            {t(one.backchannel_login ? 'yes' : 'no')}
            {one.backchannel_login && <span className={text.muted}>, {one.backchannel_notification_uri ? t('ways.called') : t('ways.asksAgain')}</span>}
          </Fact>
          {one.backchannel_notification_uri && (
            <Fact name={t('ways.address')}>
              <span className={text.mono}>{one.backchannel_notification_uri}</span>
            </Fact>
          )}
          <Fact name={t('ways.consent')}>{t(one.asks_consent ? 'yes' : 'no')}</Fact>
          <Fact name={t('ways.identity')}>{t(one.needs_national_identity ? 'yes' : 'no')}</Fact>
        </Facts>
      )}
    </Card>
  )
}

function WaysFields({ one, onClose }: { one: Client; onClose: () => void }) {
  const [ways, setWays] = useState(() => waysOf(one))
  const set = (more: Partial<Ways>) => setWays((before) => ({ ...before, ...more }))
  return (
    <Edit one={one} asked={(seen) => patchOf(ways, seen)} changes={(seen) => changesOf(waysOf(seen), ways)} question={t('ways.confirm', { name: one.name })} effect={() => <p>{t('ways.effect')}</p>} onSeen={(before, now) => setWays((mine) => followed(mine, waysOf(before), waysOf(now)))} onClose={onClose}>
      {(error) => (
        <>
          <Check label={t('ways.deviceHelp')} checked={ways.device_login} onChange={(device_login) => set({ device_login })} fault={fieldFault(error, 'device_login')} />
          <Check label={t('ways.portalHelp')} checked={ways.backchannel_login} onChange={(backchannel_login) => set({ backchannel_login })} fault={fieldFault(error, 'backchannel_login')} />
          {ways.backchannel_login && <TextField label={t('ways.address')} help={t('ways.addressHelp')} value={ways.address} onChange={(address) => set({ address })} fault={fieldFault(error, 'backchannel_notification_uri')} />}
          <Check label={t('ways.consentHelp')} checked={ways.asks_consent} onChange={(asks_consent) => set({ asks_consent })} fault={fieldFault(error, 'asks_consent') && t('ways.consentElsewhere')} />
          <Check label={t('ways.identityHelp')} checked={ways.needs_national_identity} onChange={(needs_national_identity) => set({ needs_national_identity })} fault={fieldFault(error, 'needs_national_identity')} />
        </>
      )}
    </Edit>
  )
}
