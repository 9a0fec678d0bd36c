import { useContext, useEffect, useState, type ReactNode } from 'react'
import { daysAgo, on, time } from '../lib/format'
import { t, word, words } from '../lib/i18n'
import { ProblemError } from '../lib/problem'
import { rolesWith } from '../lib/rights'
import { Button } from './Button'
import { Crumbs } from './Crumbs'
import { isForbidden } from './Fault'
import { Reference } from './Reference'
import { Icon, Note } from './Status'
import style from './States.module.css'
import text from './text.module.css'
import { Said, Waits } from './waits'

/** What a query gives, whichever library made it. */
export interface Asked<Value> {
  data: Value | undefined
  error: unknown
  isPending: boolean
  dataUpdatedAt: number
  refetch: () => unknown
}

interface Props<Value> {
  query: Asked<Value>
  /** « La liste n'a pas pu être lue. » */
  unread?: string
  /** The title of a page that is named by what it reads, until it is read. */
  heading?: string
  /** The way back to the list that such a page belongs to. */
  back?: ReactNode
  rows?: number
  /** What will come back with the server, on a page where nothing is changed. */
  waits?: string
  children: (value: Value) => ReactNode
}

/** Loading, failure, forbidden and stale, the same on every page; the page draws the rest. */
export function View<Value>({ query, unread, heading, back, rows = 4, waits = t('state.staleWhy'), children }: Props<Value>) {
  const above = useContext(Waits)
  const said = useContext(Said)
  const stale = query.data !== undefined && Boolean(query.error)
  const gone = stale && isGone(query.error)
  useAskAgain(gone, query.refetch)
  if (query.data !== undefined) {
    return (
      <Waits value={above || gone}>
        {/* Said once: what stands inside a part that says it does not say it again. */}
        <Said value={gone ? 'all' : said}>
          {stale && said !== 'all' ? <Stale since={query.dataUpdatedAt}>{said === 'nothing' && waits}</Stale> : null}
          {children(query.data)}
        </Said>
      </Waits>
    )
  }
  return (
    <>
      {back && <Crumbs trail={[back]} />}
      {heading && !query.isPending && <h1 className={style.heading}>{heading}</h1>}
      {query.isPending ? <Ghosts rows={rows} heading={heading} /> : <Failure error={query.error} unread={unread} onRetry={() => void query.refetch()} />}
    </>
  )
}

type Read = Pick<Asked<unknown>, 'data' | 'error'>

/** The appliance refuses to read it to whoever is there. */
export function isShut({ data, error }: Read): boolean {
  return data === undefined && isForbidden(error)
}

/** What stands around what a page reads, its acts and its filters: held while that cannot be read again, absent when it is refused. */
export function Around({ query, children }: { query: Read; children: ReactNode }) {
  const above = useContext(Waits)
  if (isShut(query)) return null
  return <Waits value={above || isGone(query.error)}>{children}</Waits>
}

/** The server does not answer, or not as it should: it may come back by itself. */
export function isGone(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 0 || error.status >= 500)
}

/** Nothing answers at all, whatever is asked: no network, or no appliance behind it. */
export function isAway(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 0 || (error.status > 501 && error.status < 505))
}

const AGAIN = 15_000

/** What could not be read is asked for again by itself: the changes come back with the server, as it is said. */
function useAskAgain(gone: boolean, refetch: () => unknown) {
  useEffect(() => {
    if (!gone) return
    const timer = setInterval(() => void refetch(), AGAIN)
    return () => clearInterval(timer)
  }, [gone, refetch])
}

/** Nothing for 300 ms, then grey lines of the true height. */
export function Ghosts({ rows = 4, heading }: { rows?: number; heading?: string | undefined }) {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 300)
    return () => clearTimeout(timer)
  }, [])
  return (
    <>
      {heading && <h1 className={shown ? style.heading : text.hidden}>{heading}</h1>}
      <div className={style.ghosts} aria-busy="true">
        <span className={text.hidden} role="status">
          {shown ? t('state.loading') : ''}
        </span>
        {shown &&
          Array.from({ length: rows }, (_, index) => (
            <div key={index} className={style.ghost} aria-hidden="true">
              <span />
              <span />
              <span />
            </div>
          ))}
      </div>
    </>
  )
}

/** Cause in words, what is safe, a way to try again, the reference for support. */
export function Failure({ error, unread, onRetry }: { error: unknown; unread?: string | undefined; onRetry?: () => void }) {
  const problem = error instanceof ProblemError ? error : undefined
  if (isForbidden(error)) return <Forbidden capability={problem?.params['capability']} />
  const cause = problem?.code && problem.status !== 500 ? words(`problem.${problem.code}`, problem.params) : undefined
  return (
    <Note mood="failure" role="alert">
      <p>
        <b>{cause ?? unread ?? t('state.unread')}</b> {t('state.nothingChanged')}
      </p>
      <p className={style.row}>
        {onRetry && (
          <Button icon="refresh" small onPress={onRetry}>
            {t('action.retry')}
          </Button>
        )}
        {problem?.reference && (
          <span>
            {t('state.reference')}{'\u00A0'}
            <b>
              <Reference>{problem.reference}</Reference>
            </b>
          </span>
        )}
      </p>
    </Note>
  )
}

/** Which right is missing, and who gives it. */
export function Forbidden({ capability }: { capability?: string | undefined }) {
  const right = capability ? words(`capability.${capability}`) : undefined
  const roles = rolesWith(capability).map((role) => word('role', role)).join(', ')
  return (
    <div className={style.blank}>
      <p className={style.big}>
        <Icon name="lock" />
        {right ? t('state.forbiddenRight', { right }) : t('state.forbidden')}
      </p>
      <p className={text.muted}>
        {roles && t('state.forbiddenRoles', { roles })} {t('state.forbiddenWho')}
      </p>
    </div>
  )
}

/** The last data, its age; changes will come back with the server. */
export function Stale({ since, children }: { since: number | string; children?: ReactNode }) {
  return (
    <div className={style.stale}>
      <Note mood="warning" role="status">
        <b>{daysAgo(since) === 0 ? t('state.stale', { time: time(since) }) : t('state.staleDay', { at: on(since) })}</b> {children}
      </Note>
    </div>
  )
}

/** Nothing yet, or nothing for these filters: what it will hold, and a way on. */
export function Blank({ title, children, acts, boxed = false, whole = false }: { title: string; children?: ReactNode; acts?: ReactNode; boxed?: boolean; whole?: boolean }) {
  const Big = whole ? 'h1' : 'p'
  return (
    <div className={[style.blank, boxed && style.boxed].filter(Boolean).join(' ')}>
      <Big className={style.big}>{title}</Big>
      {children && <p className={text.muted}>{children}</p>}
      {acts && <div className={style.row}>{acts}</div>}
    </div>
  )
}
