import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api, PersonRow } from '../../api/types'
import { shortName } from '../../lib/format'
import { t, words, type Key } from '../../lib/i18n'
import type { Selection } from '../../lib/selection'
import { Button, Download } from '../../ui/Button'
import { listOfLines } from '../../ui/Card'
import { Confirm, Report } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import { SelectionBar } from '../../ui/SelectionBar'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { mostTaken, useBulk, widest, type Chosen } from './bulk'
import { shownColumns } from './columns'
import { exportPath } from './queries'
import type { PeopleSearch } from './search'

type Act = Api['BulkAction']

/** Acts that take several people. A link never does: it is decided one doubt at a time. */
export function useBulkRights(): Record<Act, boolean> {
  return { end_sessions: useMay('close_sessions'), close: useMay('close_people') }
}

interface Props {
  selection: Selection<PersonRow>
  filter: PeopleSearch
  /** The page in sight: its first names stand for the whole filter. */
  rows: PersonRow[]
  total: number
}

export function BulkBar({ selection, filter, rows, total }: Props) {
  const may = useBulkRights()
  const [asked, setAsked] = useState<Act>()
  if (selection.rows.length === 0 && !selection.whole) return null
  const chosen: Chosen = selection.whole ? { rows, whole: filter, count: total } : { rows: selection.rows, whole: undefined, count: selection.rows.length }
  const acts: [Act, Key][] = [['end_sessions', 'action.endSessions'], ['close', 'bulk.close.open']]
  const over = !chosen.whole && chosen.rows.every(isClosed) ? t('bulk.close.none') : undefined
  return (
    <SelectionBar said={t('selection.people', { count: chosen.count })} onClear={selection.clear} widen={chosen.count < total && <Widen total={total} onWiden={selection.widen} />}>
      <Take chosen={chosen} />
      {acts.map(([act, word]) => (
        <Button key={act} blocked={!may[act] ? t('state.noRight') : act === 'close' ? over : undefined} onPress={() => setAsked(act)}>
          {t(word)}
        </Button>
      ))}
      {asked && <BulkDialog act={asked} chosen={chosen} onDone={selection.clear} onClose={() => setAsked(undefined)} />}
    </SelectionBar>
  )
}

/** Those ticked as a file, in the columns of the screen; the whole filter leaves by the button of the page. */
function Take({ chosen: { rows, whole } }: { chosen: Chosen }) {
  if (whole ?? rows.length > mostTaken) return null
  return (
    <Download href={exportPath({}, shownColumns({}).map(({ id }) => id), rows.map(({ id }) => id))}>
      {t('bulk.export', { count: rows.length })}
    </Download>
  )
}

function Widen({ total, onWiden }: { total: number; onWiden: () => void }) {
  if (total > widest) return <span className={text.muted}>{t('selection.tooWide', { limit: widest })}</span>
  return (
    <Button variant="link" onPress={onWiden}>
      {t('selection.widen', { count: total })}
    </Button>
  )
}

const isClosed = ({ state }: PersonRow) => state === 'closed'

/** Who is closed already is not closed again: of a whole filter only the page in sight is known. */
function toClose(chosen: Chosen): Chosen {
  const rows = chosen.rows.filter((row) => !isClosed(row))
  return chosen.whole ? chosen : { ...chosen, rows, count: rows.length }
}

/** Five names, how many others, what is kept; above twenty the number is typed; to close, the key is asked. */
function BulkDialog({ act, chosen: now, onDone, onClose }: { act: Act; chosen: Chosen; onDone: () => void; onClose: () => void }) {
  // What was asked stays what was asked, whatever the list becomes behind.
  const [chosen] = useState(act === 'close' ? toClose(now) : now)
  const [closed] = useState(now.count - chosen.count)
  const [motive, setMotive] = useState('')
  const bulk = useBulk(act, chosen)
  const closing = act === 'close'

  function leave() {
    onDone()
    onClose()
  }
  function over(result: Api['BulkResult']) {
    if (result.left.length > 0) return
    say('ok', t(`bulk.${act}.done` as Key, { count: result.done }))
    leave()
  }
  if (bulk.data && bulk.data.left.length > 0) return <Refusals result={bulk.data} rows={chosen.rows} onClose={leave} />
  return (
    <Confirm
      title={t(`bulk.${act}.title` as Key, { count: chosen.count })}
      verb={t(closing ? 'confirm.closeNow.verb' : 'action.endSessions')}
      danger={closing}
      people={chosen.count}
      ready={!closing || motive.trim().length > 0}
      busy={bulk.isPending}
      fault={bulk.error ? problemText(bulk.error) : undefined}
      onCancel={onClose}
      onConfirm={() => bulk.mutate(motive.trim(), { onSuccess: over })}
    >
      <p>
        <b>{chosen.rows.slice(0, 5).map(shortName).join(', ')}</b> {chosen.count > 5 && t('confirm.others', { count: chosen.count - 5 })}
      </p>
      <p>
        {t(`bulk.${act}.effect` as Key)} {closed > 0 && t('bulk.close.already', { count: closed })}
      </p>
      {closing && <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />}
      {closing && <p className={text.muted}>{t('confirm.key')}</p>}
    </Confirm>
  )
}

/** Whom nothing was done to, and why: by name where the name is on screen, by number for the others. */
function Refusals({ result, rows, onClose }: { result: Api['BulkResult']; rows: PersonRow[]; onClose: () => void }) {
  const nameOf = new Map(rows.map((row) => [row.id, shortName(row)]))
  const codes = [...new Set(result.left.map(({ code }) => code))]
  return (
    <Report title={t('bulk.report', { done: result.done, count: result.left.length })} onClose={onClose}>
      <ul className={listOfLines}>
        {codes.map((code) => {
          const people = result.left.filter((one) => one.code === code)
          const names = people.flatMap(({ person }) => nameOf.get(person) ?? []).slice(0, 20)
          const others = people.length - names.length
          return (
            <li key={code}>
              <span>
                {words(`problem.${code}`) ?? code} <b>{names.join(', ')}</b> {others > 0 && t(names.length ? 'confirm.others' : 'bulk.people', { count: others })}
              </span>
            </li>
          )
        })}
      </ul>
    </Report>
  )
}
