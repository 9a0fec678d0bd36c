import { Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { day, number, waiting } from '../../lib/format'
import { t } from '../../lib/i18n'
import { nextLink, type Held } from '../../lib/paths'
import { useSelection, type Selection } from '../../lib/selection'
import { buttonClass } from '../../ui/Button'
import { Card } from '../../ui/Card'
import { Check } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Menu } from '../../ui/Menu'
import { SelectionBar } from '../../ui/SelectionBar'
import { Icon } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { AssignMenu } from './Assign'
import style from './Cases.module.css'
import { exportPath } from './queries'
import type { CasesSearch } from './search'
import { caseKindLine, caseTitle } from './words'

interface Props {
  page: Held<Api['CasesPage']>
  search: CasesSearch
  current: string | undefined
  states: ReactNode
  onAsk: () => void
}

/** Who waits, oldest first; several are given to a colleague together, none is ever decided so. */
export function Queue({ page, search, current, states, onAsk }: Props) {
  const { case: _case, cursor: _cursor, ...filter } = search
  const may = useMay('decide_cases') && search.state !== 'decided'
  const [choosing, choose] = useState(false)
  const selection = useSelection<Api['CaseRow']>(JSON.stringify(filter))
  const picks = choosing && may ? selection : undefined
  const options = [
    ...(may ? [{ id: 'choose', label: t(choosing ? 'cases.chooseNoMore' : 'cases.choose'), onAction: () => { selection.clear(); choose(!choosing) } }] : []),
    { id: 'export', label: t('action.exportCsv'), asks: true, onAction: () => location.assign(exportPath(filter)) },
  ]
  return (
    <Card
      title={t('cases.queue')}
      aside={number(page.total)}
      acts={
        <>
          {states}
          <Menu label={t('cases.options')} entries={options}>
            <Pressable className={buttonClass({ small: true, variant: 'ghost', bare: true })} aria-label={t('cases.options')}>
              <Icon name="more" />
            </Pressable>
          </Menu>
        </>
      }
    >
      <ol className={style.queue}>
        {page.items.map((one) => (
          <li key={one.id}>
            {picks && <Pick one={one} picks={picks} />}
            <Line one={one} search={search} current={one.id === current} onAsk={onAsk} />
          </li>
        ))}
      </ol>
      {(page.next_cursor || search.cursor) && <Foot page={page} search={search} />}
      {picks && picks.rows.length > 0 && (
        <SelectionBar said={t('selection.cases', { count: picks.rows.length })} onClear={picks.clear}>
          <AssignMenu cases={picks.rows.map(({ id }) => id)} label={t('assign.open')} onDone={picks.clear} />
        </SelectionBar>
      )}
    </Card>
  )
}

function Pick({ one, picks }: { one: Api['CaseRow']; picks: Selection<Api['CaseRow']> }) {
  return <Check hidden label={t('selection.person', { name: caseTitle(one) })} checked={picks.has(one)} onChange={(on) => picks.set([one], on)} />
}

function Line({ one, search, current, onAsk }: { one: Api['CaseRow']; search: CasesSearch; current: boolean; onAsk: () => void }) {
  const facts = [one.person.birth_date && day(one.person.birth_date), one.priority === 'desk' && t('case.atDesk'), caseKindLine(one), one.assigned_to && t('case.isWith', { name: one.assigned_to.name })]
  return (
    <Link to="/cases" search={{ ...search, case: one.id }} resetScroll={false} aria-current={current || undefined} onClick={onAsk}>
      <span className={style.line}>
        <span>{caseTitle(one)}</span>
        <span className={text.meta}>{waiting(one.waiting_since, { short: true })}</span>
      </span>
      <span className={text.meta}>{facts.filter(Boolean).join(' · ')}</span>
    </Link>
  )
}

function Foot({ page, search }: { page: Held<Api['CasesPage']>; search: CasesSearch }) {
  return (
    <p className={`${style.more} ${layout.row}`}>
      {search.cursor && (
        <Link to="/cases" search={{ ...search, cursor: undefined, case: undefined }} className={buttonClass({ small: true })}>
          {t('page.first')}
        </Link>
      )}
      <Link to="/cases" search={{ ...search, cursor: page.next_cursor ?? undefined, case: undefined }} {...nextLink(page)} className={buttonClass({ small: true })}>
        {t('page.next')}
        <Icon name="right" />
      </Link>
    </p>
  )
}
