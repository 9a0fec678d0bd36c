import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { RunItem } from '../../api/types'
import { number, personName } from '../../lib/format'
import { reasonText, t, word } from '../../lib/i18n'
import { SidePanel, Terms } from '../../ui/Card'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { Changes } from './Changes'

/** The record of one line: what was read, by which rule, what it does. */
export function WhyPanel({ item, onClose }: { item: RunItem; onClose: () => void }) {
  const name = item.person ? personName(item.person) : (item.changes.find((change) => change.field === 'label')?.after ?? '')
  const { column, value, rule, version } = item.reason.params ?? {}
  const done = item.result === 'applied'
  const terms: [string, ReactNode][] = []
  if (item.line) {
    terms.push([
      t('why.read'),
      <>
        {t('why.line', { line: number(item.line) })}
        {column && (
          <>
            {t('why.column')} <span className={text.mono}>{column}</span> = {value}
          </>
        )}
      </>,
    ])
  }
  terms.push([t('why.rule'), rule ? t('why.ruleVersion', { rule, version }) : reasonText(item.reason)])
  // Without a value that changes, the sentence of the rule says it all.
  if (item.changes.some(({ field }) => field !== 'label')) terms.push([t('run.what'), <Changes key="changes" item={item} />])
  terms.push([t('run.effect'), done ? word('effectDone', item.kind) : word('effect', item.kind)])
  terms.push([t('why.kept'), t('why.keptAlways')])
  if (item.result_reason && reasonText(item.result_reason)) terms.push([t('why.result'), reasonText(item.result_reason)])
  return (
    <SidePanel title={t('why.title', { act: word('kind', item.kind).toLowerCase(), name })} onClose={onClose}>
      {item.open_sessions > 0 && !done && (
        <Note mood="warning">
          <b>{t('why.sessions', { count: item.open_sessions })}</b> {t('why.sessionsEnd')}
        </Note>
      )}
      <Terms items={terms} />
      {item.case_id && (
        <p>
          <Link to="/cases" search={{ case: item.case_id }}>
            {t('run.decide')}
          </Link>
        </p>
      )}
      {item.person && item.kind !== 'create' && (
        <p>
          <Link to="/people/$id" params={{ id: item.person.id }}>
            {t('why.openPerson')}
          </Link>
        </p>
      )}
    </SidePanel>
  )
}
