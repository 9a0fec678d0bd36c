import type { Api } from '../../api/types'
import { number } from '../../lib/format'
import { t, words } from '../../lib/i18n'
import { Card } from '../../ui/Card'
import { Disclosure } from '../../ui/Disclosure'
import layout from '../../ui/layout.module.css'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './Sources.module.css'

const MOST = 100

/** Where the file is wrong: line, column, what was found, what was expected. Folded when the reading went on without them. */
export function Faults({ faults, folded }: { faults: Api['RunFault'][]; folded: boolean }) {
  if (folded) {
    return (
      <Disclosure mood="warning" summary={t('run.faultsFolded', { count: faults.length })} className={layout.below}>
        <Lines faults={faults} />
      </Disclosure>
    )
  }
  return (
    <Card title={t('run.faults')} aside={number(faults.length)} className={layout.below}>
      <Lines faults={faults} />
    </Card>
  )
}

function Lines({ faults }: { faults: Api['RunFault'][] }) {
  return (
    <>
      <Table
        caption={t('run.faults')}
        className={style.faults}
        head={
          <tr>
            <th scope="col">{t('run.line')}</th>
            <th scope="col">{t('mapping.column')}</th>
            <th scope="col">{t('run.found')}</th>
            <th scope="col">{t('run.expected')}</th>
          </tr>
        }
      >
        <tbody>
          {faults.slice(0, MOST).map((fault, index) => (
            <tr key={index}>
              <th scope="row">{fault.line ? number(fault.line) : '–'}</th>
              <td className={text.mono}>{fault.column ?? '–'}</td>
              <td className={text.mono}>{fault.found ?? '–'}</td>
              <td>{words(`expected.${fault.expected ?? ''}`) ?? [fault.expected, fault.text].filter(Boolean).join(' · ')}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      {faults.length > MOST && <p className={`${text.meta} ${style.more}`}>{t('run.moreFaults', { count: faults.length - MOST })}</p>}
    </>
  )
}
