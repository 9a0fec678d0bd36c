import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { Api } from '../../api/types'
import { number, waiting, when } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { buttonClass } from '../../ui/Button'
import { Card } from '../../ui/Card'
import { Segments } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Blank, View } from '../../ui/States'
import text from '../../ui/text.module.css'
import { CaseCard } from './CaseCard'
import style from './Cases.module.css'
import { cases, oneCase } from './queries'
import type { CasesSearch } from './search'
import { caseKindLine, caseTitle } from './words'

const route = getRouteApi('/cases')

const kinds = ['all', 'national_identity', 'account', 'duplicate', 'conflict'] as const

export function CasesPage() {
  useTitle(t('nav.cases'))
  const search = route.useSearch()
  const navigate = useNavigate()
  const query = useQuery(cases({ kind: search.kind, state: search.state, cursor: search.cursor }))
  const total = query.data?.total

  function change(more: Partial<CasesSearch>) {
    void navigate({ to: '/cases', search: { ...search, case: undefined, cursor: undefined, ...more } })
  }
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.cases')}</h1>
        {total !== undefined && <p className={text.muted}>{t('cases.waiting', { count: total })}</p>}
        <div className={layout.row}>
          <Segments legend={t('cases.kind')} value={search.kind ?? 'all'} segments={kinds.map((kind) => ({ value: kind, label: word('caseKinds', kind) }))} onChange={(kind) => change({ kind: kind === 'all' ? undefined : kind })} />
        </div>
      </div>
      <View query={query} unread={t('cases.unread')} rows={8}>
        {(page) => (page.items.length || search.case ? <Work page={page} search={search} /> : <None page={page} filtered={Boolean(search.kind ?? search.state)} />)}
      </View>
    </>
  )
}

function None({ page, filtered }: { page: Api['CasesPage']; filtered: boolean }) {
  const last = page.last_decided
  return (
    <Blank
      boxed
      title={t(filtered ? 'cases.emptyFilter' : 'cases.empty')}
      acts={
        filtered && (
          <Link to="/cases" className={buttonClass()}>
            {t('filter.clear')}
          </Link>
        )
      }
    >
      {last && t('cases.last', { when: when(last.at), by: last.by })}
    </Blank>
  )
}

/** The queue at the left, one case at the right. */
function Work({ page, search }: { page: Api['CasesPage']; search: CasesSearch }) {
  const current = search.case ?? page.items[0]?.id
  const rank = page.items.findIndex((one) => one.id === current)
  const before = page.items[rank - 1]
  const after = page.items[rank + 1]
  return (
    <div className={style.work}>
      <Card title={t('cases.queue')} aside={number(page.total)}>
        <ol className={style.queue}>
          {page.items.map((one) => (
            <li key={one.id}>
              <Link to="/cases" search={{ ...search, case: one.id }} resetScroll={false} aria-current={one.id === current || undefined}>
                <span className={style.line}>
                  <span>{caseTitle(one)}</span>
                  <span className={text.meta}>{waiting(one.waiting_since)}</span>
                </span>
                <span className={text.meta}>{caseKindLine(one)}</span>
              </Link>
            </li>
          ))}
        </ol>
      </Card>
      {current && <Current key={current} id={current} search={search} rank={rank + 1} total={page.total} before={before?.id} after={after?.id} />}
    </div>
  )
}

interface CurrentProps {
  id: string
  search: CasesSearch
  rank: number
  total: number
  before: string | undefined
  after: string | undefined
}

function Current({ id, search, before, after, ...place }: CurrentProps) {
  const query = useQuery(oneCase(id))
  const navigate = useNavigate()
  const go = (to: string | undefined) => void navigate({ to: '/cases', search: { ...search, case: to }, resetScroll: false })
  return (
    <View query={query} unread={t('case.unread')} rows={8}>
      {(one) => <CaseCard key={`${one.id}-${one.etag}`} one={one} {...place} onBefore={before ? () => go(before) : undefined} onAfter={after ? () => go(after) : undefined} onDecided={(next) => go(after ?? next)} />}
    </View>
  )
}
