import { t } from '../lib/i18n'
import { differences, type Line } from '../lib/versions'
import { Note } from './Status'
import { Table } from './Table'
import text from './text.module.css'

/** Somebody else changed the record meanwhile: both readings side by side, what differs only. */
export function Versions({ before, after }: { before: Line[]; after: Line[] }) {
  const found = differences(before, after)
  return (
    <div role="alert">
      <Note mood="warning">
        <b>{t('versions.moved')}</b> {t(found.length ? 'versions.compare' : 'versions.same')}
      </Note>
      {found.length > 0 && (
        <Table
          caption={t('versions.caption')}
          head={
            <tr>
              <th scope="col">{t('why.field')}</th>
              <th scope="col">{t('versions.before')}</th>
              <th scope="col">{t('versions.after')}</th>
            </tr>
          }
        >
          <tbody>
            {found.map((one) => (
              <tr key={one.key}>
                <th scope="row" className={text.nowrap}>
                  {one.name}
                </th>
                <td className={text.muted}>{one.before ?? t('versions.none')}</td>
                <td>
                  <b>{one.after ?? t('versions.none')}</b>
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </div>
  )
}
