import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import type { Api, Client } from '../../api/types'
import { date, dateTime, on, seconds, shortName } from '../../lib/format'
import { t, word, words } from '../../lib/i18n'
import { heldNext, nextLink, type Held } from '../../lib/paths'
import { Button, buttonClass } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { problemText } from '../../ui/Fault'
import { Segments } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Blank, View } from '../../ui/States'
import { Icon, Status, type Mood } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import style from './Applications.module.css'
import { logouts, useResendLogout } from './queries'

const route = getRouteApi('/applications/$id')
const states: Api['LogoutState'][] = ['waiting', 'received', 'given_up', 'needless']
const moods: Record<Api['LogoutState'], Mood> = { waiting: 'info', received: 'ok', given_up: 'failure', needless: 'off' }

/** The receipts of the calls that end sessions: what was sent, what was received, what waits. */
export function Logouts({ one }: { one: Client }) {
  const { state, cursor } = route.useSearch()
  const navigate = useNavigate()
  const query = useQuery(logouts(one.client_id, state, cursor))
  const known = states.find((member) => member === state)
  const waiting = query.data?.waiting
  return (
    <div className={layout.small}>
      <div className={layout.row}>
        <Segments
          legend={t('people.state')}
          value={known ?? 'all'}
          segments={[{ value: 'all', label: t('logouts.all') }, ...states.map((value) => ({ value: value as string, label: word('logoutStates', value), ...(value === 'waiting' && waiting ? { count: String(waiting) } : {}) }))]}
          onChange={(value) => void navigate({ to: '/applications/$id', params: { id: one.client_id }, search: { tab: 'deconnexions', ...(value !== 'all' && { state: value }) }, replace: true, resetScroll: false })}
        />
        <span className={`${text.meta} ${layout.end}`}>{t('logouts.kept')}</span>
      </div>
      <View query={query} unread={t('logouts.unread')} rows={6}>
        {(page) => (page.items.length ? <Receipts one={one} page={heldNext(page, query)} /> : <Nothing one={one} filtered={Boolean(known)} />)}
      </View>
    </div>
  )
}

function Nothing({ one, filtered }: { one: Client; filtered: boolean }) {
  if (filtered) {
    const all = (
      <Link to="/applications/$id" params={{ id: one.client_id }} search={{ tab: 'deconnexions' }} className={buttonClass()}>
        {t('filter.clear')}
      </Link>
    )
    return <Blank boxed title={t('logouts.emptyFilter')} acts={all} />
  }
  return (
    <Blank boxed title={t('logouts.empty')}>
      {t(one.backchannel_logout_uri ? 'logouts.emptyHelp' : 'logouts.noAddress')}
    </Blank>
  )
}

function Receipts({ one, page }: { one: Client; page: Held<Api['LogoutPage']> }) {
  const search = route.useSearch()
  return (
    <div className={card.card}>
      <Table
        caption={t('logouts.caption')}
        className={style.receipts}
        head={
          <tr>
            <th scope="col">{t('logouts.session')}</th>
            <th scope="col">{t('people.state')}</th>
            <th scope="col">{t('logouts.sent')}</th>
            <th scope="col">{t('logouts.received')}</th>
            <th scope="col">{t('logouts.tries')}</th>
            <th scope="col">{t('logouts.next')}</th>
            <th scope="col">
              <span className={text.hidden}>{t('logouts.acts')}</span>
            </th>
          </tr>
        }
      >
        <tbody>
          {page.items.map((receipt) => (
            <Line key={receipt.id} one={one} receipt={receipt} />
          ))}
        </tbody>
      </Table>
      {(search.cursor || page.next_cursor) && (
        <div className={table.foot}>
          {search.cursor && (
            <Link to="/applications/$id" params={{ id: one.client_id }} search={{ ...search, cursor: undefined }} className={`${buttonClass({ small: true })} ${layout.end}`}>
              {t('page.first')}
            </Link>
          )}
          <Link
            to="/applications/$id"
            params={{ id: one.client_id }}
            search={{ ...search, cursor: page.next_cursor ?? undefined }}
            {...nextLink(page)}
            className={`${buttonClass({ small: true })} ${search.cursor ? '' : layout.end}`}
          >
            {t('page.next')}
            <Icon name="right" />
          </Link>
        </div>
      )}
    </div>
  )
}

function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return '–'
  return (
    <time dateTime={at} title={dateTime(at)} className={text.nowrap}>
      {date(at) === date(new Date()) ? seconds(at) : dateTime(at)}
    </time>
  )
}

function Line({ one, receipt }: { one: Client; receipt: Api['LogoutReceipt'] }) {
  const may = useMay('manage_clients')
  const resend = useResendLogout(one.client_id)
  const who = receipt.person ? shortName(receipt.person) : t('logouts.ofNobody', { session: receipt.session.slice(-6) })
  const failure = receipt.failure ? (words(`logoutFailure.${receipt.failure}`) ?? word('logoutFailure', receipt.failure)) : undefined
  const late = receipt.state === 'waiting' && Boolean(failure)
  const blocked = !may ? t('state.noRight') : one.backchannel_logout_uri ? undefined : t('logouts.noAddressWhy')
  return (
    <tr>
      <th scope="row">
        {receipt.person ? (
          <Link to="/people/$id" params={{ id: receipt.person.id }}>
            {who}
          </Link>
        ) : (
          who
        )}
        <span className={`${text.meta} ${style.under}`}>{receipt.closed_at ? t('logouts.closed', { when: on(receipt.closed_at) }) : t('logouts.opened', { when: on(receipt.opened_at) })}</span>
      </th>
      <td>
        <Status mood={late ? 'warning' : moods[receipt.state]}>{word('logoutState', late ? 'late' : receipt.state)}</Status>
        {failure && receipt.state !== 'received' && <span className={`${text.meta} ${style.under}`}>{failure}</span>}
      </td>
      <td>
        <Moment at={receipt.sent_at} />
      </td>
      <td>
        <Moment at={receipt.state === 'received' ? receipt.settled_at : undefined} />
      </td>
      <td>{receipt.attempts}</td>
      <td>{receipt.state === 'waiting' ? receipt.next_attempt_at ? <Moment at={receipt.next_attempt_at} /> : t('logouts.now') : '–'}</td>
      <td>
        <Button
          small
          label={t(receipt.attempts ? 'logouts.resendName' : 'logouts.sendNowName', { name: who })}
          blocked={blocked}
          busy={resend.isPending}
          onPress={() => resend.mutate(receipt.id, { onSuccess: () => say('ok', t('logouts.resent')), onError: (error) => say('failure', problemText(error)) })}
        >
          {t(receipt.attempts ? 'logouts.resend' : 'logouts.sendNow')}
        </Button>
      </td>
    </tr>
  )
}
