import { useState } from 'react'
import type { Api } from '../../api/types'
import { date } from '../../lib/format'
import { eventText, t, word } from '../../lib/i18n'
import { DateField } from '../../ui/DateField'
import { Chip, Segments } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import text from '../../ui/text.module.css'
import style from './Audit.module.css'
import { ByWhom } from './ByWhom'
import type { AuditSearch } from './search'

const categories: Api['AuditCategory'][] = ['login', 'means', 'people', 'sources', 'reconciliation', 'applications', 'console', 'audit']

interface Props {
  search: AuditSearch
  rows: Api['AuditRow'][]
  total: number | undefined
  waiting: number
  /** A text is looked for from there on. */
  searchedFrom: string | null | undefined
  change: (more: Partial<AuditSearch>) => void
}

export function AuditFilters({ search, rows, total, waiting, searchedFrom, change }: Props) {
  const reset = { cursor: undefined, entry: undefined }
  return (
    <div className={`${layout.small} ${layout.below}`}>
      <div className={layout.row}>
        <Segments
          legend={t('audit.kind')}
          value={search.category ?? 'all'}
          segments={[{ value: 'all', label: t('run.all') }, ...categories.map((value) => ({ value: value as string, label: word('category', value) }))]}
          onChange={(value) => change({ ...reset, category: value === 'all' ? undefined : value })}
        />
        <span className={`${text.meta} ${layout.end}`}>
          {total !== undefined && t('audit.total', { count: total })}
          {searchedFrom && ` · ${t('audit.searchedFrom', { date: date(searchedFrom) })}`}
          {waiting > 0 && ` · ${t('audit.waitingSeal', { count: waiting })}`}
        </span>
      </div>
      <div className={layout.row}>
        <DateField label={t('audit.from')} value={search.from} onChange={(from) => change({ ...reset, from })} />
        <DateField label={t('audit.to')} value={search.to} onChange={(to) => change({ ...reset, to })} />
        <Segments
          legend={t('audit.outcome')}
          value={search.outcome ?? 'all'}
          segments={[
            { value: 'all', label: t('audit.allOutcomes') },
            { value: 'refused', label: t('audit.refusals') },
            { value: 'accepted', label: word('outcome', 'accepted') },
            { value: 'read', label: word('outcome', 'read') },
          ]}
          onChange={(value) => change({ ...reset, outcome: value === 'all' ? undefined : value })}
        />
        {search.q ? <Chip name={t('audit.text')} value={search.q} onRemove={() => change({ ...reset, q: undefined })} /> : <ByText onAsk={(q) => change({ ...reset, q })} />}
        {search.reference ? <Chip name={t('state.reference')} value={search.reference} onRemove={() => change({ ...reset, reference: undefined })} /> : <ByReference onAsk={(reference) => change({ ...reset, reference })} />}
        {search.event && <Chip name={t('audit.event')} value={eventText(search.event)} onRemove={() => change({ ...reset, event: undefined })} />}
        <ByWhom search={search} rows={rows} change={(more) => change({ ...reset, ...more })} />
      </div>
    </div>
  )
}

/** A name, an application, a source, an event: looked for over the last month, unless the period says more. */
function ByText({ onAsk }: { onAsk: (text: string) => void }) {
  const [typed, setTyped] = useState('')
  return (
    <form
      className={style.text}
      onSubmit={(event) => {
        event.preventDefault()
        if (typed.trim().length > 1) onAsk(typed.trim())
      }}
    >
      <input aria-label={t('audit.byText')} placeholder={t('audit.textExample')} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
    </form>
  )
}

/** The six characters that a refusal shows: typed as they are read, sent as they are kept. */
function ByReference({ onAsk }: { onAsk: (reference: string) => void }) {
  const [typed, setTyped] = useState('')
  return (
    <form
      className={style.reference}
      onSubmit={(event) => {
        event.preventDefault()
        const bare = typed.toUpperCase().replace(/[^0-9A-Z]/g, '')
        if (bare.length === 6) onAsk(`${bare.slice(0, 3)}-${bare.slice(3)}`)
      }}
    >
      <input aria-label={t('audit.byReference')} placeholder={t('state.reference')} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
    </form>
  )
}
