import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import type { Api, Client } from '../../api/types'
import { date, dateTime, seconds, shortDate } from '../../lib/format'
import { currentLanguage, eventText, t } from '../../lib/i18n'
import { heldNext, nextLink, type Held } from '../../lib/paths'
import { buttonClass } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import layout from '../../ui/layout.module.css'
import { Blank, View } from '../../ui/States'
import { Reference } from '../../ui/Reference'
import { Icon } from '../../ui/Status'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './Applications.module.css'
import { refusals } from './queries'
import said from './refusals.json'

const route = getRouteApi('/applications/$id')

type Said = Record<string, { fr: string[]; en: string[] }>

/** What a refusal means, and how to mend it; a cause that is not known here says so, with its code below. */
function meaning(reason: string): [means: string, mend: string] {
  const [means, mend] = (said as Said)[reason]?.[currentLanguage()] ?? []
  return [means ?? t('refusals.unknownCause'), mend ?? t('refusals.unknown')]
}

/** The last refusals of an application, for whoever mends it: nobody is named here. */
export function Refusals({ one }: { one: Client }) {
  const { cursor } = route.useSearch()
  const query = useQuery(refusals(one.client_id, cursor))
  const journal = useMay('read_audit')
  return (
    <div className={layout.small}>
      <div className={layout.row}>
        <span className={text.muted}>{query.data ? t('refusals.since', { date: date(query.data.since) }) : t('refusals.help')}</span>
        {journal && (
          <span className={layout.end}>
            <Link to="/audit" search={{ client: one.client_id }} className={buttonClass()}>
              <Icon name="journal" />
              {t('refusals.journal')}
            </Link>
          </span>
        )}
      </div>
      <View query={query} unread={t('refusals.unread')} rows={6}>
        {(page) =>
          page.items.length ? (
            <List one={one} page={heldNext(page, query)} journal={journal} />
          ) : (
            <Blank boxed title={t('refusals.empty')}>
              {t('refusals.emptyHelp')}
            </Blank>
          )
        }
      </View>
    </div>
  )
}

function List({ one, page, journal }: { one: Client; page: Held<Api['ClientRefusalPage']>; journal: boolean }) {
  const search = route.useSearch()
  return (
    <div className={card.card}>
      <Table
        caption={t('refusals.caption')}
        className={style.refusals}
        widths={[8, null, null, 7]}
        head={
          <tr>
            <th scope="col" aria-sort="descending">{t('audit.time')}</th>
            <th scope="col">{t('refusals.means')}</th>
            <th scope="col">{t('refusals.mend')}</th>
            <th scope="col">{t('state.reference')}</th>
          </tr>
        }
      >
        <tbody>
          {page.items.map((refusal) => (
            <Line key={refusal.seq} refusal={refusal} journal={journal} />
          ))}
        </tbody>
      </Table>
      {(search.cursor || page.next_cursor) && (
        <div className={table.foot}>
          {search.cursor && (
            <Link to="/applications/$id" params={{ id: one.client_id }} search={{ ...search, cursor: undefined }} className={`${buttonClass({ small: true })} ${layout.end}`}>
              {t('page.first')}
            </Link>
          )}
          <Link
            to="/applications/$id"
            params={{ id: one.client_id }}
            search={{ ...search, cursor: page.next_cursor ?? undefined }}
            {...nextLink(page)}
            className={`${buttonClass({ small: true })} ${search.cursor ? '' : layout.end}`}
          >
            {t('page.next')}
            <Icon name="right" />
          </Link>
        </div>
      )}
    </div>
  )
}

function Line({ refusal, journal }: { refusal: Api['ClientRefusal']; journal: boolean }) {
  const [means, mend] = meaning(refusal.reason)
  return (
    <tr>
      <td className={text.nowrap}>
        <time dateTime={refusal.at} title={dateTime(refusal.at)}>
          {shortDate(refusal.at)} {seconds(refusal.at)}
        </time>
      </td>
      <th scope="row">
        {means}
        <span className={`${text.meta} ${style.under}`}>
          {eventText(refusal.event)} · <span className={text.mono}>{refusal.reason}</span>
        </span>
      </th>
      <td>{mend}</td>
      <td>
        {!refusal.reference && '–'}
        {refusal.reference &&
          (journal ? (
            <Link to="/audit" search={{ reference: refusal.reference }} >
              <Reference>{refusal.reference}</Reference>
            </Link>
          ) : (
            <Reference>{refusal.reference}</Reference>
          ))}
      </td>
    </tr>
  )
}
