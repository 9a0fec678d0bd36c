import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api, Person } from '../../api/types'
import { ago, date, day, daysAgo, daysUntil, number, signed } from '../../lib/format'
import { reasonText, t, word } from '../../lib/i18n'
import { Button, buttonClass } from '../../ui/Button'
import { Card, Fact, Facts } from '../../ui/Card'
import { Digits } from '../../ui/Digits'
import layout from '../../ui/layout.module.css'
import { Icon, Sign, type IconName } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './People.module.css'
import { Unlink } from './Unlink'
import { Identity as IdentityState } from './words'

type Value = Api['OwnedValue']

/** « RH, lu à 05:00 », « Annuaire Santé, âge 3 j » */
function sourceOf(value: Value): string {
  const name = value.source_name ?? word('owner', value.owner)
  if (!value.read_at) return name
  const age = daysAgo(value.read_at)
  return age > 1 ? t('person.sourceAge', { name, count: age }) : t('person.sourceRead', { name, when: ago(value.read_at) })
}

function shown(field: string, value: string): string {
  return /date/.test(field) && /^\d{4}-\d{2}-\d{2}/.test(value) ? day(value) : value
}

/** Who she is, then by which names machines know her. */
const ofMachines = ['matricule', 'login', 'upn', 'mail']

export function Identity({ one }: { one: Person }) {
  // A conflict stands in the place of its value, not as a message at the top.
  const placed = one.clashes.filter((clash) => one.values.some(({ field }) => field === clash.field))
  const clashOf = (field: string) => placed.find((clash) => clash.field === field)
  const first = (value: Value) => one.values.find(({ field }) => field === value.field) === value
  const fact = (value: Value) => {
    const clash = clashOf(value.field)
    if (clash) return first(value) && <Clash key={`${value.field}-clash`} clash={clash} />
    return (
      <Fact key={`${value.field}-${value.owner}-${value.source_name ?? ''}`} name={word('field', value.field)} source={sourceOf(value)}>
        {shown(value.field, value.value)}
      </Fact>
    )
  }
  const handles = one.values.filter(({ field }) => ofMachines.includes(field))
  return (
    <Card title={t('person.identity')} anchor="identite">
      <Facts>
        {one.values.filter(({ field }) => !ofMachines.includes(field)).map(fact)}
        {one.clashes.filter((clash) => !placed.includes(clash)).map((clash) => (
          <Clash key={clash.field} clash={clash} />
        ))}
        {one.national_identities.length === 0 && <NoIdentity one={one} />}
      </Facts>
      {one.national_identities.map((identity) => (
        <National key={identity.id} one={one} identity={identity} />
      ))}
      {handles.length > 0 && <Facts>{handles.map(fact)}</Facts>}
    </Card>
  )
}

/** « RH dit Marie, AD dit Marie-Ange » */
function Clash({ clash }: { clash: Api['ValueClash'] }) {
  return (
    <Fact
      clash
      name={
        <>
          <Sign mood="doubt" /> {word('field', clash.field)}
        </>
      }
      source={
        clash.case_id && (
          <Link to="/cases" search={{ case: clash.case_id }} className={buttonClass({ small: true })}>
            {t('person.decide')}
          </Link>
        )
      }
    >
      {clash.values.map((value, index) => (
        <span key={value.owner}>
          {index > 0 && ', '}
          {t('person.says', { who: value.source_name ?? word('owner', value.owner) })} <b>{shown(value.field, value.value)}</b>
        </span>
      ))}
    </Fact>
  )
}

function NoIdentity({ one }: { one: Person }) {
  return (
    <Fact
      name={t('people.identity')}
      source={
        one.open_case_id && (
          <Link to="/cases" search={{ case: one.open_case_id }} className={buttonClass({ small: true })}>
            {t('person.decide')}
          </Link>
        )
      }
    >
      <IdentityState state={one.identity_state} />
    </Fact>
  )
}

function National({ one, identity }: { one: Person; identity: Api['NationalIdentity'] }) {
  const [open, setOpen] = useState(false)
  const checked = identity.verified_at ?? identity.decided_at
  const months = identity.next_check_at ? Math.floor(daysUntil(identity.next_check_at) / 30.44) : undefined
  return (
    <>
      <Facts>
        <Fact
          name={identity.rpps ? 'RPPS' : t('people.identity')}
          source={
            <span className={style.since}>
              {checked ? word('channelOn', identity.channel, { date: date(checked) }) : word('channel', identity.channel)}
              {months !== undefined && `, ${months > 0 ? t('person.monthsLeft', { count: months }) : t('person.recheckDue')}`}
            </span>
          }
        >
          <span className={style.numbered}>
            <Digits value={identity.rpps ?? identity.idnat} />
            <span className={text.nowrap}>
              <IdentityState state={identity.state} list={identity.rpps ? 'rpps' : 'identity'} />
            </span>
            <Button small expanded={open} onPress={() => setOpen(!open)}>
              {t('action.why')}
            </Button>
          </span>
        </Fact>
      </Facts>
      {open && <Why one={one} identity={identity} />}
    </>
  )
}

const signs: Record<Api['Sign'], IconName> = { equal: 'eq', different: 'neq', near: 'approx', absent: 'void' }

function scoreText({ score, threshold }: Api['NationalIdentity']): string | undefined {
  if (score === null || score === undefined) return undefined
  return threshold ? t('person.scoreFrom', { score: number(score, 4), threshold: number(threshold) }) : t('person.score', { score: number(score, 4) })
}

/** On a narrow screen the reasons open under the edge. */
function intoSight(opened: HTMLElement | null) {
  opened?.scrollIntoView({ block: 'nearest' })
}

/** The record of the decision: each field's part in the score. */
function Why({ one, identity }: { one: Person; identity: Api['NationalIdentity'] }) {
  const may = useMay('decide_cases')
  const [unlinking, setUnlinking] = useState(false)
  const score = scoreText(identity)
  const decided = [identity.decided_by && t('person.decidedBy', { name: identity.decided_by }), identity.decided_at && date(identity.decided_at), identity.evidence && word('evidence', identity.evidence), identity.register_version && t('person.registerOf', { version: shown('date', identity.register_version) })]
  return (
    <div className={style.why} ref={intoSight}>
      <p>
        <b>{reasonText(identity.why)}</b> {score}
      </p>
      <p className={text.meta}>{decided.filter(Boolean).join(' · ')}</p>
      {identity.contributions.length > 0 && (
        <Table
          caption={t('person.contributions')}
          className={style.narrowTable}
          head={
            <tr>
              <th scope="col">{t('why.field')}</th>
              <th scope="col">{t('why.ours')}</th>
              <th scope="col">{t('why.register')}</th>
              <th scope="col">{t('why.weight')}</th>
            </tr>
          }
        >
          <tbody>
            {identity.contributions.map((part) => (
              <tr key={part.field}>
                <th scope="row">{word('field', part.field)}</th>
                <td>{part.ours ? shown(part.field, part.ours) : '–'}</td>
                <td>
                  <Icon name={signs[part.sign]} quiet /> <span className={text.hidden}>{word('sign', part.sign)} </span>
                  {part.theirs ? shown(part.field, part.theirs) : t('sign.absent')}
                </td>
                <td>{signed(part.weight)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {identity.contributions.length > 0 && <p className={text.meta}>{t('person.bits')}</p>}
      {may && (
        <p className={layout.row}>
          <Button small blocked={undefined} onPress={() => setUnlinking(true)}>
            {t('unlink.open')}
          </Button>
        </p>
      )}
      {unlinking && <Unlink one={one} identity={identity} onClose={() => setUnlinking(false)} />}
    </div>
  )
}

