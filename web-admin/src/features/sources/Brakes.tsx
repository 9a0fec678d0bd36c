import type { Api } from '../../api/types'
import { number, share } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import layout from '../../ui/layout.module.css'
import { Progress } from '../../ui/Progress'
import { Status } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './Sources.module.css'

type Brake = Api['Brake']

/** Gauges: a brake passed is amber, nothing has failed. */
export function Brakes({ brakes }: { brakes: Brake[] }) {
  if (brakes.length === 0) return null
  return (
    <section aria-label={t('run.brakes')} className={layout.below}>
      <h2 className={text.hidden}>{t('run.brakes')}</h2>
      <div className={style.brakes}>
        {brakes.map((brake, rank) => (
          <OneBrake key={`${brake.kind}-${rank}`} brake={brake} name={nameOf(brake, brakes.slice(0, rank))} />
        ))}
      </div>
    </section>
  )
}

/** A brake all of whose count is in one place watches that unit; the second one on closings, those whom the file no longer names. */
function nameOf({ kind, where, where_value: there, value }: Brake, before: Brake[]): string {
  const name = word('brakeName', kind)
  if (where && there === value) return t('run.brakeInUnit', { name, where })
  return before.some((one) => one.kind === kind) ? t('run.brakeAbsent') : name
}

function OneBrake({ brake, name }: { brake: Brake; name: string }) {
  const where = brake.where && brake.where_value !== null && brake.where_value !== undefined && brake.where_total ? t('run.brakeWhere', { where: brake.where, value: brake.where_value, total: brake.where_total, share: share(brake.where_value, brake.where_total) }) : ''
  return (
    <div className={brake.over ? style.over : undefined}>
      <p className={style.top}>
        {brake.over ? (
          <Status mood="warning">
            <b>{t('run.brakeOver', { name })}</b>
          </Status>
        ) : (
          name
        )}
        <b className={`${layout.end} ${text.number}`}>
          {number(brake.value)} / {brake.unit === 'percent' ? t('source.percent', { count: brake.limit }) : number(brake.limit)}
        </b>
      </p>
      <Progress value={brake.value} limit={brake.limit} look={brake.over ? 'over' : 'quiet'} />
      {brake.over && <p className={text.meta}>{[where, t('run.secondApproval')].filter(Boolean).join(' ')}</p>}
    </div>
  )
}
