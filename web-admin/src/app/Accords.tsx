import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button as Pressable } from 'react-aria-components'
import { api, body, once } from '../api/client'
import type { Api } from '../api/types'
import { time } from '../lib/format'
import { t, word } from '../lib/i18n'
import { Button, buttonClass } from '../ui/Button'
import { problemText } from '../ui/Fault'
import layout from '../ui/layout.module.css'
import { Sign } from '../ui/Status'
import { say } from '../ui/Toasts'
import { Tray } from '../ui/Tray'
import text from '../ui/text.module.css'
import style from './Shell.module.css'

const accords = { queryKey: ['accords'], queryFn: () => body(api.GET('/api/v1/accords')), refetchInterval: 30_000 }

/** What two people must agree on, asked by a colleague or by oneself: absent when nothing waits. */
export function Accords() {
  const items = useQuery(accords).data?.items ?? []
  if (items.length === 0) return null
  return (
    <Tray
      label={t('accord.title')}
      className={style.jobs}
      button={
        <Pressable className={buttonClass({ variant: 'ghost' })}>
          <Sign mood="warning" />
          <span className={style.jobsWord}>{t('accord.count', { count: items.length })}</span>
        </Pressable>
      }
    >
      <h2>{t('accord.title')}</h2>
      <ul>
        {items.map((one) => (
          <OneAccord key={one.id} one={one} />
        ))}
      </ul>
    </Tray>
  )
}

function OneAccord({ one }: { one: Api['Accord'] }) {
  const client = useQueryClient()
  const answer = useMutation({
    mutationFn: (verdict: 'give' | 'refuse') => api.POST(`/api/v1/accords/{id}/${verdict}`, { params: { path: { id: one.id }, header: once() } }),
    onSuccess: (_, verdict) => say('ok', t(verdict === 'give' ? 'accord.given' : one.mine ? 'accord.withdrawn' : 'accord.refused')),
    onError: (error) => say('failure', problemText(error)),
    // What was agreed may have changed any page.
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <li>
      <p>
        <b>{word('accord.act', one.act, { subject: one.subject })}</b>
      </p>
      <p className={text.meta}>{t(one.mine ? 'accord.mine' : 'accord.asked', { by: one.asked_by ?? '–', at: time(one.asked_at), until: time(one.until) })}</p>
      <p className={layout.row}>
        {!one.mine && (
          <Button small busy={answer.isPending} onPress={() => answer.mutate('give')}>
            {t('accord.give')}
          </Button>
        )}
        <Button small busy={answer.isPending} onPress={() => answer.mutate('refuse')}>
          {t(one.mine ? 'accord.withdraw' : 'accord.refuse')}
        </Button>
      </p>
    </li>
  )
}
