import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api, Person } from '../../api/types'
import { before, date, daysUntil, shortName, when } from '../../lib/format'
import { t, word, type Key } from '../../lib/i18n'
import { ProblemError } from '../../lib/problem'
import { problemText } from '../../ui/Fault'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import { Confirm } from '../../ui/Confirm'
import { TextField } from '../../ui/Field'
import { Icon, Note, Status, Tag } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import layout from '../../ui/layout.module.css'
import { say } from '../../ui/Toasts'
import style from './People.module.css'
import { useChangeMeans, useEnrolmentCode, type MeansAct } from './queries'
import { meansIcons, meansMoods } from './words'

type One = Api['Means']

export function MeansCard({ one }: { one: Person }) {
  const may = useMay('issue_means')
  const [issuing, setIssuing] = useState(false)
  const closed = one.state === 'closed'
  return (
    <Card
      title={t('person.means')}
      aside={one.means.length}
      anchor="moyens"
      acts={
        <Button small icon="plus" blocked={closed ? t('person.isClosed') : may ? undefined : t('state.noRight')} onPress={() => setIssuing(true)}>
          {t('means.issue')}
        </Button>
      }
    >
      {one.means.length === 0 ? <Padded>{t('means.empty')}</Padded> : <MeansTable one={one} />}
      {issuing && <Issue one={one} onClose={() => setIssuing(false)} />}
    </Card>
  )
}

function MeansTable({ one }: { one: Person }) {
  const [asked, setAsked] = useState<{ means: One; act: MeansAct }>()
  return (
    <>
      <Table
        caption={t('person.means')}
        className={`${style.wideTable} ${table.tall}`}
        head={
          <tr>
            <th scope="col">{t('means.one')}</th>
            <th scope="col">{t('people.state')}</th>
            <th scope="col">{t('means.issued')}</th>
            <th scope="col">{t('means.lastUse')}</th>
            <th scope="col">
              <span className={text.hidden}>{t('page.acts')}</span>
            </th>
          </tr>
        }
      >
        <tbody>
          {one.means.map((means) => (
            <Line key={means.id} means={means} closed={one.state === 'closed'} onAct={(act) => setAsked({ means, act })} />
          ))}
        </tbody>
      </Table>
      {asked && <Act one={one} {...asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}

function Line({ means, closed, onAct }: { means: One; closed: boolean; onAct: (act: MeansAct) => void }) {
  const may = useMay('revoke_means')
  const blocked = may ? undefined : t('state.noRight')
  const name = `${means.label} ${means.serial ?? ''}`
  return (
    <tr>
      <th scope="row">
        <Icon name={meansIcons[means.kind]} /> {means.label} {means.serial && <span className={text.mono}>{means.serial}</span>}
      </th>
      <td>
        <StateOfMeans means={means} closed={closed} />
      </td>
      <td>
        {means.issued_at && date(means.issued_at)}
        <br />
        <span className={text.meta}>{means.issued_by}</span>
      </td>
      <td>
        {means.last_used_at ? when(means.last_used_at) : t('people.never')}
        <br />
        <span className={text.meta}>{means.last_used_where}</span>
      </td>
      <td className={table.right}>
        <span className={layout.row}>
          {means.state === 'active' && !closed && (
            <Button small blocked={blocked} label={`${t('action.suspend')} ${name}`} onPress={() => onAct('suspend')}>
              {t('action.suspend')}
            </Button>
          )}
          {means.state === 'suspended' && (
            <Button small blocked={blocked} label={`${t('action.reactivate')} ${name}`} onPress={() => onAct('reactivate')}>
              {t('action.reactivate')}
            </Button>
          )}
          {means.state !== 'revoked' && (
            <Button small blocked={blocked} label={`${t('action.revoke')} ${name}`} onPress={() => onAct('revoke')}>
              {t('action.revoke')}
            </Button>
          )}
        </span>
      </td>
    </tr>
  )
}

const soon = 90

function StateOfMeans({ means, closed }: { means: One; closed: boolean }) {
  // It opens nothing any more, though nobody took it away.
  if (closed && means.state === 'active') return <Status mood="off">{t('means.closedWith')}</Status>
  const mood = meansMoods[means.state]
  const left = means.expires_at ? daysUntil(means.expires_at) : Infinity
  if (means.state === 'active' && left < soon) {
    return (
      <Tag mood="warning" inline>
        {left > 0 ? t('means.expires', { count: left }) : word('meansState', 'expired')}
      </Tag>
    )
  }
  return means.state === 'active' ? (
    <Status mood={mood}>{word('meansState', means.state)}</Status>
  ) : (
    <Tag mood={mood} inline>
      {word('meansState', means.state)}
    </Tag>
  )
}

/** Suspend is level 2, revoke level 3. */
function Act({ one, means, act, onClose }: { one: Person; means: One; act: MeansAct; onClose: () => void }) {
  const [motive, setMotive] = useState('')
  const change = useChangeMeans()
  const name = `${means.label} ${means.serial ?? ''}`.trim()
  const params = { means: name, name: shortName(one) }
  return (
    <Confirm
      title={t(`confirm.means.${act}` as Key, params)}
      verb={t(`confirm.means.${act}.verb` as Key)}
      danger={act === 'revoke'}
      ready={motive.trim().length > 0}
      busy={change.isPending}
      fault={change.error ? problemText(change.error) : undefined}
      onCancel={onClose}
      onConfirm={() => change.mutate({ id: means.id, act, motive: motive.trim() }, { onSuccess: () => { say('ok', t(`done.means.${act}` as Key, params)); onClose() } })}
    >
      <p>{t(`confirm.means.${act}.effect` as Key)}</p>
      <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />
      {act === 'revoke' && <p className={text.muted}>{t('confirm.key')}</p>}
    </Confirm>
  )
}

/** A one-time code to enrol a key; shown once. */
function Issue({ one, onClose }: { one: Person; onClose: () => void }) {
  const code = useEnrolmentCode(one.id)
  if (code.data) {
    return (
      <Confirm title={t('enrol.title', { name: shortName(one) })} verb={t('secret.noted')} onCancel={onClose} onConfirm={onClose}>
        <p className={`${text.code} ${text.wrapped}`}>{code.data.code}</p>
        <p>{t('enrol.how', { url: code.data.url, time: before(code.data.expires_at) })}</p>
        <Note mood="warning">{t('secret.once')}</Note>
      </Confirm>
    )
  }
  return (
    <Confirm
      title={t('enrol.title', { name: shortName(one) })}
      verb={t('enrol.verb')}
      busy={code.isPending}
      fault={code.error instanceof ProblemError ? problemText(code.error) : undefined}
      onCancel={onClose}
      onConfirm={() => code.mutate('fido2')}
    >
      <p>{t('enrol.effect')}</p>
    </Confirm>
  )
}
