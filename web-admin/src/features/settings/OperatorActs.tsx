import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { hits as personHits } from '../../api/hits'
import type { Api } from '../../api/types'
import { copyText } from '../../lib/copy'
import { day, personName, until } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Confirm, Report } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import { Check } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Picker } from '../../ui/Picker'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { roles, useAppoint, useChangeOperator, useNewLink, type OperatorRole } from './operators'

function Roles({ chosen, onChange }: { chosen: OperatorRole[]; onChange: (roles: OperatorRole[]) => void }) {
  return (
    <fieldset className={layout.small}>
      <legend className={text.strong}>{t('operators.roles')}</legend>
      {roles.map((role) => (
        <div key={role}>
          <Check label={word('role', role)} checked={chosen.includes(role)} onChange={(on) => onChange(on ? [...chosen, role] : chosen.filter((one) => one !== role))} />
        </div>
      ))}
    </fieldset>
  )
}

/** Shown once: where the key of the console is enrolled, within the hour. */
function OneTimeLink({ made, name, onClose }: { made: Api['OperatorLink']; name: string; onClose: () => void }) {
  const [copied, setCopied] = useState<boolean>()
  return (
    <Report title={t('operators.linkFor', { name })} onClose={onClose}>
      <p className={`${text.code} ${text.wrapped}`}>{made.url}</p>
      <Note mood="warning">{t('operators.linkOnce', { until: until(made.expires_at) })}</Note>
      <p className={layout.row}>
        <Button icon="copy" onPress={() => void copyText(made.url).then(setCopied)}>
          {t('operators.copyLink')}
        </Button>
        <span role="status">{copied !== undefined && t(copied ? 'secret.copied' : 'secret.notCopied')}</span>
      </p>
    </Report>
  )
}

/** Level 3. A person whom the sources know becomes an operator; homonyms are told apart where she is chosen. */
export function Appoint({ onClose }: { onClose: () => void }) {
  const [person, setPerson] = useState<{ id: string; name: string }>()
  const [chosen, setChosen] = useState<OperatorRole[]>([])
  const appoint = useAppoint()
  if (appoint.data && person) return <OneTimeLink made={appoint.data} name={person.name} onClose={onClose} />
  return (
    <Confirm
      title={t('operators.appointTitle')}
      verb={t('operators.appoint')}
      ready={Boolean(person) && chosen.length > 0}
      busy={appoint.isPending}
      fault={appoint.error ? problemText(appoint.error) : undefined}
      onCancel={onClose}
      onConfirm={() => person && appoint.mutate({ person: person.id, roles: chosen })}
    >
      <PersonPicker onChoose={setPerson} />
      <Roles chosen={chosen} onChange={setChosen} />
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}

/** Of each kind the search gives so many. */
const PEOPLE_SHOWN = 5

function PersonPicker({ onChoose }: { onChoose: (person: { id: string; name: string } | undefined) => void }) {
  const [typed, setTyped] = useState('')
  const found = useQuery(personHits(typed.trim()))
  const hits = (found.data?.hits ?? []).filter((hit) => hit.kind === 'person')
  return (
    <Picker
      field
      label={t('operators.person')}
      typed={typed}
      onType={(value) => {
        setTyped(value)
        onChoose(undefined)
      }}
      answered={found.isSuccess && !found.isPlaceholderData}
      nothing={t('people.emptyFilter')}
      more={hits.length < PEOPLE_SHOWN ? undefined : t('operators.firstOnes', { count: PEOPLE_SHOWN })}
      choices={hits.map((hit) => ({ key: hit.target, content: <><b>{hit.person ? personName(hit.person) : hit.label}</b> <span className={text.meta}>{[hit.person?.birth_date && day(hit.person.birth_date), hit.detail].filter(Boolean).join(' · ')}</span></> }))}
      onChoose={(key) => {
        const hit = hits.find((one) => one.target === key)
        const name = hit?.person ? personName(hit.person) : (hit?.label ?? '')
        setTyped(name)
        onChoose({ id: key, name })
      }}
    />
  )
}

/** Level 3: what is taken away ends her sessions here; the right to appoint waits for a second person. */
export function ChangeOperator({ one, onClose }: { one: Api['Operator']; onClose: () => void }) {
  // What was on screen when the window opened is what is changed: not what a colleague saved since.
  const [seen] = useState(one)
  const known = seen.roles.filter((role): role is OperatorRole => roles.includes(role as OperatorRole))
  const [chosen, setChosen] = useState(known)
  const [enabled, setEnabled] = useState(seen.enabled)
  const change = useChangeOperator(seen)
  const same = enabled === seen.enabled && [...chosen].sort().join() === [...known].sort().join()
  return (
    <Confirm
      title={t('operators.changeTitle', { name: one.display_name ?? '–' })}
      verb={t('form.save')}
      ready={!same && chosen.length > 0}
      busy={change.isPending}
      fault={change.error ? problemText(change.error) : undefined}
      onCancel={onClose}
      onConfirm={() => change.mutate({ roles: chosen, enabled }, { onSuccess: (accord) => { say(accord ? 'info' : 'ok', accord ? t('accord.wait', { until: until(accord.until) }) : t('operators.changed')); onClose() } })}
    >
      <p>{t('operators.changeEffect')}</p>
      <Roles chosen={chosen} onChange={setChosen} />
      <Check label={t('operators.mayOpen')} checked={enabled} onChange={setEnabled} />
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}

/** Level 3: for a key that was never enrolled, or is lost. */
export function NewLink({ one, onClose }: { one: Api['Operator']; onClose: () => void }) {
  const link = useNewLink(one.id)
  const name = one.display_name ?? '–'
  if (link.data) return <OneTimeLink made={link.data} name={name} onClose={onClose} />
  return (
    <Confirm title={t('operators.linkTitle', { name })} verb={t('operators.linkVerb')} busy={link.isPending} fault={link.error ? problemText(link.error) : undefined} onCancel={onClose} onConfirm={() => link.mutate(undefined)}>
      <p>{t('operators.linkEffect')}</p>
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}
