import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { date, day, number, rppsOf } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button, Download } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { Digits } from '../../ui/Digits'
import { Segments } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Around, Blank, View } from '../../ui/States'
import { Status, Tag } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { dueFile, dueLinks } from './register'
import style from './Sources.module.css'
import { VerifyLink } from './VerifyLink'

const windows = ['0', '60', '180'] as const

/** Links are verified again every two years; the most overdue first. */
export function DueLinks({ within, read }: { within: number; read: boolean }) {
  const query = useQuery(dueLinks(within))
  const navigate = useNavigate()
  const mayTake = useMay('read_people')
  const count = query.data?.items.length ?? 0
  return (
    <div className={layout.stack}>
      <div className={layout.row}>
        <Segments
          legend={t('due.window')}
          value={windows.find((one) => Number(one) === within) ?? '0'}
          segments={windows.map((value) => ({ value, label: t(`due.in.${value}`) }))}
          onChange={(value) => void navigate({ to: '/register', search: { tab: 'due', within: value === '0' ? undefined : value } })}
        />
        {count > 0 && <span className={text.muted}>{t('due.count', { count, overdue: number(query.data?.items.filter(({ overdue }) => overdue).length ?? 0) })}</span>}
        {mayTake && count > 0 && (
          <Around query={query}>
            <Download href={dueFile(within)} className={layout.end}>
              {t('action.exportCsv')}
            </Download>
          </Around>
        )}
      </div>
      <View query={query} unread={t('due.unread')} rows={6}>
        {({ items }) => (items.length ? <List items={items} /> : <Blank boxed title={t(!read ? 'due.noRegister' : within ? 'due.noneSoon' : 'due.none')}>{t('due.help')}</Blank>)}
      </View>
    </div>
  )
}

function List({ items }: { items: Api['DueLink'][] }) {
  const may = useMay('decide_cases')
  const [verifying, setVerifying] = useState<Api['DueLink']>()
  return (
    <div className={card.card}>
      <Table
        opens
        caption={t('due.caption')}
        className={style.wideList}
        head={
          <tr>
            <th scope="col">{t('people.name')}</th>
            <th scope="col">{t('due.number')}</th>
            <th scope="col">{t('due.channel')}</th>
            <th scope="col">{t('due.verified')}</th>
            <th scope="col">{t('due.next')}</th>
            <th scope="col">{t('due.inRegister')}</th>
            {may && <th scope="col"><span className={text.hidden}>{t('verify.column')}</span></th>}
          </tr>
        }
      >
        <tbody>
          {items.map((one) => (
            <tr key={`${one.person_id}-${one.id_nat}`}>
              <th scope="row">
                <Link to="/people/$id" params={{ id: one.person_id }} className={table.link}>
                  <b><bdi>{one.display_name}</bdi></b>
                </Link>
              </th>
              <td>
                <Digits value={rppsOf(one.id_nat)} />
              </td>
              <td>{word('channel', one.channel)}</td>
              <td>{date(one.verified_at)}</td>
              <td>
                {one.overdue ? (
                  <Tag mood="warning" inline>
                    {t('due.since', { date: day(one.next_check) })}
                  </Tag>
                ) : (
                  <Status mood="info">{day(one.next_check)}</Status>
                )}
              </td>
              <td>{one.register_name ? <bdi>{one.register_name}</bdi> : <Status mood="warning">{t('due.unlisted')}</Status>}</td>
              {may && (
                <td className={table.right}>
                  <Button small label={t('verify.openName', { name: one.display_name })} onPress={() => setVerifying(one)}>
                    {t('verify.open')}
                  </Button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </Table>
      {verifying && <VerifyLink one={verifying} onClose={() => setVerifying(undefined)} />}
    </div>
  )
}
