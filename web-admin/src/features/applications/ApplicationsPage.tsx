import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useContext } from 'react'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { ago, date, daysUntil, number } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { Button, buttonClass } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { Command } from '../../ui/Command'
import { useHandOver } from '../../ui/focus'
import layout from '../../ui/layout.module.css'
import { Around, Blank, View } from '../../ui/States'
import { Icon, Status } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { Waits } from '../../ui/waits'
import style from './Applications.module.css'
import { clients } from './queries'

export function ApplicationsPage() {
  useTitle(t('nav.applications'))
  const query = useQuery(clients)
  const may = useMay('manage_clients')
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.applications')}</h1>
        {query.data && <p className={text.muted}>{number(query.data.items.length)}</p>}
        <Around query={query}>
          <div className={layout.row}>{may && query.data && query.data.items.length > 0 && <Create />}</div>
        </Around>
      </div>
      <View query={query} unread={t('apps.unread')}>
        {({ items }) =>
          items.length ? (
            <List items={items} />
          ) : (
            <div className={layout.stack}>
              <Blank boxed title={t('apps.empty')} acts={may && <Create />}>
                {t('apps.emptyHelp')}
              </Blank>
              {may && <Trial />}
            </div>
          )
        }
      </View>
    </>
  )
}

/** It is of an appliance apart: this one serves true people. */
function Trial() {
  return (
    <div className={layout.small}>
      <p>{t('apps.trial')}</p>
      <Command>hygie sandbox --folder /srv/hygie-sandbox --host essai.hopital.example</Command>
    </div>
  )
}

/** Nothing is begun that could not be kept. */
function Create() {
  const waits = useContext(Waits)
  const place = useHandOver<HTMLAnchorElement>()
  if (waits) {
    return (
      <Button variant="primary" icon="plus" blocked={t('state.waits')}>
        {t('app.create')}
      </Button>
    )
  }
  return (
    <Link ref={place} to="/applications/new" className={buttonClass({ variant: 'primary' })}>
      <Icon name="plus" />
      {t('app.create')}
    </Link>
  )
}

function List({ items }: { items: Api['ClientRow'][] }) {
  return (
    <div className={card.card}>
      <Table
        opens
        caption={t('nav.applications')}
        className={style.list}
        head={
          <tr>
            <th scope="col">{t('people.name')}</th>
            <th scope="col">{t('app.vendor')}</th>
            <th scope="col">{t('app.profile')}</th>
            <th scope="col">{t('app.sensitive')}</th>
            <th scope="col">{t('apps.lastLogin')}</th>
            <th scope="col">{t('check.tab')}</th>
            <th scope="col">{t('apps.relaxed')}</th>
            <th scope="col">{t('apps.logouts')}</th>
            <th scope="col">{t('people.state')}</th>
          </tr>
        }
      >
        <tbody>
          {items.map((one) => (
            <tr key={one.client_id}>
              <th scope="row">
                <Link to="/applications/$id" params={{ id: one.client_id }} className={table.link}>
                  <b>{one.name}</b>
                </Link>
              </th>
              <td>{one.vendor ?? '–'}</td>
              <td>{word('profile', one.profile)}</td>
              <td>{t(one.sensitive ? 'yes' : 'no')}</td>
              <td>{one.last_login_at ? ago(one.last_login_at) : <span className={text.muted}>{t('people.never')}</span>}</td>
              <td>{one.check ? <Standing one={one} check={one.check} /> : <span className={text.muted}>{t('apps.unchecked')}</span>}</td>
              <td>{one.relaxed_until ? <Relaxed until={one.relaxed_until} /> : '–'}</td>
              <td>{one.logouts_waiting ? <Waiting one={one} /> : '0'}</td>
              <td>
                <Status mood={one.state === 'active' ? 'ok' : 'warning'}>{word('clientState', one.state)}</Status>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}

/** « 12/14 »: lines that are right, of all. */
function Standing({ one, check }: { one: Api['ClientRow']; check: Api['CheckStanding'] }) {
  const whole = check.right === check.total
  return (
    <Link to="/applications/$id" params={{ id: one.client_id }} search={{ tab: 'controle' }} className={table.link}>
      <Status mood={whole ? 'ok' : 'warning'}>
        {number(check.right)}/{number(check.total)} {t('apps.rightOf')}
      </Status>
    </Link>
  )
}

function Relaxed({ until }: { until: string }) {
  const left = daysUntil(until)
  return (
    <Status mood={left < 0 ? 'failure' : left < 30 ? 'warning' : 'info'}>
      {date(until)}
      <span className={text.hidden}> {t(left < 0 ? 'apps.relaxedOver' : 'apps.relaxedUntil')}</span>
    </Status>
  )
}

function Waiting({ one }: { one: Api['ClientRow'] }) {
  return (
    <Link to="/applications/$id" params={{ id: one.client_id }} search={{ tab: 'deconnexions', state: 'waiting' }} className={table.link}>
      <Status mood="warning">
        {number(one.logouts_waiting)} <span className={text.hidden}>{t('apps.logoutsWait')} </span>
        {t('apps.waiting')}
      </Status>
    </Link>
  )
}
