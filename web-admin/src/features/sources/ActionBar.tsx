import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Run } from '../../api/types'
import { number } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Status } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { useApply, useDismiss, useRelease } from './queries'
import type { Selection } from './selection'
import { kindOrder } from './words'

/** The count before the button; the brake that was passed stays in sight. */
export function ActionBar({ run, selection, total }: { run: Run; selection: Selection; total: number }) {
  const may = useMay('apply_plans')
  const [asked, setAsked] = useState<'apply' | 'dismiss'>()
  const kept = total - selection.aside
  const over = run.brakes.filter((brake) => brake.over)
  const waits = over.length > 0 && !run.approved_by
  const blocked = run.stale ? t('run.stale') : run.unreachable_since ? t('run.sourceGone') : may ? undefined : t('state.noRight')
  return (
    <div className={layout.actionbar}>
      <p>
        <b>{number(kept)}</b> {t('run.kept', { count: kept })}, <b>{number(selection.aside)}</b> {t('run.aside', { count: selection.aside })}
      </p>
      {over.map((brake) => (
        <Status key={brake.kind} mood="warning">
          {t('run.needsSecond', { what: word('brake', brake.kind, { count: brake.value }) })}
        </Status>
      ))}
      {run.approved_by && <Status mood="ok">{t('run.approvedBy', { name: run.approved_by })}</Status>}
      <div className={`${layout.row} ${layout.end}`}>
        {waits && <Release run={run} />}
        <Button blocked={may ? undefined : t('state.noRight')} onPress={() => setAsked('dismiss')}>
          {t('run.dismiss')}
        </Button>
        <Button variant="primary" blocked={blocked ?? (kept === 0 ? t('run.nothingKept') : undefined)} onPress={() => setAsked('apply')}>
          {t('action.apply')}
        </Button>
      </div>
      {asked === 'apply' && <Apply run={run} selection={selection} kept={kept} onClose={() => setAsked(undefined)} />}
      {asked === 'dismiss' && <Dismiss run={run} onClose={() => setAsked(undefined)} />}
    </div>
  )
}

/** Level 3: the counts by kind, and the number typed above twenty people. */
function Apply({ run, selection, kept, onClose }: { run: Run; selection: Selection; kept: number; onClose: () => void }) {
  const apply = useApply(run)
  const lines = kindOrder.filter((kind) => kind !== 'doubt' && kind !== 'conflict' && run.counts[kind] > 0).map((kind) => `${word('kinds', kind)} ${number(run.counts[kind] - selection.asideOf(kind))}`)
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
      <p>{lines.join(' · ')}</p>
      <p className={text.muted}>{t('confirm.apply.effect')}</p>
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

/** Level 4: a second person, on her own session. */
function Release({ run }: { run: Run }) {
  const may = useMay('release_brakes')
  const release = useRelease(run.id)
  return (
    <Button
      busy={release.isPending}
      blocked={may ? undefined : t('run.releaseWho')}
      onPress={() => release.mutate(undefined, { onSuccess: () => say('ok', t('run.released')), onError: (error) => say('failure', problemText(error)) })}
    >
      {t('run.release')}
    </Button>
  )
}
