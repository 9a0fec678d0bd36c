import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Api } from '../../api/types'
import { date } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { Around, View } from '../../ui/States'
import { Status, Tag } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { Appoint, ChangeOperator, NewLink } from './OperatorActs'
import { operators } from './operators'
import style from './System.module.css'

type Operator = Api['Operator']
type Act = { kind: 'appoint' } | { kind: 'change' | 'link'; one: Operator }

/** Who works at this console, with which roles; one's own are changed by somebody else. */
export function Operators() {
  const query = useQuery(operators)
  const [asked, setAsked] = useState<Act>()
  const leave = () => setAsked(undefined)
  return (
    <Card
      title={t('operators.title')}
      aside={query.data?.items.length}
      acts={
        <Around query={query}>
          <Button small icon="plus" blocked={undefined} onPress={() => setAsked({ kind: 'appoint' })}>
            {t('operators.appoint')}
          </Button>
        </Around>
      }
    >
      <View query={query} unread={t('operators.unread')} rows={3}>
        {({ items }) => <List items={items} onAsk={setAsked} />}
      </View>
      {asked?.kind === 'appoint' && <Appoint onClose={leave} />}
      {asked?.kind === 'change' && <ChangeOperator one={asked.one} onClose={leave} />}
      {asked?.kind === 'link' && <NewLink one={asked.one} onClose={leave} />}
    </Card>
  )
}

function List({ items, onAsk }: { items: Operator[]; onAsk: (act: Act) => void }) {
  return (
    <Table
      opens
      caption={t('operators.title')}
      className={style.operators}
      head={
        <tr>
          <th scope="col">{t('people.name')}</th>
          <th scope="col">{t('operators.roles')}</th>
          <th scope="col">{t('operators.keys')}</th>
          <th scope="col">{t('people.state')}</th>
          <th scope="col">{t('operators.since')}</th>
          <th scope="col">
            <span className={text.hidden}>{t('page.acts')}</span>
          </th>
        </tr>
      }
    >
      <tbody>
        {items.map((one) => (
          <Line key={one.id} one={one} onAsk={onAsk} />
        ))}
      </tbody>
    </Table>
  )
}

function Line({ one, onAsk }: { one: Operator; onAsk: (act: Act) => void }) {
  const name = one.display_name ?? '–'
  const own = one.own ? t('operators.own') : undefined
  return (
    <tr>
      <th scope="row">
        <Link to="/people/$id" params={{ id: one.person_id }} className={table.link}>
          <b><bdi>{name}</bdi></b>
        </Link>
      </th>
      <td>{one.roles.map((role) => word('role', role)).join(', ')}</td>
      <td>{one.keys === 0 ? <Tag mood="warning" inline>{t('operators.noKey')}</Tag> : one.keys}</td>
      <td>
        <Status mood={one.enabled ? 'ok' : 'off'}>{t(one.enabled ? 'operators.enabled' : 'operators.disabled')}</Status>
      </td>
      <td>{date(one.created_at)}</td>
      <td className={table.right}>
        <span className={`${layout.row} ${style.acts}`}>
          {own && <span className={text.meta}>{own}</span>}
          {one.enabled && (
            <Button small label={t('operators.linkName', { name })} blocked={undefined} onPress={() => onAsk({ kind: 'link', one })}>
              {t('operators.link')}
            </Button>
          )}
          <Button small label={t('operators.changeName', { name })} blocked={own} onPress={() => onAsk({ kind: 'change', one })}>
            {t('action.change')}
          </Button>
        </span>
      </td>
    </tr>
  )
}
