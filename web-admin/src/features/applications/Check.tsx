import { useMutation, useQuery } from '@tanstack/react-query'
import { Fragment, useRef, useState, type ChangeEvent } from 'react'
import { useMay } from '../../api/me'
import type { Api, Client } from '../../api/types'
import { moment, number, shortName } from '../../lib/format'
import { currentLanguage, t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card } from '../../ui/Card'
import { Confirm } from '../../ui/Confirm'
import { fieldFault, problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Blank, View } from '../../ui/States'
import { Note, Status, type Mood } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import style from './Applications.module.css'
import { clientCheck, readCheck, useHandIn } from './queries'

const sections: Api['CheckSection'][] = ['requests', 'plays', 'logouts']
const verdicts: Api['CheckVerdict'][] = ['right', 'wrong', 'advised', 'ask_somebody', 'not_played']
const moods: Record<Api['CheckVerdict'], Mood> = { right: 'ok', wrong: 'failure', advised: 'warning', ask_somebody: 'doubt', not_played: 'off' }

/** The report of the connector check: a sandbox plays it, its editor hands it in, and nothing vouches for it. */
export function Check({ one }: { one: Client }) {
  const query = useQuery(clientCheck(one.client_id))
  return (
    <View query={query} unread={t('check.unread')} rows={8}>
      {({ report }) => (report ? <Report one={one} report={report} /> : <HandIn one={one} first />)}
    </View>
  )
}

function Report({ one, report }: { one: Client; report: Api['CheckReport'] }) {
  const counts = verdicts.map((verdict) => [verdict, report.lines.filter((line) => line.verdict === verdict).length] as const).filter(([, count]) => count > 0)
  return (
    <div className={layout.stack}>
      <div className={layout.row}>
        <ul className={style.counts}>
          {counts.map(([verdict, count]) => (
            <li key={verdict}>
              <Status mood={moods[verdict]}>{word('checkCount', verdict, { count })}</Status>
            </li>
          ))}
        </ul>
        <div className={`${layout.row} ${layout.end} ${style.unprinted}`}>
          {report.lines.length > 0 && <Button onPress={() => print()}>{t('check.print')}</Button>}
          <HandIn one={one} />
        </div>
      </div>
      <Note mood="warning">
        <b>{t('check.unverified')}</b> {t('check.unverifiedHelp', { at: moment(report.at), by: report.by ? shortName(report.by) : t('check.somebody') })}
        <span className={`${text.meta} ${style.under}`}>
          {report.name && report.played_at && t('check.played', { name: report.name, at: moment(report.played_at), logins: number(report.logins ?? 0) })} {t('check.hash')} <span className={text.mono}>{report.sha256}</span>
        </span>
      </Note>
      {report.lines.length === 0 && <Note mood="info">{t('check.otherVersion')}</Note>}
      {sections.map((section) => {
        const lines = report.lines.filter((line) => line.section === section)
        return lines.length > 0 && <Section key={section} section={section} lines={lines} />
      })}
    </div>
  )
}

function Section({ section, lines }: { section: Api['CheckSection']; lines: Api['CheckLine'][] }) {
  return (
    <Card title={word('checkSection', section)}>
      <Table
        caption={word('checkSection', section)}
        className={style.check}
        widths={[11.5, null, null, 12]}
        head={
          <tr>
            <th scope="col">{t('check.verdict')}</th>
            <th scope="col">{t('check.expected')}</th>
            <th scope="col">{t('check.mend')}</th>
            <th scope="col">{t('check.reference')}</th>
          </tr>
        }
      >
        <tbody>
          {lines.map((line) => (
            <tr key={line.rule}>
              <td>
                <Status mood={moods[line.verdict]}>{word('checkVerdict', line.verdict)}</Status>
              </td>
              <th scope="row" lang={french()}>
                {line.title}
              </th>
              <td lang={french()}>{line.verdict === 'right' ? '–' : line.mend}</td>
              <td className={text.meta}>
                {line.references.map((reference, rank) => (
                  <Fragment key={reference}>
                    {rank > 0 && ', '}
                    <span className={text.nowrap}>{reference}</span>
                  </Fragment>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

/** The words of the rules are the sandbox's own, in French. */
function french(): 'fr' | undefined {
  return currentLanguage() === 'fr' ? undefined : 'fr'
}

function textOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(new Unread())
    reader.readAsText(file)
  })
}

/** The file itself: gone since it was chosen, or on a share that no longer answers. */
class Unread extends Error {}

/** What is sent, and in the place of what: another report handed in since then is not replaced unseen. */
interface Ready {
  file: string
  name: string
  etag: string
}

async function readyWith(one: Client, file: File) {
  const text = await textOf(file)
  const { report: kept, etag } = await readCheck(one.client_id)
  return { file: text, name: file.name, kept, etag }
}

/** A file is chosen: it is read here, and judged by the appliance. The report that it takes the place of, a colleague's of a minute ago too, is named first. */
function HandIn({ one, first = false }: { one: Client; first?: boolean }) {
  const may = useMay('manage_clients')
  const handIn = useHandIn(one.client_id)
  const input = useRef<HTMLInputElement>(null)
  const [asked, setAsked] = useState<Ready & { kept: Api['CheckReport'] }>()
  const prepare = useMutation({ mutationFn: (file: File) => readyWith(one, file) })
  // The first report takes the place of this form: what follows is not said by it.
  const send = ({ file, etag }: Ready) =>
    void handIn
      .mutateAsync({ file, etag })
      .then(() => say('ok', t('check.handedIn')), () => undefined)
      .finally(() => setAsked(undefined))
  function chosen(event: ChangeEvent<HTMLInputElement>) {
    const [file] = event.target.files ?? []
    handIn.reset()
    if (file) prepare.mutate(file, { onSuccess: ({ kept, ...ready }) => (kept ? setAsked({ ...ready, kept }) : send(ready)) })
    // The same file, mended, may be chosen again.
    event.target.value = ''
  }
  const act = (
    <>
      <input ref={input} type="file" accept=".json,application/json" className={text.hidden} tabIndex={-1} aria-hidden="true" data-testid="report" onChange={chosen} />
      <Button variant={first ? 'primary' : 'plain'} blocked={may ? undefined : t('state.noRight')} busy={prepare.isPending || handIn.isPending} onPress={() => input.current?.click()}>
        {t(first ? 'check.handIn' : 'check.handInAgain')}
      </Button>
      {asked && (
        <Confirm title={t('check.replace', { name: one.name })} verb={t('check.replaceVerb')} busy={handIn.isPending} onCancel={() => setAsked(undefined)} onConfirm={() => send(asked)}>
          <p>{t('check.replaceEffect', { at: moment(asked.kept.at), by: asked.kept.by ? shortName(asked.kept.by) : t('check.somebody'), file: asked.name })}</p>
        </Confirm>
      )}
    </>
  )
  const error = prepare.error ?? handIn.error
  const fault = error && (
    <Note mood="failure" role="alert">
      {error instanceof Unread ? t('check.fileUnread') : (fieldFault(error, 'file') ?? problemText(error))} {t('check.keptBefore')}
    </Note>
  )
  if (!first) return <>{act}{fault}</>
  return (
    <div className={layout.stack}>
      {fault}
      <Blank boxed title={t('check.empty')} acts={act}>
        {t('check.emptyHelp')}
      </Blank>
    </div>
  )
}
