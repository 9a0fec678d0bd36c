import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button as Pressable } from 'react-aria-components'
import { accords, useAnswer } from '../api/accords'
import type { Api } from '../api/types'
import { day, number, on, until } from '../lib/format'
import { t, word } from '../lib/i18n'
import { Button, buttonClass } from '../ui/Button'
import { problemText } from '../ui/Fault'
import layout from '../ui/layout.module.css'
import { Sign } from '../ui/Status'
import { say } from '../ui/Toasts'
import { Tray } from '../ui/Tray'
import text from '../ui/text.module.css'
import style from './Shell.module.css'

/** What two people must agree on, asked by a colleague or by oneself: absent when nothing waits. */
export function Accords() {
  const { items = [], total = 0 } = useQuery(accords).data ?? {}
  if (items.length === 0) return null
  return (
    <Tray
      label={t('accord.title')}
      className={style.jobs}
      button={
        <Pressable className={buttonClass({ variant: 'ghost' })}>
          <Sign mood="warning" />
          <span className={style.jobsWord}>{t('accord.count', { count: total })}</span>
          <b className={style.narrow} aria-hidden="true">
            {number(total)}
          </b>
        </Pressable>
      }
    >
      <h2>{t('accord.title')}</h2>
      <ul>
        {items.map((one) => (
          <OneAccord key={one.id} one={one} />
        ))}
      </ul>
      {total > items.length && <p className={text.meta}>{t('accord.more', { count: total - items.length })}</p>}
    </Tray>
  )
}

/** Whose a number is, an account, or a record: three acts to the reader. */
function act(one: Api['Accord']): string {
  return one.case_kind === 'account' || one.case_kind === 'duplicate' ? `link_${one.case_kind}` : one.act
}

function OneAccord({ one }: { one: Api['Accord'] }) {
  const answer = useAnswer(one.id)
  const send = (verdict: 'give' | 'refuse') =>
    answer.mutate(verdict, {
      onSuccess: () => say('ok', t(verdict === 'give' ? 'accord.given' : one.mine ? 'accord.withdrawn' : 'accord.refused')),
      onError: (error) => say('failure', problemText(error)),
    })
  const what = one.act === 'link_identity' && !one.person_name ? t('accord.linkNobody') : word('accord.act', act(one), { subject: /^\d{4}-\d{2}-\d{2}$/.test(one.subject) ? day(one.subject) : one.subject, name: one.person_name ?? '–' })
  return (
    <li>
      <p>
        <b>{what}</b>
      </p>
      <p className={text.meta}>{t(one.mine ? 'accord.mine' : 'accord.asked', { by: one.asked_by ?? '–', at: on(one.asked_at), until: until(one.until) })}</p>
      {!one.mine && !one.case_id && <p className={text.meta}>{t('confirm.key')}</p>}
      <p className={layout.row}>
        {/* Nobody agrees to a link without the columns in front of her. */}
        {one.case_id && (
          <Link to="/cases" search={{ case: one.case_id }} className={buttonClass({ small: true })}>
            {t('accord.openCase')}
          </Link>
        )}
        {one.act === 'accept_register' && (
          <Link to="/register" className={buttonClass({ small: true })}>
            {t('accord.seeVersion')}
          </Link>
        )}
        {!one.mine && !one.case_id && (
          <Button small label={t('accord.giveName', { what })} blocked={undefined} busy={answer.isPending} onPress={() => send('give')}>
            {t('accord.give')}
          </Button>
        )}
        <Button small label={t(one.mine ? 'accord.withdrawName' : 'accord.refuseName', { what })} blocked={undefined} busy={answer.isPending} onPress={() => send('refuse')}>
          {t(one.mine ? 'accord.withdraw' : 'accord.refuse')}
        </Button>
      </p>
    </li>
  )
}
