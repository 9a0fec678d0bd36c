import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { accords, useAnswer } from '../../api/accords'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { dateTime, until } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import { say } from '../../ui/Toasts'
import { useJudge } from './register'

/** A version that would change too many people here waits beside the one in use. Level 4: two people take or forget it. */
export function Held({ held, changes, current }: { held: Api['RegisterVersion']; changes: Api['HeldChanges'] | null | undefined; current: Api['RegisterVersion'] }) {
  const may = useMay('release_brakes')
  const [asked, setAsked] = useState<'accept' | 'dismiss'>()
  const judge = useJudge()
  // A question that somebody already asked is answered, not asked again; one about another version says nothing of this one.
  const request = useQuery(accords).data?.items.find(({ register_content: content }) => content === held.content)
  const waits = request && t(request.mine ? 'held.askedMine' : 'held.asked', { until: until(request.until) })
  const told = changes && t(changes.missing > 0 ? 'held.changes' : 'held.changesStay', { ...changes })
  const blocked = waits ?? (may ? undefined : t('state.noRight'))
  return (
    <Note mood="warning">
      <p className={layout.tight}>
        <b>{t('held.title', { when: dateTime(held.extracted_at) })}</b> {t('held.why', { lines: held.lines, persons: held.persons, before: current.persons })}
      </p>
      {told && <p className={layout.tight}>{told}</p>}
      {waits && (
        <p className={layout.tight}>
          <b>{waits}.</b> {t(request.mine ? 'held.mine' : 'held.answer')}
        </p>
      )}
      {request && !request.mine && <Answer id={request.id} may={may} />}
      <p className={layout.row}>
        <Button small blocked={blocked} onPress={() => setAsked('accept')}>
          {t('held.accept')}
        </Button>
        <Button small blocked={blocked} onPress={() => setAsked('dismiss')}>
          {t('held.dismiss')}
        </Button>
      </p>
      {asked && (
        <Confirm
          title={t(asked === 'accept' ? 'held.acceptTitle' : 'held.dismissTitle')}
          verb={t('held.ask')}
          busy={judge.isPending}
          fault={judge.error ? problemText(judge.error) : undefined}
          onCancel={() => setAsked(undefined)}
          onConfirm={() => judge.mutate(asked, { onSuccess: ({ until: end }) => { say('info', t('accord.wait', { until: until(end) })); setAsked(undefined) } })}
        >
          {told && <p>{told}</p>}
          <p>{t(asked === 'accept' ? 'held.acceptEffect' : 'held.dismissEffect')}</p>
          <p>{t('accord.second')}</p>
        </Confirm>
      )}
    </Note>
  )
}

/** What a colleague asked about this version is answered beside its figures. */
function Answer({ id, may }: { id: string; may: boolean }) {
  const answer = useAnswer(id)
  const blocked = may ? undefined : t('state.noRight')
  const send = (verdict: 'give' | 'refuse') =>
    answer.mutate(verdict, {
      onSuccess: () => say('ok', t(verdict === 'give' ? 'accord.given' : 'accord.refused')),
      onError: (error) => say('failure', problemText(error)),
    })
  return (
    <p className={`${layout.row} ${layout.tight}`}>
      <Button small blocked={blocked} busy={answer.isPending} onPress={() => send('give')}>
        {t('accord.give')}
      </Button>
      <Button small blocked={blocked} busy={answer.isPending} onPress={() => send('refuse')}>
        {t('accord.refuse')}
      </Button>
    </p>
  )
}
