import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import type { Api } from '../../api/types'
import { date, day, exactly, number, personName, seconds } from '../../lib/format'
import { eventText, t, word } from '../../lib/i18n'
import { settingName } from '../../lib/settings'
import { Button } from '../../ui/Button'
import { SidePanel, Terms } from '../../ui/Card'
import { View } from '../../ui/States'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { auditEntry } from './queries'

/** One sealed entry: its sentence, its fields, and the proof that it stands where it stood. */
export function EntryPanel({ index, onClose }: { index: string; onClose: () => void }) {
  const query = useQuery(auditEntry(index))
  const row = query.data?.entry.row
  return (
    <SidePanel title={row ? eventText(row.event, row.params ?? {}) : t('audit.entry')} onClose={onClose}>
      <View query={query} unread={t('audit.entryUnread')} rows={6}>
        {(view) => <Entry view={view} />}
      </View>
    </SidePanel>
  )
}

/** With the birth date, of whoever shares a name. */
function whole(person: Api['PersonRef']): string {
  return [personName(person), person.birth_date && day(person.birth_date)].filter(Boolean).join(', ')
}

function Entry({ view }: { view: Api['AuditEntryView'] }) {
  const { row, fields, before, after, leaf_hash: leaf } = view.entry
  const terms: [string, ReactNode][] = []
  if (row.subject) {
    terms.push([
      t('audit.person'),
      <Link key="person" to="/people/$id" params={{ id: row.subject.id }}>
        {whole(row.subject)}
      </Link>,
    ])
  } else if (row.subject_label) terms.push([t('audit.subject'), row.subject_label])
  terms.push([t('audit.when'), `${date(row.at)}, ${seconds(row.at)}`])
  if (row.actor) terms.push([t('audit.who'), row.actor_person ? whole(row.actor_person) : row.actor])
  if (row.where) terms.push([t('audit.where'), row.where])
  for (const [name, value] of Object.entries(fields)) if (name !== 'actor' && value) terms.push([word('field', name), value])
  const moved = changes(before, after)
  if (moved) terms.push([t('audit.beforeAfter'), moved])
  terms.push([t('audit.leaf'), row.sealed_at ? t('audit.sealedAt', { index: number(row.index ?? 0), at: exactly(row.sealed_at) }) : t('audit.unsealed')])
  terms.push([t('audit.hash'), <span key="hash" className={text.mono}>{leaf}</span>])
  return (
    <>
      <Terms items={terms} />
      <Proof proof={view.proof ?? undefined} />
    </>
  )
}

function changes(before: Record<string, string> | null | undefined, after: Record<string, string> | null | undefined): string | undefined {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return names.length ? names.map((name) => `${settingName(name)} : ${before?.[name] ?? '–'} → ${after?.[name] ?? '–'}`).join(', ') : undefined
}

function Proof({ proof }: { proof: Api['InclusionProof'] | undefined }) {
  const [asked, setAsked] = useState(false)
  if (!proof) return <p className={text.muted}>{t('audit.noProof')}</p>
  return (
    <>
      <Button icon="seal" onPress={() => setAsked(true)}>
        {t('audit.verifyOne')}
      </Button>
      <div role="status">
        {asked &&
          (proof.verified ? (
            <Note mood="ok">
              <b>{t('audit.intact')}</b> {t('audit.included', { size: number(proof.tree_size), at: exactly(proof.checkpoint.signed_at) })}
            </Note>
          ) : (
            <Note mood="failure">{t('audit.broken', { index: number(proof.index) })}</Note>
          ))}
      </div>
    </>
  )
}
