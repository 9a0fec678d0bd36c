import { useQuery } from '@tanstack/react-query'
import { useContext, useState } from 'react'
import { useMay } from '../../api/me'
import type { ItemKind, PersonRef, Run, RunItem } from '../../api/types'
import { day, number } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { PersonName } from '../../ui/PersonName'
import { Status } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { Waits } from '../../ui/waits'
import { nameOf } from './names'
import { runItems, useApply, useDismiss, useRelease } from './queries'
import type { Selection } from './selection'
import style from './Sources.module.css'
import { kindOrder } from './words'

/** The count before the button; the brake that was passed stays in sight. */
export function ActionBar({ run, items, selection, total }: { run: Run; items: RunItem[]; selection: Selection; total: number }) {
  const may = useMay('apply_plans')
  const [asked, setAsked] = useState<'apply' | 'dismiss'>()
  const kept = total - selection.aside
  const over = run.brakes.filter((brake) => brake.over)
  const beyond = asideOfBrakes(run, selection)
  // A plan that a brake holds is applied once somebody else let it go, whatever of it is kept.
  const waits = run.second_approval
  // A plan is applied on what was read last, and only while the appliance answers.
  const gone = useContext(Waits) ? t('state.waits') : undefined
  const blocked = gone ?? (run.stale ? t('run.stale') : run.unreachable_since ? t('run.sourceGone') : !may ? t('state.noRight') : waits ? t('run.secondFirst') : run.released_by_me ? t('run.ownRelease') : undefined)
  return (
    <div className={layout.actionbar}>
      <p>
        <b>{number(kept)}</b> {t('run.kept', { count: kept })}, <b>{number(selection.aside)}</b> {t('run.aside', { count: selection.aside })}
      </p>
      {over.map((brake) => (
        <Status key={brake.kind} mood="warning">
          {t(waits ? 'run.needsSecond' : 'run.hadSecond', { what: word('brake', brake.kind, { count: brake.value }) })}
        </Status>
      ))}
      {beyond > 0 && <span className={text.meta}>{t('run.brakeWhole', { count: beyond })}</span>}
      {waits && <span className={text.meta}>{t(run.mine ? 'run.ownRun' : 'run.releaseHere')}</span>}
      {run.approved_by && <Status mood="ok">{run.released_by_me ? t('run.ownRelease') : t('run.approvedBy', { name: run.approved_by })}</Status>}
      <div className={`${layout.row} ${layout.end}`}>
        <Button blocked={may ? undefined : t('state.noRight')} onPress={() => setAsked('dismiss')}>
          {t('run.dismiss')}
        </Button>
        <Button variant="primary" blocked={blocked ?? (kept === 0 ? t('run.nothingKept') : undefined)} onPress={() => setAsked('apply')}>
          {t(waits ? 'run.applyAfter' : 'action.apply')}
        </Button>
        {waits && <Release run={run} />}
      </div>
      {asked === 'apply' && <Apply run={run} items={items} selection={selection} kept={kept} onClose={() => setAsked(undefined)} />}
      {asked === 'dismiss' && <Dismiss run={run} onClose={() => setAsked(undefined)} />}
    </div>
  )
}

/** What of a kind is applied as things stand: a person takes out lines, or puts back those that the plan set aside. */
const keptOf = (run: Run, selection: Selection, kind: ItemKind) => (run.kept_by_default?.[kind] ?? 0) - selection.asideOf(kind)

/** A brake counts all that was read, also what is set aside: how many of those that a passed one counts are. */
function asideOfBrakes(run: Run, selection: Selection): number {
  const kinds = new Set(run.brakes.filter(({ over, kind, value }) => over && value === run.counts[kind]).map(({ kind }) => kind))
  return run.kept_by_default ? [...kinds].reduce((sum, kind) => sum + run.counts[kind] - keptOf(run, selection, kind), 0) : 0
}

interface Touched {
  key: string
  person: PersonRef | null | undefined
  name: string
  kind: ItemKind
  unit: string | null | undefined
}

/** A line is one person; a folded one names some of its own. */
function peopleOf(item: RunItem): Touched[] {
  const { id, kind, person, changes } = item
  if (item.pattern_count > 1) return item.sample.map((one, rank) => ({ ...one, key: `${id}-${rank}`, person: one.person, unit: one.unit, kind }))
  return [{ key: id, person, name: nameOf(item), kind, unit: changes.find(({ field }) => /(^|\.)unit(_code)?$/.test(field))?.after }]
}

/** Five of the people it touches, those who lose something first. */
function firstPeople(items: RunItem[]): Touched[] {
  const order = (item: RunItem) => kindOrder.indexOf(item.kind)
  return [...items].sort((left, right) => order(left) - order(right)).flatMap(peopleOf).slice(0, 5)
}

const actOf = (kind: ItemKind) => word('kind', kind).toLowerCase()

/** Level 3: the counts by kind, and the number typed above twenty people. */
function Apply({ run, items, selection, kept, onClose }: { run: Run; items: RunItem[]; selection: Selection; kept: number; onClose: () => void }) {
  const apply = useApply(run)
  const counts = run.kept_by_default
  // Those who lose something are named whatever the page behind shows.
  const closings = useQuery({ ...runItems(run.id, { kind: 'close' }), enabled: (counts?.close ?? 0) > 0 }).data?.items ?? []
  const beyond = asideOfBrakes(run, selection)
  const lines = counts ? kindOrder.filter((kind) => counts[kind] > 0).map((kind) => `${word('kinds', kind)} ${number(keptOf(run, selection, kind))}`) : []
  const named = firstPeople([...closings, ...items.filter(({ kind }) => kind !== 'close')].filter(selection.isKept))
  return (
    <Confirm
      title={t('confirm.apply', { count: kept, source: run.source_name })}
      verb={t('confirm.apply.verb')}
      people={kept}
      busy={apply.isPending}
      fault={apply.error ? problemText(apply.error) : undefined}
      onCancel={onClose}
      onConfirm={() => apply.mutate(selection.request, { onSuccess: () => { say('info', t('run.applyBegun')); onClose() } })}
    >
      {lines.length > 0 && <p>{lines.join(' · ')}</p>}
      {beyond > 0 && (
        <p className={text.muted}>
          {run.brakes.filter(({ over }) => over).map(({ kind, value }) => word('brake', kind, { count: value })).join(', ')}, {t('run.brakeWhole', { count: beyond })}.
        </p>
      )}
      {named.length > 0 && (
        <ul className={style.names}>
          {named.map(({ key, person, name, kind, unit }) => (
            <li key={key}>
              {person ? <PersonName person={person} /> : <bdi>{name}</bdi>}
              {person?.birth_date && <span className={text.muted}> · {day(person.birth_date)}</span>}, {unit ? t('confirm.apply.inUnit', { act: actOf(kind), unit }) : actOf(kind)}
            </li>
          ))}
          {kept > named.length && <li className={text.muted}>{t('confirm.others', { count: kept - named.length })}</li>}
        </ul>
      )}
      <p className={text.muted}>{t('confirm.apply.effect')}</p>
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}

function Dismiss({ run, onClose }: { run: Run; onClose: () => void }) {
  const dismiss = useDismiss(run.id)
  return (
    <Confirm
      title={t('confirm.dismiss', { source: run.source_name })}
      verb={t('run.dismiss')}
      busy={dismiss.isPending}
      fault={dismiss.error ? problemText(dismiss.error) : undefined}
      onCancel={onClose}
      onConfirm={() => dismiss.mutate(undefined, { onSuccess: () => { say('ok', t('run.dismissed')); onClose() } })}
    >
      <p>{t('confirm.dismiss.effect')}</p>
    </Confirm>
  )
}

/** Level 4: a second person, on her own session; whoever began the reading gives none. */
function Release({ run }: { run: Run }) {
  const may = useMay('release_brakes')
  const waits = useContext(Waits)
  const own = run.mine ? t('run.ownRun') : waits ? t('state.waits') : undefined
  const release = useRelease(run.id)
  return (
    <Button
      busy={release.isPending}
      variant={own || !may ? 'plain' : 'primary'}
      blocked={own ?? (may ? undefined : t('run.releaseWho'))}
      onPress={() => release.mutate(undefined, { onSuccess: () => say('ok', t('run.released')), onError: (error) => say('failure', problemText(error)) })}
    >
      {t('run.release')}
    </Button>
  )
}
