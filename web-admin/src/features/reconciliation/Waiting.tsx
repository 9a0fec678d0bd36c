import { useAnswer } from '../../api/accords'
import type { Api } from '../../api/types'
import { on } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import { say } from '../../ui/Toasts'
import text from '../../ui/text.module.css'
import style from './Cases.module.css'

/** A candidate that one person chose: nothing is linked before another agrees, who reads the same columns first. */
export function Waiting({ accord, may }: { accord: Api['CaseAccord']; may: boolean }) {
  const answer = useAnswer(accord.id)
  const said = { give: t('accord.given'), refuse: t(accord.mine ? 'accord.withdrawn' : 'accord.refused') }
  const send = (verdict: 'give' | 'refuse') => answer.mutate(verdict, { onSuccess: () => say('ok', said[verdict]) })
  const blocked = may ? undefined : t('state.noRight')
  return (
    <div className={`${style.warning} ${layout.small}`}>
      <Note mood="warning" role="status">
        <b>{!accord.candidate ? t('case.choseGone') : accord.mine ? t('case.youChose', { letter: accord.candidate }) : t('case.chose', { by: accord.asked_by ?? '–', letter: accord.candidate })}</b> {t('case.onProof', { evidence: word('evidence', accord.evidence).toLowerCase() })} {t('case.waitsSecond', { at: on(accord.until) })}
      </Note>
      {!accord.mine && accord.candidate && <p className={text.muted}>{t('confirm.key')}</p>}
      <div className={layout.row}>
        {!accord.mine && accord.candidate && (
          <Button small blocked={blocked} busy={answer.isPending} onPress={() => send('give')}>
            {t('case.acceptCandidate', { letter: accord.candidate })}
          </Button>
        )}
        <Button small blocked={blocked} busy={answer.isPending} onPress={() => send('refuse')}>
          {accord.mine ? t('accord.withdraw') : accord.candidate ? t('case.refuseCandidate', { letter: accord.candidate }) : t('accord.refuse')}
        </Button>
        {answer.error ? <span role="alert">{problemText(answer.error)}</span> : null}
      </div>
    </div>
  )
}
