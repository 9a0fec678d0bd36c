import type { Api } from '../../api/types'
import { number } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Card } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './Sources.module.css'

/** Where the file is wrong: line, column, what was found, what was expected. */
export function Faults({ faults }: { faults: Api['RunFault'][] }) {
  return (
    <Card title={t('run.faults')} aside={number(faults.length)} className={layout.below}>
      <Table
        caption={t('run.faults')}
        className={style.faults}
        head={
          <tr>
            <th scope="col">{t('run.line')}</th>
            <th scope="col">{t('mapping.column')}</th>
            <th scope="col">{t('run.found')}</th>
            <th scope="col">{t('run.expected')}</th>
            <th scope="col">{t('run.meaning')}</th>
          </tr>
        }
      >
        <tbody>
          {faults.slice(0, 100).map((fault, index) => (
            <tr key={index}>
              <th scope="row">{fault.line ? number(fault.line) : '–'}</th>
              <td className={text.mono}>{fault.column ?? '–'}</td>
              <td className={text.mono}>{fault.found ?? '–'}</td>
              <td>{fault.expected ?? '–'}</td>
              <td>{fault.text}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}
