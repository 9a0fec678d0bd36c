import { Link, useNavigate } from '@tanstack/react-router'
import { useContext } from 'react'
import { useMay } from '../../api/me'
import { usePreview } from '../../api/preview'
import type { Api } from '../../api/types'
import { ago, date, on, since } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import { problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Status, type Mood } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { Waits } from '../../ui/waits'
import style from './Home.module.css'

type One = Api['SourceHealth']

const moods: Record<Api['Health'], Mood> = { ok: 'ok', warning: 'warning', failure: 'failure', never: 'off' }

function read(one: One): string {
  if (one.unreachable_since) return t('health.unreachable', { time: since(one.unreachable_since) })
  if (one.age_days !== null && one.age_days !== undefined) return t(one.limit_days && one.age_days > one.limit_days ? 'health.ageOver' : 'health.age', { count: one.age_days, limit: one.limit_days ?? 0 })
  return one.last_good_at ? t(one.kind === 'pro_sante_connect' ? 'health.reached' : 'health.read', { when: ago(one.last_good_at) }) : t('health.never')
}

function volume(one: One): string | undefined {
  if (one.unreachable_since && one.next_at) return t('health.next', { at: on(one.next_at) })
  if (!one.lines) return one.kind === 'register' && one.last_good_at ? t('health.extracted', { date: date(one.last_good_at) }) : undefined
  const count = t(one.kind === 'active_directory' || one.kind === 'ad_ldif' ? 'health.accounts' : 'health.lines', { count: one.lines })
  return one.usual_volume === null || one.usual_volume === undefined ? count : `${count}, ${t(one.usual_volume ? 'health.usual' : 'health.unusual')}`
}

export function SourcesHealth({ sources }: { sources: One[] }) {
  const waits = useContext(Waits)
  return (
    <Card title={t('home.health')} className={layout.five}>
      {sources.length === 0 ? (
        <Padded>{t('health.none')}</Padded>
      ) : (
        <Table
          opens
          caption={t('home.healthCaption')}
          className={`${table.tall} ${style.health}`}
          hiddenHead
          head={
            <tr>
              <th scope="col">{t('person.source')}</th>
              <th scope="col">{t('health.lastRead')}</th>
              <th scope="col">{t('page.acts')}</th>
            </tr>
          }
        >
          <tbody>
            {sources.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  <Status mood={waits ? 'off' : moods[one.health]}>
                    {one.id && one.kind !== 'register' ? (
                      <Link to="/sources/$id" params={{ id: one.id }} className={table.link}>
                        <b>{one.name}</b>
                      </Link>
                    ) : one.kind === 'register' ? (
                      <Link to="/register" className={table.link}>
                        <b>{one.name}</b>
                      </Link>
                    ) : (
                      <b>{one.name}</b>
                    )}
                    <span className={text.hidden}> : {word('health', one.health)}</span>
                  </Status>
                </th>
                <td colSpan={canPreview(one) ? 1 : 2}>
                  {read(one)}
                  <br />
                  <span className={text.meta}>{volume(one)}</span>
                </td>
                {canPreview(one) && (
                  <td className={table.right}>
                    <Preview id={one.id} name={one.name} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}


function canPreview(one: One): one is One & { id: string } {
  return one.kind === 'hr_csv' && Boolean(one.id)
}

/** What reading HR now would change, shown before anything is done. */
function Preview({ id, name }: { id: string; name: string }) {
  const may = useMay('run_sources')
  const preview = usePreview()
  const navigate = useNavigate()
  if (!may) return null
  return (
    <Button
      small
      blocked={undefined}
      busy={preview.isPending}
      label={`${t('run.preview')} ${name}`}
      onPress={() => preview.mutate(id, { onSuccess: ({ run_id }) => void navigate({ to: '/runs/$id', params: { id: run_id } }), onError: (error) => say('failure', problemText(error)) })}
    >
      {t('run.preview')}
    </Button>
  )
}
