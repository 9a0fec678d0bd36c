import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Client } from '../../api/types'
import { ago, date } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { Button } from '../../ui/Button'
import { Card, Fact, Facts } from '../../ui/Card'
import { Confirm } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import { Crumbs } from '../../ui/Crumbs'
import layout from '../../ui/layout.module.css'
import { View } from '../../ui/States'
import { Tag } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { AppTabs } from './AppTabs'
import style from './Applications.module.css'
import { Check } from './Check'
import { Logouts } from './Logouts'
import { OwnersCard } from './Owners'
import { client, useChangeClient, useRenewSecret } from './queries'
import { RedirectsForm } from './RedirectsForm'
import { Refusals } from './Refusals'
import { Secret } from './Secret'
import { Settings } from './Settings'
import { TokenPreview } from './TokenPreview'
import { WaysForm } from './WaysForm'

const route = getRouteApi('/applications/$id')

export function ApplicationPage() {
  const { id } = route.useParams()
  const query = useQuery(client(id))
  useTitle(query.data?.name, t('nav.applications'))
  return (
    <View query={query} unread={t('app.unread')} heading={t('app.sheet')} back={<Link to="/applications">{t('nav.applications')}</Link>} rows={6}>
      {/* What was open or half typed in one application is not in the next. */}
      {(one) => <Sheet key={one.client_id} one={one} />}
    </View>
  )
}

function Sheet({ one }: { one: Client }) {
  const { tab } = route.useSearch()
  return (
    <>
      <Crumbs trail={[<Link to="/applications" activeOptions={{ exact: true }}>{t('nav.applications')}</Link>]} here={one.name} />
      <div className={layout.title}>
        <h1>{one.name}</h1>
        <Tag mood={one.state === 'active' ? 'ok' : 'warning'}>{word('clientState', one.state)}</Tag>
        <p className={text.muted}>
          {[t('app.profileLine', { profile: word('profile', one.profile) }), one.sensitive && t('app.sensitiveLine'), one.last_login_at ? t('app.lastLogin', { when: ago(one.last_login_at) }) : t('app.neverUsed')].filter(Boolean).join(' · ')}
        </p>
        {one.profile === 'legacy' && <Tag mood="warning">{word('profile', 'legacy')}</Tag>}
      </div>
      <AppTabs id={one.client_id} />
      <Part one={one} tab={tab} />
    </>
  )
}

function Part({ one, tab }: { one: Client; tab: string | undefined }) {
  switch (tab) {
    case 'reglages':
      return <Settings one={one} />
    case 'attributs':
      return <TokenPreview one={one} />
    case 'controle':
      return <Check one={one} />
    case 'deconnexions':
      return <Logouts one={one} />
    case 'journal':
      return <Refusals one={one} />
    default:
      return <Connection one={one} />
  }
}

function Connection({ one }: { one: Client }) {
  return (
    <div className={layout.columns}>
      <div className={`${layout.seven} ${layout.stack}`}>
        <Card title={t('app.identity')}>
          <Facts>
            <Fact name={t('app.clientId')}>
              <span className={text.mono}>{one.client_id}</span>
            </Fact>
            <Fact name={t('app.vendor')}>{one.vendor ?? '–'}</Fact>
            <Fact name={t('app.profile')}>{word('profile', one.profile)}</Fact>
            <Fact name={t('app.auth')}>{word('auth', one.auth)}</Fact>
            {one.relaxation && (
              <Fact name={t('relaxation.title')} source={t('relaxation.untilDay', { date: date(one.relaxation.until) })}>
                {one.relaxation.reason} <span className={text.muted}>{one.relaxation.owner}</span>
              </Fact>
            )}
            <Fact name={t('app.scopes')}>
              <span className={text.mono}>{one.scopes.join(' ')}</span>
            </Fact>
            <Fact name={t('app.sensitive')}>{t(one.sensitive ? 'yes' : 'no')}</Fact>
            <Fact name={t('app.signing')}>{one.signing}</Fact>
            <Fact name={t('app.issuer')}>
              <span className={text.mono}>{one.issuer}</span>
            </Fact>
            <Fact name={t('app.discovery')}>
              <span className={text.mono}>{one.discovery_url}</span>
            </Fact>
          </Facts>
        </Card>
        <RedirectsForm one={one} />
        <WaysForm one={one} />
      </div>
      <div className={`${layout.five} ${layout.stack}`}>
        <SecretCard one={one} />
        <StateCard one={one} />
        <OwnersCard one={one} />
      </div>
    </div>
  )
}

/** A new secret is level 3: the one in use ends at once. */
function SecretCard({ one }: { one: Client }) {
  const may = useMay('manage_clients')
  const [asked, setAsked] = useState(false)
  const renew = useRenewSecret(one)
  if (one.auth === 'none') return null
  return (
    <Card title={t('secret.title')}>
      <div className={style.form}>
        {renew.data ? <Secret secret={renew.data.secret} /> : <p>{one.secret_changed_at ? t('secret.since', { date: date(one.secret_changed_at) }) : t('secret.unknown')}</p>}
        <div className={layout.row}>
          <Button icon="refresh" blocked={may ? undefined : t('state.noRight')} onPress={() => setAsked(true)}>
            {t('secret.renew')}
          </Button>
        </div>
      </div>
      {asked && (
        <Confirm
          title={t('confirm.secret', { name: one.name })}
          verb={t('confirm.secret.verb')}
          danger
          busy={renew.isPending}
          fault={renew.error ? problemText(renew.error) : undefined}
          onCancel={() => setAsked(false)}
          onConfirm={() => renew.mutate(undefined, { onSuccess: () => setAsked(false) })}
        >
          <p>{t('confirm.secret.effect')}</p>
        </Confirm>
      )}
    </Card>
  )
}

function StateCard({ one }: { one: Client }) {
  const may = useMay('manage_clients')
  const [asked, setAsked] = useState(false)
  const change = useChangeClient(one)
  const next = one.state === 'active' ? 'suspended' : 'active'
  return (
    <Card title={t('app.state')}>
      <div className={style.form}>
        <p>{t(one.state === 'active' ? 'app.isActive' : 'app.isSuspended')}</p>
        <div className={layout.row}>
          <Button blocked={may ? undefined : t('state.noRight')} onPress={() => setAsked(true)}>
            {t(one.state === 'active' ? 'app.suspend' : 'app.reactivate')}
          </Button>
        </div>
      </div>
      {asked && (
        <Confirm
          title={t(next === 'suspended' ? 'confirm.app.suspend' : 'confirm.app.reactivate', { name: one.name })}
          verb={t(next === 'suspended' ? 'app.suspend' : 'app.reactivate')}
          busy={change.isPending}
          fault={change.error ? problemText(change.error) : undefined}
          onCancel={() => setAsked(false)}
          onConfirm={() => change.mutate({ state: next }, { onSuccess: () => { say('ok', t('done.app')); setAsked(false) } })}
        >
          <p>{t(next === 'suspended' ? 'confirm.app.suspend.effect' : 'confirm.app.reactivate.effect')}</p>
        </Confirm>
      )}
    </Card>
  )
}
