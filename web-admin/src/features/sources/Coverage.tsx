import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { number, share, time } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Bars, FEW } from '../../ui/Bars'
import { buttonClass, Download } from '../../ui/Button'
import { Card } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { Blank, View } from '../../ui/States'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { coverage, indicators, indicatorsFile } from './register'
import style from './Sources.module.css'

/** How far the house is linked: from all staff to those whose number is verified, where it lags, and how old the questions are. */
export function Coverage() {
  const may = useMay('read_people')
  const linked = useQuery({ ...coverage, enabled: may })
  const figures = useQuery({ ...indicators, enabled: may })
  if (!may) return null
  return (
    <>
      <View query={figures} unread={t('coverage.unread')} rows={2}>
        {(data) => <Indicators data={data} at={figures.dataUpdatedAt} />}
      </View>
      <View query={linked} unread={t('coverage.unread')} rows={6}>
        {(data) => <Linked data={data} />}
      </View>
    </>
  )
}

function Indicators({ data, at }: { data: Api['Indicators']; at: number }) {
  return (
    <Card title={t('coverage.indicators')} aside={t('coverage.asOf', { time: time(at) })} acts={<Download href={indicatorsFile}>{t('action.exportCsv')}</Download>}>
      <dl className={style.indicators}>
        {data.items.map(({ id, reached, of }) => (
          <div key={id}>
            <dt>
              {word('indicator', id)} <span className={text.meta}>{id}</span>
            </dt>
            <dd>
              <b>{of === 0 ? t('coverage.unmeasured') : of < FEW ? t('bars.few') : share(reached, of)}</b>
              <span className={text.muted}>{of > 0 ? t('coverage.of', { reached, of }) : word('indicatorNone', id)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

function Linked({ data }: { data: Api['Coverage'] }) {
  if (data.concerned === 0) return <Blank boxed title={t('coverage.nobody')}>{t('coverage.nobodyHelp')}</Blank>
  return (
    <div className={layout.columns}>
      <div className={`${layout.five} ${layout.stack}`}>
        <Funnel data={data} />
        <Waiting ages={data.waiting} />
      </div>
      <div className={`${layout.seven} ${layout.stack}`}>
        <Groups title={t('coverage.byProfession')} group={t('coverage.profession')} groups={data.by_profession} />
        <Groups title={t('coverage.byUnit')} group={t('filter.unit')} groups={data.by_unit} />
      </div>
    </div>
  )
}

function Funnel({ data }: { data: Api['Coverage'] }) {
  const linked = data.linked.reduce((sum, { count }) => sum + count, 0)
  const lines: [name: string, count: number, of: number, level: number][] = [
    [t('coverage.staff'), data.staff, 0, 0],
    [t('coverage.concerned'), data.concerned, 0, 0],
    [t('coverage.declared'), data.declared, data.concerned, 1],
    [t('coverage.linked'), linked, data.concerned, 0],
    ...data.linked.map(({ channel, count }): [string, number, number, number] => [word('channel', channel), count, data.concerned, 1]),
    [t('coverage.toDecide'), data.to_decide, data.concerned, 0],
    [t('coverage.missing'), data.missing, data.concerned, 0],
  ]
  return (
    <Card title={t('coverage.funnel')} aside={t('coverage.floor')}>
      <Table
        caption={t('coverage.funnel')}
        className={style.funnel}
        head={
          <tr>
            <th scope="col">{t('coverage.step')}</th>
            <th scope="col">{t('coverage.people')}</th>
            <th scope="col">{t('coverage.ofConcerned')}</th>
          </tr>
        }
      >
        <tbody>
          {lines.map(([name, count, of, level]) => (
            <tr key={name} className={level ? style.under : undefined}>
              <th scope="row">{name}</th>
              <td>{number(count)}</td>
              <td className={text.muted}>{of >= FEW ? share(count, of) : ''}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

/** How long the questions wait. */
function Waiting({ ages }: { ages: Api['Age'][] }) {
  const all = ages.reduce((sum, { count }) => sum + count, 0)
  return (
    <Card
      title={t('coverage.waiting')}
      aside={number(all)}
      acts={
        all > 0 && (
          <Link to="/cases" search={{ kind: 'national_identity' }} className={buttonClass({ small: true })}>
            {t('coverage.decide')}
          </Link>
        )
      }
    >
      <Table
        caption={t('coverage.waiting')}
        className={style.funnel}
        head={
          <tr>
            <th scope="col">{t('coverage.since')}</th>
            <th scope="col">{t('coverage.cases')}</th>
          </tr>
        }
      >
        <tbody>
          {ages.map(({ age, count }) => (
            <tr key={age}>
              <th scope="row">{word('age', age)}</th>
              <td>{number(count)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

const SHOWN = 12

/** The least linked first; a long list is a file's business. */
function Groups({ title, group, groups }: { title: string; group: string; groups: Api['IndicatorGroup'][] }) {
  if (groups.length === 0) return null
  const lowest = groups[SHOWN]
  const whole = lowest !== undefined && lowest.reached === lowest.of
  return (
    <Card title={title} aside={t('coverage.worstFirst')}>
      <Bars caption={title} group={group} bars={groups.slice(0, SHOWN).map(({ group: name, reached, of }) => ({ name: name || t('coverage.noUnit'), reached, of }))} />
      {groups.length > SHOWN && <p className={`${style.more} ${text.muted}`}>{t(whole ? 'coverage.othersAll' : 'coverage.others', { count: groups.length - SHOWN })}</p>}
    </Card>
  )
}
