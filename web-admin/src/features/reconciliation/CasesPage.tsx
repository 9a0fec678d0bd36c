import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useReducer } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { on } from '../../lib/format'
import { t, word, type Key } from '../../lib/i18n'
import { heldNext, type Held } from '../../lib/paths'
import { useTitle } from '../../lib/title'
import { buttonClass } from '../../ui/Button'
import { Check, Segments } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Menu } from '../../ui/Menu'
import { Around, Blank, View } from '../../ui/States'
import { Icon } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { CaseCard } from './CaseCard'
import style from './Cases.module.css'
import { cases, oneCase } from './queries'
import { Queue } from './Queue'
import { SavedViews } from './SavedViews'
import type { CasesSearch } from './search'

const route = getRouteApi('/cases')

const states = ['open', 'ask_hr', 'wait_card', 'decided'] as const
const kinds = ['all', 'national_identity', 'account', 'duplicate', 'conflict'] as const

export function CasesPage() {
  useTitle(t('nav.cases'))
  const search = route.useSearch()
  const navigate = useNavigate()
  const mayDecide = useMay('decide_cases')
  const query = useQuery(cases({ kind: search.kind, state: search.state, assigned: search.assigned, cursor: search.cursor }))
  const total = query.data?.total

  function change(more: Partial<CasesSearch>) {
    void navigate({ to: '/cases', search: { ...search, case: undefined, cursor: undefined, ...more } })
  }
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.cases')}</h1>
        {total !== undefined && <p className={text.muted}>{t(search.kind || search.assigned ? 'cases.total.filtered' : (`cases.total.${search.state ?? 'open'}` as Key), { count: total })}</p>}
        <Around query={query}>
          <div className={`${layout.row} ${layout.wide}`}>
            <SavedViews search={search} />
            {mayDecide && <Check label={t('cases.mine')} checked={search.assigned === 'me'} onChange={(on) => change({ assigned: on ? 'me' : undefined })} />}
            <Segments legend={t('cases.kind')} value={search.kind ?? 'all'} segments={kinds.map((kind) => ({ value: kind, label: word('caseKinds', kind) }))} onChange={(kind) => change({ kind: kind === 'all' ? undefined : kind })} />
          </div>
        </Around>
      </div>
      <View query={query} unread={t('cases.unread')} rows={8}>
        {(page) =>
          page.items.length || search.case ? (
            <Work page={heldNext(page, query)} search={search} onState={(state) => change({ state: state === 'open' ? undefined : state })} />
          ) : (
            <None page={page} filtered={Boolean(search.kind ?? search.state ?? search.assigned)} />
          )
        }
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
      {last && t('cases.last', { when: on(last.at), by: last.by })}
    </Blank>
  )
}

/** The queue at the left, one case at the right. */
function Work({ page, search, onState }: { page: Held<Api['CasesPage']>; search: CasesSearch; onState: (state: string) => void }) {
  const current = search.case ?? page.items[0]?.id
  const at = page.items.findIndex((one) => one.id === current)
  const before = page.items[at - 1]
  const after = page.items[at + 1]
  const [asked, ask] = useReducer((times: number) => times + 1, 0)
  // A page further on knows no rank of its own.
  const rank = search.cursor ? 0 : at + 1
  return (
    <div className={style.work}>
      <Queue page={page} search={search} current={current} onAsk={ask} states={<States state={search.state ?? 'open'} onState={onState} />} />
      <div>{current && <Current key={current} id={current} search={search} asked={asked} rank={rank} total={page.total} before={before?.id} after={after?.id} />}</div>
    </div>
  )
}

function States({ state, onState }: { state: string; onState: (state: string) => void }) {
  return (
    <Menu label={t('cases.state')} entries={states.map((one) => ({ id: one, label: word('cases.state', one), onAction: () => onState(one) }))}>
      <Pressable className={buttonClass({ small: true, variant: 'ghost' })} aria-label={`${t('cases.state')} : ${word('cases.state', state)}`}>
        <Icon name="filter" />
        {word('cases.state', state)}
      </Pressable>
    </Menu>
  )
}

interface CurrentProps {
  id: string
  asked: number
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
      {(one) => <CaseCard one={one} {...place} chosen={search.case === id} onBefore={before ? () => go(before) : undefined} onAfter={after ? () => go(after) : undefined} onDecided={(next) => go(after ?? next)} />}
    </View>
  )
}
