import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, body } from '../../api/client'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { date, dateTime, daysAgo, number } from '../../lib/format'
import { t, word, words } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { Card, Fact, Facts, Padded } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { View } from '../../ui/States'
import { Status, type Mood } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { useKnownMood } from '../../ui/waits'
import { Operators } from './Operators'
import { Dependencies, Jobs } from './Working'
import style from './System.module.css'

const system = queryOptions({ queryKey: ['system'], queryFn: () => body(api.GET('/api/v1/system')) })

const moods: Record<Api['Health'], Mood> = { ok: 'ok', warning: 'warning', failure: 'failure', never: 'off' }

export function SystemPage() {
  useTitle(t('nav.system'))
  const query = useQuery(system)
  const mayAppoint = useMay('manage_operators')
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.system')}</h1>
        {query.data && <p className={text.muted}>{query.data.build ? t('system.versionBuild', { version: query.data.version, build: query.data.build }) : t('system.version', { version: query.data.version })}</p>}
      </div>
      <View query={query} unread={t('system.unread')} rows={10}>
        {(data) => (
          <div className={layout.columns}>
            <div className={`${layout.seven} ${layout.stack}`}>
              <Nodes data={data} />
              <Dependencies />
              <Certificates items={data.certificates} />
              <Keys items={data.keys} />
            </div>
            <div className={`${layout.five} ${layout.stack}`}>
              <Database one={data.database} />
              <Listeners items={data.listeners} />
              {data.roles && data.roles.length > 0 && <Roles items={data.roles} />}
            </div>
            {mayAppoint && (
              <div className={layout.twelve}>
                <Operators />
              </div>
            )}
            <div className={layout.twelve}>
              <Jobs />
            </div>
            <div className={layout.twelve}>
              <Settings data={data} />
            </div>
          </div>
        )}
      </View>
    </>
  )
}

/** A table of plain cells: the first one names the line. */
function Lines({ caption, columns, rows, className }: { caption: string; columns: string[]; rows: { key: string; cells: ReactNode[] }[]; className?: string | undefined }) {
  return (
    <Table
      caption={caption}
      className={className ?? style.wide}
      head={
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      }
    >
      <tbody>
        {rows.map(({ key, cells: [first, ...others] }) => (
          <tr key={key}>
            <th scope="row">{first}</th>
            {others.map((cell, index) => (
              <td key={index}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

function Nodes({ data }: { data: Api['System'] }) {
  const mood = useKnownMood('ok')
  return (
    <Card title={t('system.nodes')} aside={number(data.nodes.length)}>
      <Lines
        caption={t('system.nodes')}
        columns={[t('people.name'), t('system.since'), t('system.memory'), t('system.role')]}
        rows={data.nodes.map((node) => ({ key: node.name, cells: [<Status key="name" mood={mood}>{node.name} <span className={text.meta}>{t('health.ok')}</span></Status>, dateTime(node.since), node.rss_mb ? t('system.mb', { count: node.rss_mb }) : '–', t(node.leader ? 'system.leader' : 'system.follower')] }))}
      />
    </Card>
  )
}

function Certificates({ items }: { items: Api['Certificate'][] }) {
  return (
    <Card title={t('system.certificates')} aside={number(items.length)}>
      {items.length === 0 ? (
        <Padded>{t('system.noCertificate')}</Padded>
      ) : (
        <Lines
          caption={t('system.certificates')}
          columns={[t('system.listener'), t('system.subject'), t('system.issuer'), t('system.until')]}
          rows={items.map((one) => ({ key: one.name, cells: [words(`listener.${one.name}`) ?? one.name, one.subject, one.issuer, <Status key="until" mood={moods[one.health]}>{t('system.untilDays', { date: date(one.not_after), count: one.days_left })}</Status>] }))}
        />
      )}
    </Card>
  )
}

function Keys({ items }: { items: Api['KeyView'][] }) {
  return (
    <Card title={t('system.keys')} aside={number(items.length)}>
      <Lines
        caption={t('system.keys')}
        columns={[t('system.key'), t('system.use'), t('system.algorithm'), t('system.created'), t('system.rotation')]}
        rows={items.map((one) => ({
          key: one.id,
          cells: [<span key="id" className={text.mono}>{one.id}</span>, word('keyUse', one.use), one.algorithm, t('system.createdAge', { date: date(one.created_at), count: daysAgo(one.created_at) }), one.next_rotation_at ? date(one.next_rotation_at) : <span key="none" className={text.muted}>{t('system.noRotation')}</span>],
        }))}
      />
    </Card>
  )
}

const engines: Record<string, string> = { sqlite: 'SQLite', postgres: 'PostgreSQL', postgresql: 'PostgreSQL' }

function Database({ one }: { one: Api['DatabaseView'] }) {
  return (
    <Card title={t('system.database')}>
      <Facts>
        <Fact name={t('system.dbKind')}>
          {engines[one.kind] ?? one.kind} {one.version}
        </Fact>
        <Fact name={t('source.where')}>
          <span className={text.mono}>{one.location}</span>
        </Fact>
        {one.size_bytes ? <Fact name={t('system.size')}>{t('system.mb', { count: Math.round(one.size_bytes / 1_000_000) })}</Fact> : null}
        {one.schema && (
          <Fact name={t('system.schema')}>
            <span className={text.mono}>{one.schema}</span>
          </Fact>
        )}
        <Fact name={t('system.backup')}>{one.last_backup_verified_at ? dateTime(one.last_backup_verified_at) : <Status mood="warning">{t('people.never')}</Status>}</Fact>
      </Facts>
    </Card>
  )
}

function Listeners({ items }: { items: Api['Listener'][] }) {
  const open = useKnownMood('ok')
  return (
    <Card title={t('system.listeners')}>
      <Facts>
        {items.map((one) => (
          <Fact key={one.name} name={words(`listener.${one.name}`) ?? one.name}>
            <span className={style.wrap}>
              <Status mood={one.enabled ? open : 'off'}>
                <span className={text.mono}>{one.address}</span>
              </Status>
            </span>{' '}
            <span className={text.meta}>
              {t(one.enabled ? 'system.open' : 'system.shut')}, {/^\d/.test(one.tls) ? `TLS ${one.tls}` : t('system.noTls')}
            </span>
          </Fact>
        ))}
      </Facts>
    </Card>
  )
}

function Roles({ items }: { items: Api['RoleHolders'][] }) {
  return (
    <Card title={t('system.roles')}>
      <Facts>
        {items.map((one) => (
          <Fact key={one.role} name={word('role', one.role)}>
            {one.holders.join(', ') || '–'}
          </Fact>
        ))}
      </Facts>
    </Card>
  )
}

/** A mirror of hygie.toml: read here, changed in the file. */
function Settings({ data }: { data: Api['System'] }) {
  return (
    <Card title={t('system.settings')} aside={<span className={text.mono}>{data.settings_path}</span>}>
      <Lines
        caption={t('system.settings')}
        className={style.settings}
        columns={[t('system.section'), t('system.key'), t('token.value'), t('run.line')]}
        rows={data.settings.map((one) => ({
          key: `${one.section}.${one.key}`,
          cells: [<span key="section" className={text.mono}>{one.section}</span>, <span key="key" className={text.mono}>{one.key}</span>, <span key="value" className={text.mono}>{one.value}</span>, one.default ? <span key="default" className={text.muted}>{t('system.default')}</span> : (one.line ?? '–')],
        }))}
      />
    </Card>
  )
}
