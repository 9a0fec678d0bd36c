import { useState, type ReactNode } from 'react'
import { useMay } from '../../api/me'
import type { Api, Client } from '../../api/types'
import { number } from '../../lib/format'
import { t } from '../../lib/i18n'
import { setting, settingFault, type Setting } from '../../lib/settings'
import { Button } from '../../ui/Button'
import { Card, Fact, Facts } from '../../ui/Card'
import { fieldFault } from '../../ui/Fault'
import { Check, SelectField, TextField } from '../../ui/Field'
import { changesOf } from '../../ui/FormBar'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './Applications.module.css'
import { Edit } from './Edit'
import { FaultSummary } from './FaultSummary'
import { followed, inToken, listed, patchOf, typedOf, withClaim, type Typed } from './protocol'

const flags = ['state_required', 'nonce_required', 'pkce_required', 'par_required', 'signed_request_required'] as const
const algorithms: Api['SigningName'][] = ['RS256', 'PS256', 'ES256', 'EdDSA']
const order: (keyof Typed)[] = [
  'refresh_seconds', 'refresh_reuse_grace_seconds', 'access_token_seconds', 'access_token_audience', 'sender_constraint', ...flags, 'minimum_acr', 'longest_auth_age_seconds', 'pairwise', 'id_token_algorithm',
  'userinfo_algorithm', 'claims', 'id_token_claims', 'backchannel_logout_uri', 'frontchannel_logout_uri',
]

/** What an application may be: its tokens, its requests, what it is answered, how it is told of a logout. */
export function Settings({ one }: { one: Client }) {
  const may = useMay('manage_clients')
  const [editing, setEditing] = useState(false)
  return (
    <Card
      title={setting('title')}
      acts={
        !editing && (
          <Button small blocked={may ? undefined : t('state.noRight')} onPress={() => setEditing(true)}>
            {setting('change')}
          </Button>
        )
      }
    >
      {editing ? <Form one={one} onClose={() => setEditing(false)} /> : <Read one={one} />}
    </Card>
  )
}

function lasting(seconds: number | null | undefined, none: Setting): string {
  return seconds === null || seconds === undefined ? setting(none) : setting('seconds', { count: number(seconds) })
}

function Read({ one: { protocol: one } }: { one: Client }) {
  const mono = (said: string | null | undefined, none: Setting) => (said ? <span className={text.mono}>{said}</span> : setting(none))
  return (
    <div className={layout.columns}>
      <div className={layout.six}>
        <Part title="tokens">
          <Fact name={setting('refresh_seconds')}>{lasting(one.refresh_seconds, 'refresh_seconds.none')}</Fact>
          <Fact name={setting('refresh_reuse_grace_seconds')}>{lasting(one.refresh_reuse_grace_seconds || null, 'uri.none')}</Fact>
          <Fact name={setting('access_token_seconds')}>{lasting(one.access_token_seconds, 'uri.none')}</Fact>
          <Fact name={setting('access_token_audience')}>{mono(one.access_token_audience, 'access_token_audience.none')}</Fact>
          <Fact name={setting('sender_constraint')}>{setting(`sender_constraint.${one.sender_constraint ?? 'none'}`)}</Fact>
        </Part>
        <Part title="requests">
          {flags.map((name) => (
            <Fact key={name} name={setting(name)}>
              {t(one[name] ? 'yes' : 'no')}
            </Fact>
          ))}
          <Fact name={setting('minimum_acr')}>{setting(`minimum_acr.${one.minimum_acr}`)}</Fact>
          <Fact name={setting('longest_auth_age_seconds')}>{lasting(one.longest_auth_age_seconds, 'longest_auth_age_seconds.none')}</Fact>
        </Part>
      </div>
      <div className={layout.six}>
        <Part title="answers">
          <Fact name={setting('pairwise')}>
            {t(one.pairwise ? 'yes' : 'no')}
            {one.sector && <span className={text.muted}>, {setting('pairwise.of', { sector: one.sector })}</span>}
          </Fact>
          <Fact name={setting('id_token_algorithm')}>{one.id_token_algorithm}</Fact>
          <Fact name={setting('userinfo_algorithm')}>{one.userinfo_algorithm ? setting('userinfo_algorithm.signed', { algorithm: one.userinfo_algorithm }) : setting('userinfo_algorithm.none')}</Fact>
          <Fact name={setting('claims')}>{mono(one.claims.join(' '), 'claims.none')}</Fact>
          <Fact name={setting('id_token_claims')}>{mono(one.id_token_claims.join(' '), 'id_token_claims.none')}</Fact>
        </Part>
        <Part title="logout">
          <Fact name={setting('backchannel_logout_uri')}>{mono(one.backchannel_logout_uri, 'uri.none')}</Fact>
          <Fact name={setting('frontchannel_logout_uri')}>{mono(one.frontchannel_logout_uri, 'uri.none')}</Fact>
        </Part>
      </div>
    </div>
  )
}

function Part({ title, children }: { title: Setting; children: ReactNode }) {
  return (
    <>
      <h3 className={style.part}>{setting(title)}</h3>
      <Facts>{children}</Facts>
    </>
  )
}

function Form({ one, onClose }: { one: Client; onClose: () => void }) {
  const [typed, setTyped] = useState(() => typedOf(one))
  return (
    <Edit
      one={one}
      asked={(seen) => patchOf(typed, seen)}
      changes={(seen) => changesOf(typedOf(seen), typed)}
      question={setting('confirm', { name: one.name })}
      effect={(seen) => (
        <>
          <p>{setting('effect')}</p>
          {typed.pairwise !== seen.protocol.pairwise && <Note mood="warning">{setting('pairwise.effect')}</Note>}
        </>
      )}
      onSeen={(before, now) => setTyped((mine) => followed(mine, typedOf(before), typedOf(now)))}
      onClose={onClose}
    >
      {(error) => <Fields one={one} typed={typed} onChange={setTyped} error={error} />}
    </Edit>
  )
}

interface FieldsProps {
  one: Client
  typed: Typed
  onChange: (typed: Typed) => void
  error: unknown
}

type Plain = { [Name in keyof Typed]: Typed[Name] extends boolean ? never : string extends Typed[Name] ? Name : never }[keyof Typed]
type Help = Extract<Setting, `${Plain}.help`> extends `${infer Name}.help` ? Name : never

function Fields({ one, typed, onChange, error }: FieldsProps) {
  const set = (more: Partial<Typed>) => onChange({ ...typed, ...more })
  const fault = (name: keyof Typed) => settingFault(error, name) ?? fieldFault(error, name)
  const line = (name: Help, more: { digits?: boolean } = {}) => (
    <TextField
      label={setting(name)}
      help={setting(`${name}.help`)}
      name={name}
      value={typed[name]}
      onChange={(value) => set({ [name]: more.digits ? value.replace(/\D/g, '').slice(0, 8) : value })}
      {...(more.digits && { short: true, inputMode: 'numeric' as const })}
      fault={fault(name)}
    />
  )
  const box = (name: (typeof flags)[number] | 'pairwise') => (
    <div key={name} data-field={name}>
      <Check label={setting(name)} checked={typed[name]} onChange={(checked) => set({ [name]: checked })} fault={fault(name)} />
    </div>
  )
  // Where a contradiction was found; what has no field at all (the server does not answer) is told by the form around.
  const refused = order.some((name) => fault(name)) ? error : null
  // A level that nothing reaches is shown where it is set, and offered to nobody.
  const levels = (['eidas1', 'eidas2', 'eidas3'] as const).filter((level) => level !== 'eidas3' || one.protocol.minimum_acr === level)
  const binding = ['', 'dpop', 'mtls'] as const
  return (
    <form className={style.settings} noValidate onSubmit={(event) => event.preventDefault()}>
      <FaultSummary error={refused} names={Object.fromEntries(order.map((name) => [name, setting(name)]))} />
      {one.profile === 'strict' && <Note mood="info">{setting('strictNote')}</Note>}
      {one.profile === 'legacy' && <Note mood="warning">{setting('legacyNote')}</Note>}
      <Section title="tokens">
        {line('refresh_seconds', { digits: true })}
        {line('refresh_reuse_grace_seconds', { digits: true })}
        {line('access_token_seconds', { digits: true })}
        {line('access_token_audience')}
        <SelectField name="sender_constraint" label={setting('sender_constraint')} value={typed.sender_constraint} choices={binding.map((value) => ({ value, label: setting(`sender_constraint.${value || 'none'}`) }))} onChange={(sender_constraint) => set({ sender_constraint })} fault={fault('sender_constraint')} />
      </Section>
      <Section title="requests">
        {flags.map(box)}
        <SelectField name="minimum_acr" label={setting('minimum_acr')} value={typed.minimum_acr} choices={levels.map((value) => ({ value, label: setting(`minimum_acr.${value}`) }))} onChange={(minimum_acr) => set({ minimum_acr })} fault={fault('minimum_acr')} />
        {line('longest_auth_age_seconds', { digits: true })}
      </Section>
      <Section title="answers">
        {box('pairwise')}
        <SelectField name="id_token_algorithm" label={setting('id_token_algorithm')} value={typed.id_token_algorithm} choices={algorithms.map((value) => ({ value, label: value }))} onChange={(id_token_algorithm) => set({ id_token_algorithm })} fault={fault('id_token_algorithm')} />
        <SelectField
          name="userinfo_algorithm"
          label={setting('userinfo_algorithm')}
          value={typed.userinfo_algorithm}
          choices={[{ value: '' as const, label: setting('userinfo_algorithm.none') }, ...algorithms.map((value) => ({ value, label: setting('userinfo_algorithm.signed', { algorithm: value }) }))]}
          onChange={(userinfo_algorithm) => set({ userinfo_algorithm })}
          fault={fault('userinfo_algorithm')}
        />
        <Claims one={one} typed={typed} onChange={onChange} fault={fault('claims') ?? fault('id_token_claims')} />
      </Section>
      <Section title="logout">
        {line('backchannel_logout_uri')}
        {line('frontchannel_logout_uri')}
      </Section>
    </form>
  )
}

function Section({ title, children }: { title: Setting; children: ReactNode }) {
  return (
    <fieldset className={layout.small}>
      <legend className={style.part}>{setting(title)}</legend>
      {children}
    </fieldset>
  )
}

/** Each claim that there is: whether it may be asked, and whether it goes into each ID token. */
function Claims({ one, typed, onChange, fault }: { one: Client; typed: Typed; onChange: (typed: Typed) => void; fault: string | undefined }) {
  const granted = new Set(listed(typed.claims))
  const put = new Set(listed(typed.id_token_claims))
  return (
    <div data-field="claims">
      <p className={text.muted}>{setting('claims.help')}</p>
      {fault && (
        <Note mood="failure" role="alert">
          {fault}
        </Note>
      )}
      <Table
        caption={setting('claims')}
        className={style.grants}
        widths={[null, 5.25, 4.5]}
        head={
          <tr>
            <th scope="col">{setting('claims.name')}</th>
            <th scope="col">{setting('claims.asked')}</th>
            <th scope="col">{setting('claims.inToken')}</th>
          </tr>
        }
      >
        <tbody>
          {one.protocol.known_claims.map(({ claim, by_scope: brought }) => (
            <tr key={claim}>
              <th scope="row" className={text.mono}>
                {claim}
              </th>
              <td>{brought ? <span className={text.muted}>{setting('claims.byScope')}</span> : <Check hidden label={setting('claims.ask', { claim })} checked={granted.has(claim)} onChange={(checked) => onChange(withClaim(typed, claim, checked))} />}</td>
              <td>
                <Check hidden label={setting('claims.put', { claim })} checked={put.has(claim)} disabled={!brought && !granted.has(claim)} onChange={(checked) => onChange(inToken(typed, claim, checked))} />
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}
