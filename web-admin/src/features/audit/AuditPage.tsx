import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Fragment } from 'react'
import type { Api, AuditRow } from '../../api/types'
import { date, day, dayTitle, exactly, seconds, shortName } from '../../lib/format'
import { eventText, t, word, words } from '../../lib/i18n'
import { heldNext, nextLink, withoutEmpty, type Held } from '../../lib/paths'
import { useTitle } from '../../lib/title'
import { Button, buttonClass } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Around, Blank, View } from '../../ui/States'
import { withReferences } from '../../ui/Reference'
import { Icon, Status, Tag, type Mood } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import style from './Audit.module.css'
import { AuditFilters } from './AuditFilters'
import { EntryPanel } from './EntryPanel'
import { ExportButton } from './ExportButton'
import { audit, useVerify } from './queries'
import type { AuditSearch } from './search'
import { Verification } from './Verification'

const route = getRouteApi('/audit')

function filtered({ cursor: _cursor, entry: _entry, ...filters }: AuditSearch): boolean {
  return Object.keys(withoutEmpty(filters)).length > 0
}

export function AuditPage() {
  useTitle(t('nav.audit'))
  const search = route.useSearch()
  const navigate = useNavigate()
  const query = useQuery(audit(search))
  const verify = useVerify()

  function change(more: Partial<AuditSearch>) {
    void navigate({ to: '/audit', search: { ...search, ...more }, replace: true, resetScroll: false })
  }
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.audit')}</h1>
        {/* What cannot be read can be neither checked nor taken away. */}
        <Around query={query}>
          {query.data && (
            <Status mood="info">
              <span className={text.muted}>{t('audit.watched')}</span>
            </Status>
          )}
          <div className={layout.row}>
            <Button icon="seal" blocked={undefined} busy={verify.isPending} onPress={() => verify.mutate(undefined, { onError: (error) => say('failure', problemText(error)) })}>
              {t('audit.verifyAll')}
            </Button>
            <ExportButton search={search} total={query.data?.total} blocked={query.data ? undefined : t(query.error ? 'audit.unread' : 'state.loading')} />
          </div>
        </Around>
      </div>
      {verify.data && <Verification verified={verify.data} />}
      <Around query={query}>
        <AuditFilters search={search} rows={query.data?.items ?? []} total={query.data?.total} waiting={query.data?.waiting_seal ?? 0} searchedFrom={query.data?.searched_from} change={change} />
      </Around>
      <div className={`${layout.split} ${search.entry ? '' : layout.alone}`}>
        <div>
        <View query={query} unread={t('audit.unread')} waits={t('audit.staleWhy')} rows={12}>
          {(page) =>
            page.items.length ? (
              <Log page={heldNext(page, query)} search={search} />
            ) : (
              <Blank
                boxed
                title={t(filtered(search) ? 'audit.empty' : 'audit.none')}
                acts={
                  filtered(search) && (
                    <Link to="/audit" className={buttonClass()}>
                      {t('filter.clear')}
                    </Link>
                  )
                }
              />
            )
          }
        </View>
        </div>
        <Around query={query}>{search.entry && <EntryPanel key={search.entry} index={search.entry} onClose={() => change({ entry: undefined })} />}</Around>
      </div>
    </>
  )
}

function Log({ page, search }: { page: Held<Api['AuditPage']>; search: AuditSearch }) {
  return (
    <div className={card.card}>
      <Table
        opens
        caption={t('audit.caption')}
        className={style.log}
        widths={[6.5, null, 11, 7, 7.25]}
        head={
          <tr>
            <th scope="col" aria-sort="descending">
              {t('audit.time')}
            </th>
            <th scope="col">{t('audit.event')}</th>
            <th scope="col">{t('audit.who')}</th>
            <th scope="col">{t('audit.where')}</th>
            <th scope="col">{t('audit.outcome')}</th>
          </tr>
        }
      >
        <tbody>
          {page.items.map((row, at) => {
            const before = page.items[at - 1]
            const title = dayTitle(row.at)
            return (
              <Fragment key={row.seq}>
                {!(before && dayTitle(before.at) === title) && (
                  <tr className={table.group}>
                    <th colSpan={5} scope="colgroup">
                      {title}
                    </th>
                  </tr>
                )}
                <Line row={row} search={search} />
              </Fragment>
            )
          })}
        </tbody>
      </Table>
      <div className={table.foot}>
        <span className={text.muted}>{t('audit.total', { count: page.total })}</span>
        {search.cursor && (
          <Link to="/audit" search={{ ...search, cursor: undefined }} className={`${buttonClass({ small: true })} ${layout.end}`}>
            {t('page.first')}
          </Link>
        )}
        {(page.next_cursor ?? search.cursor) && (
          <Link to="/audit" search={{ ...search, cursor: page.next_cursor ?? undefined }} {...nextLink(page)} className={`${buttonClass({ small: true })} ${search.cursor ? '' : layout.end}`}>
            {t('page.next')}
            <Icon name="right" />
          </Link>
        )}
      </div>
    </div>
  )
}

const moods: Record<Api['Outcome'], Mood> = { accepted: 'ok', refused: 'failure', read: 'ok' }

const bareId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The application, the source or the kind of means that the event is about, by its name. */
function aboutOf({ params }: AuditRow): string | undefined {
  const name = params?.['client'] ?? params?.['source']
  if (name) return bareId.test(name) ? undefined : name
  const kind = params?.['kind']
  return kind && words(`meansKind.${kind}`)
}

/** Which of two who share a name. */
function Twin({ person }: { person: Api['PersonRef'] }) {
  if (!person.birth_date) return null
  return (
    <span className={`${text.meta} ${style.second}`}>
      <Icon name="twins" />
      {t('people.homonym', { date: day(person.birth_date) })}
    </span>
  )
}

function Line({ row, search }: { row: AuditRow; search: AuditSearch }) {
  const sealed = row.index !== null && row.index !== undefined
  const entry = sealed ? String(row.index) : undefined
  const about = aboutOf(row)
  const sentence = row.reference ? t('audit.withReference', { event: eventText(row.event, row.params ?? {}), reference: row.reference }) : eventText(row.event, row.params ?? {})
  return (
    <tr className={entry && entry === search.entry ? table.on : undefined}>
      <td className={text.nowrap}>
        <Icon name={sealed ? 'seal' : 'clock'} quiet /> {sealed && <span className={text.hidden}>{t('audit.sealed')} </span>}
        <time dateTime={row.at} title={date(row.at)}>
          {seconds(row.at)}
        </time>
      </td>
      <th scope="row">
        {entry ? (
          <Link to="/audit" search={{ ...search, entry }} resetScroll={false} className={table.link}>
            {withReferences(sentence)}
          </Link>
        ) : (
          withReferences(sentence)
        )}
        {!sealed && <span className={`${text.meta} ${style.second}`}>{t('audit.unsealed')}</span>}
        {about && about !== row.where && <span className={`${text.meta} ${style.second}`}>{about}</span>}
        {row.subject && row.subject.id !== row.actor_person?.id && (
          <>
            <span className={`${text.meta} ${style.second}`}>{shortName(row.subject)}</span>
            <Twin person={row.subject} />
          </>
        )}
        {row.received_at && <span className={`${text.meta} ${style.second}`}>{t('audit.late', { at: exactly(row.received_at, new Date(row.at)) })}</span>}
      </th>
      <td>
        {row.actor_person ? shortName(row.actor_person) : (row.actor ?? '–')}
        {row.actor_person && <Twin person={row.actor_person} />}
      </td>
      <td>{row.where ?? '–'}</td>
      <td>{row.outcome === 'refused' ? <Tag mood="failure" inline>{word('outcome', row.outcome)}</Tag> : <Status mood={moods[row.outcome]}>{word('outcome', row.outcome)}</Status>}</td>
    </tr>
  )
}

