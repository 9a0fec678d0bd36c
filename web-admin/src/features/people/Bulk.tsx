import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../api/me'
import type { PersonRow } from '../../api/types'
import { number, shortName } from '../../lib/format'
import { t, type Key } from '../../lib/i18n'
import type { Selection } from '../../lib/selection'
import { Button } from '../../ui/Button'
import { listOfLines } from '../../ui/Card'
import { Confirm, Report } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import { Progress } from '../../ui/Progress'
import { SelectionBar } from '../../ui/SelectionBar'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { everybody, useBulk, widest, type BulkAct, type BulkReport } from './bulk'
import type { PeopleSearch } from './search'

/** Acts that take several people. A link never does: it is decided one doubt at a time. */
export function useBulkRights(): Record<BulkAct, boolean> {
  return { end: useMay('close_sessions'), close: useMay('close_people') }
}

interface Props {
  selection: Selection<PersonRow>
  filter: PeopleSearch
  total: number
}

export function BulkBar({ selection, filter, total }: Props) {
  const may = useBulkRights()
  const [asked, setAsked] = useState<BulkAct>()
  const count = selection.rows.length
  if (count === 0) return null
  const acts: [BulkAct, Key][] = [['end', 'action.endSessions'], ['close', 'bulk.close.open']]
  return (
    <SelectionBar count={count} onClear={selection.clear} widen={count < total && <Widen selection={selection} filter={filter} total={total} />}>
      {acts.map(([act, word]) => (
        <Button key={act} blocked={may[act] ? undefined : t('state.noRight')} onPress={() => setAsked(act)}>
          {t(word)}
        </Button>
      ))}
      {asked && <BulkDialog kind={asked} selection={selection} onClose={() => setAsked(undefined)} />}
    </SelectionBar>
  )
}

function Widen({ selection, filter, total }: Props) {
  const all = useMutation({
    mutationFn: () => everybody(filter),
    onSuccess: (rows) => selection.set(rows, true),
    onError: (error) => say('failure', problemText(error)),
  })
  if (total > widest) return <span className={text.muted}>{t('selection.tooWide', { limit: widest })}</span>
  return (
    <Button variant="link" busy={all.isPending} onPress={() => all.mutate()}>
      {t('selection.widen', { count: total })}
    </Button>
  )
}

/** Five names, how many others, what is kept; above twenty the number is typed. */
function BulkDialog({ kind, selection, onClose }: { kind: BulkAct; selection: Selection<PersonRow>; onClose: () => void }) {
  // What was asked stays what was asked, whatever the list becomes behind.
  const [rows] = useState(() => selection.rows.filter((row) => row.state !== 'closed'))
  const already = selection.rows.length - rows.length
  const [motive, setMotive] = useState('')
  const { run, tried, stop } = useBulk(kind, rows)
  const [report, setReport] = useState<BulkReport>()

  function over(result: BulkReport) {
    if (result.refused.length || result.left) return setReport(result)
    say('ok', t(`bulk.${kind}.done` as Key, { count: result.done }))
    selection.clear()
    onClose()
  }
  if (report) return <Refusals report={report} onClose={onClose} />
  return (
    <Confirm
      title={t(`bulk.${kind}.title` as Key, { count: rows.length })}
      verb={t(kind === 'close' ? 'confirm.closeNow.verb' : 'action.endSessions')}
      danger={kind === 'close'}
      people={rows.length}
      ready={rows.length > 0 && (kind === 'end' || motive.trim().length > 0)}
      busy={run.isPending}
      cancel={run.isPending ? t('bulk.stop') : undefined}
      onCancel={run.isPending ? stop : onClose}
      onConfirm={() => run.mutate(motive.trim(), { onSuccess: over })}
    >
      <Names rows={rows} />
      <p>{t(`bulk.${kind}.effect` as Key)}</p>
      {already > 0 && <p className={text.muted}>{t('bulk.already', { count: already })}</p>}
      {kind === 'close' && <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />}
      {run.isPending && (
        <>
          <Progress value={tried} limit={rows.length} look="running" label={t(`bulk.${kind}.title` as Key, { count: rows.length })} />
          <p className={text.meta}>{t('bulk.progress', { done: number(tried), count: rows.length })}</p>
        </>
      )}
    </Confirm>
  )
}

function Names({ rows }: { rows: PersonRow[] }) {
  const others = rows.length - 5
  return (
    <p>
      <b>{rows.slice(0, 5).map(shortName).join(', ')}</b> {others > 0 && t('confirm.others', { count: others })}
    </p>
  )
}

function Refusals({ report, onClose }: { report: BulkReport; onClose: () => void }) {
  return (
    <Report title={t('bulk.report', { done: report.done, count: report.refused.length })} onClose={onClose}>
      {report.left > 0 && <p>{t('bulk.left', { count: report.left })}</p>}
      <ul className={listOfLines}>
        {report.refused.slice(0, 50).map(({ row, error }) => (
          <li key={row.id}>
            <b>{shortName(row)}</b>
            <span>{problemText(error)}</span>
          </li>
        ))}
      </ul>
      {report.refused.length > 50 && <p>{t('confirm.others', { count: report.refused.length - 50 })}</p>}
    </Report>
  )
}
