import { number, share } from '../lib/format'
import { t } from '../lib/i18n'
import style from './Bars.module.css'
import { Progress } from './Progress'
import { Table } from './Table'
import text from './text.module.css'

export interface Bar {
  name: string
  reached: number
  of: number
}

/** Under this, a percentage would speak of persons: counts alone. */
export const FEW = 5

/** A part of a whole by group, zero-based; the figures stand beside each bar, so the drawing adds nothing that is not written. */
export function Bars({ caption, group, bars }: { caption: string; group: string; bars: Bar[] }) {
  return (
    <Table
      caption={caption}
      className={style.bars}
      head={
        <tr>
          <th scope="col">{group}</th>
          <th scope="col">
            <span className={text.hidden}>{t('bars.drawing')}</span>
          </th>
          <th scope="col">{t('bars.count')}</th>
          <th scope="col">{t('bars.share')}</th>
        </tr>
      }
    >
      <tbody>
        {bars.map(({ name, reached, of }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className={style.drawing}>
              {of >= FEW && <Progress value={reached} limit={of} look="running" />}
            </td>
            <td className={style.figure}>
              {number(reached)} / {number(of)}
            </td>
            <td className={style.figure}>{of < FEW ? <span className={text.muted}>{t('bars.few')}</span> : share(reached, of)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
