import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Api } from '../../api/types'
import { number, rppsOf } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Download } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { Digits } from '../../ui/Digits'
import { Segments } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Blank, View } from '../../ui/States'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { worklist, worklistFile } from './register'
import style from './Sources.module.css'

/** The work list of the RPPS+ manager: whom to register or to update on the portal, and why. */
export function ToRegister() {
  const query = useQuery(worklist)
  return (
    <View query={query} unread={t('worklist.unread')} rows={6}>
      {({ items }) => (items.length ? <Work items={items} /> : <Blank boxed title={t('worklist.none')}>{t('worklist.help')}</Blank>)}
    </View>
  )
}

function Work({ items }: { items: Api['ToRegister'][] }) {
  const [reason, setReason] = useState('all')
  const reasons = [...new Set(items.map((one) => one.reason))]
  const shown = items.filter((one) => reason === 'all' || one.reason === reason)
  const counted = (value: string) => number(value === 'all' ? items.length : items.filter((one) => one.reason === value).length)
  return (
    <div className={layout.stack}>
      <p className={text.muted}>{t('worklist.lead')}</p>
      <div className={layout.row}>
        <Segments
          legend={t('worklist.reason')}
          value={reason}
          segments={['all', ...reasons].map((value) => ({ value, label: value === 'all' ? t('run.all') : word('toRegister', value), count: counted(value) }))}
          onChange={setReason}
        />
        <Download href={worklistFile} className={layout.end}>
          {t('action.exportCsv')}
        </Download>
      </div>
      <div className={card.card}>
        <Table
          opens
          caption={t('worklist.caption')}
          className={style.wideList}
          head={
            <tr>
              <th scope="col">{t('people.name')}</th>
              <th scope="col">{t('people.matricule')}</th>
              <th scope="col">{t('people.function')}</th>
              <th scope="col">{t('worklist.role')}</th>
              <th scope="col">{t('due.number')}</th>
              <th scope="col">{t('worklist.reason')}</th>
            </tr>
          }
        >
          <tbody>
            {shown.map((one) => (
              <tr key={`${one.person_id}-${one.matricule}-${one.reason}`}>
                <th scope="row">
                  <Link to="/people/$id" params={{ id: one.person_id }} className={table.link}>
                    <b><bdi>{one.display_name}</bdi></b>
                  </Link>
                </th>
                <td>{one.matricule}</td>
                <td>{one.function ?? '–'}</td>
                <td>{one.role ? word('rppsRole', one.role) : '–'}</td>
                <td>{one.id_nat ? <Digits value={rppsOf(one.id_nat)} /> : <span className={text.muted}>{t('worklist.noNumber')}</span>}</td>
                <td>{word('toRegister', one.reason)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </div>
  )
}
