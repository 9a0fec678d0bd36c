import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Api } from '../../api/types'
import { until } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { Button, buttonClass } from '../../ui/Button'
import { Card } from '../../ui/Card'
import { fieldFault } from '../../ui/Fault'
import { Check, RadioField, SelectField, TextField } from '../../ui/Field'
import { changesOf, FormBar } from '../../ui/FormBar'
import { Crumbs } from '../../ui/Crumbs'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './Applications.module.css'
import { FaultSummary } from './FaultSummary'
import { Leaving } from './Leaving'
import { useCreateClient } from './queries'
import { nothingAsked, RelaxationFields, relaxationOf } from './Relaxation'
import { Secret } from './Secret'

const profiles: Api['ClientProfile'][] = ['standard', 'psc_like', 'strict', 'legacy']
const auths: Api['ClientAuth'][] = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']

export function addresses(lines: string): string[] {
  return lines.split(/\s+/).filter(Boolean)
}

export function NewApplicationPage() {
  useTitle(t('app.create'), t('nav.applications'))
  const create = useCreateClient()
  return (
    <>
      <Crumbs trail={[<Link to="/applications" activeOptions={{ exact: true }}>{t('nav.applications')}</Link>]} here={t('app.create')} />
      <div className={layout.title}>
        <h1>{t('app.create')}</h1>
      </div>
      {create.data ? <Created made={create.data} /> : <Form create={create} />}
    </>
  )
}

function Created({ made }: { made: Api['ClientCreated'] }) {
  return (
    <Card title={made.client.name}>
      <div className={style.form}>
        <Note mood="ok" role="status">
          {t('app.created', { name: made.client.name })}
        </Note>
        {made.client.accord && <Note mood="warning">{t('relaxation.waits', { until: until(made.client.accord.until) })}</Note>}
        {made.secret ? <Secret secret={made.secret} /> : null}
        <p>
          {t('app.issuer')} <span className={text.mono}>{made.client.issuer}</span>
          <br />
          {t('app.clientId')} <span className={text.mono}>{made.client.client_id}</span>
        </p>
        <div className={layout.row}>
          <Link to="/applications/$id" params={{ id: made.client.client_id }} className={buttonClass({ variant: 'primary' })}>
            {t('app.openIt')}
          </Link>
          <Link to="/applications/$id" params={{ id: made.client.client_id }} search={{ tab: 'attributs' }} className={buttonClass()}>
            {t('app.seeToken')}
          </Link>
        </div>
      </div>
    </Card>
  )
}

interface Typed {
  name: string
  vendor: string
  profile: Api['ClientProfile']
  auth: Api['ClientAuth']
  sensitive: boolean
  redirects: string
  jwks: string
}

const nothingTyped: Typed = { name: '', vendor: '', profile: 'standard', auth: 'client_secret_basic', sensitive: false, redirects: '', jwks: '' }

function Form({ create }: { create: ReturnType<typeof useCreateClient> }) {
  const [typed, setTyped] = useState(nothingTyped)
  const { name, vendor, profile, auth, sensitive, redirects, jwks } = typed
  const set = (more: Partial<Typed>) => setTyped((before) => ({ ...before, ...more }))
  const [relaxed, setRelaxed] = useState(nothingAsked)
  const changes = changesOf(nothingTyped, typed) + (profile === 'legacy' ? changesOf(nothingAsked, relaxed) : 0)
  const { error } = create
  const strict = profile === 'strict' && auth !== 'private_key_jwt' && fieldFault(error, 'auth') ? t('app.strictAuth') : undefined
  const names = {
    name: t('people.name'),
    vendor: t('app.vendor'),
    profile: t(profile === 'legacy' ? 'relaxation.title' : 'app.profile'),
    auth: t('app.auth'),
    ...(auth === 'private_key_jwt' && { keys: t('app.keys'), jwks: t('app.keys') }),
    redirect_uris: t('app.redirects'),
  }

  return (
    <Card title={t('app.identity')}>
      <form
        className={style.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          const proof = { ...(auth === 'private_key_jwt' && { jwks: jwks.trim() }), ...(profile === 'legacy' && { relaxation: relaxationOf(relaxed) }) }
          create.mutate({ name: name.trim(), vendor: vendor.trim() || null, profile, auth, sensitive, redirect_uris: addresses(redirects), ...proof })
        }}
      >
        <FaultSummary error={error} names={names} />
        <TextField label={t('people.name')} help={t('app.nameHelp')} value={name} onChange={(name) => set({ name })} name="name" required autoFocus fault={fieldFault(error, 'name')} />
        <TextField label={t('app.vendor')} value={vendor} onChange={(vendor) => set({ vendor })} name="vendor" fault={fieldFault(error, 'vendor')} />
        <RadioField name={profile === 'legacy' ? undefined : 'profile'} label={t('app.profile')} help={t('app.profileHelp')} value={profile} onChange={(profile) => set({ profile })} choices={profiles.map((value) => ({ value, label: word('profile', value) }))} fault={profile === 'legacy' ? undefined : fieldFault(error, 'profile')} />
        {profile === 'legacy' && <RelaxationFields asked={relaxed} onChange={setRelaxed} fault={fieldFault(error, 'profile')} />}
        <SelectField name="auth" label={t('app.auth')} value={auth} onChange={(auth) => set({ auth })} choices={auths.map((value) => ({ value, label: word('auth', value) }))} fault={strict ?? fieldFault(error, 'auth')} />
        {auth === 'private_key_jwt' && (
          <div data-field="keys">
            <TextField label={t('app.keys')} help={t('app.keysHelp')} value={jwks} onChange={(jwks) => set({ jwks })} name="jwks" lines={8} code required fault={fieldFault(error, 'jwks') ?? fieldFault(error, 'keys')} />
          </div>
        )}
        <TextField label={t('app.redirects')} help={t('app.redirectsHelp')} value={redirects} onChange={(redirects) => set({ redirects })} name="redirect_uris" lines={3} required fault={fieldFault(error, 'redirect_uris')} />
        <Check label={t('app.sensitiveHelp')} checked={sensitive} onChange={(sensitive) => set({ sensitive })} />
        <FormBar count={changes}>
          <Button type="submit" variant="primary" busy={create.isPending}>
            {t(profile === 'legacy' ? 'app.saveAsk' : 'app.save')}
          </Button>
          <Link to="/applications" activeOptions={{ exact: true }} className={buttonClass()}>
            {t('action.cancel')}
          </Link>
        </FormBar>
      </form>
      <Leaving dirty={changes > 0 && !create.isSuccess} />
    </Card>
  )
}
