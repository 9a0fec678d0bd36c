import { Link } from '@tanstack/react-router'
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { useMay } from '../../api/me'
import type { Api, Candidate, CaseView } from '../../api/types'
import { day, personName, waiting } from '../../lib/format'
import { t, word, words } from '../../lib/i18n'
import { preference } from '../../lib/preferences'
import { Button } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Icon, Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import style from './Cases.module.css'
import { Compare } from './Compare'
import { LinkDialog } from './LinkDialog'
import { useDecide, useUndo } from './queries'
import { caseTitle } from './words'

interface Props {
  one: CaseView
  rank: number
  total: number
  onBefore: (() => void) | undefined
  onAfter: (() => void) | undefined
  onDecided: (next: string | undefined) => void
}

/** Which decisions a kind of case knows, in the order of their keys 1, 2, 3. */
const decisions: Record<CaseView['kind'], Api['Decision'][]> = {
  national_identity: ['none_fits', 'ask_hr', 'wait_card'],
  account: ['none_fits', 'ask_hr'],
  duplicate: ['different_people', 'ask_hr'],
  // A value is corrected where it is owned; the next reading brings it here.
  conflict: ['none_fits', 'ask_hr'],
}

export function CaseCard(props: Props) {
  const { one, onBefore, onAfter, onDecided } = props
  const may = useMay('decide_cases')
  const [linking, setLinking] = useState<Candidate>()
  const decide = useDecide(one)
  const undo = useUndo(one.id)
  const heading = useId()
  const section = useRef<HTMLElement>(null)
  const open = one.state === 'open'

  // The keys work only with the focus inside the case: it takes it on arrival.
  useEffect(() => section.current?.focus({ preventScroll: true }), [one.id])

  function take(decision: Api['Decision']) {
    if (!may || !open || decide.isPending) return
    decide.mutate({ decision }, {
      onSuccess: (result) => {
        say('ok', word('decided', decision), result.undo_until ? () => undo.mutate(undefined) : undefined)
        onDecided(result.next_case_id ?? undefined)
      },
    })
  }
  function onKey(event: KeyboardEvent) {
    if (linking || event.ctrlKey || event.altKey || event.metaKey || preference('keys') === 'off') return
    const key = event.key.toUpperCase()
    const candidate = one.kind === 'conflict' ? undefined : one.candidates.find(({ letter }) => letter === key)
    const decision = /^[1-3]$/.test(key) ? decisions[one.kind][Number(key) - 1] : undefined
    if (candidate && may && open) setLinking(candidate)
    else if (decision) take(decision)
    else if (key === 'J') onBefore?.()
    else if (key === 'K') onAfter?.()
  }
  return (
    <section className={`${card.card} ${style.case}`} aria-labelledby={heading} tabIndex={-1} ref={section} onKeyDown={onKey}>
      <Head {...props} heading={heading} />
      <Warnings one={one} error={decide.error} />
      <Compare one={one} may={may && open} onLink={setLinking} />
      {open && (
        <div className={style.acts}>
          {decisions[one.kind].map((decision, index) => (
            <Button key={decision} blocked={may ? undefined : t('state.noRight')} busy={decide.isPending && decide.variables.decision === decision} onPress={() => take(decision)}>
              <kbd className={text.key}>{index + 1}</kbd>
              {words(`decision.${decision}.${one.kind}`) ?? word('decision', decision)}
            </Button>
          ))}
          {one.kind !== 'conflict' && <p className={`${text.meta} ${layout.end}`}>{t('case.evidenceNeeded')}</p>}
        </div>
      )}
      {linking && <LinkDialog one={one} candidate={linking} onClose={() => setLinking(undefined)} onDecided={onDecided} />}
    </section>
  )
}

function Head({ one, rank, total, heading, onBefore, onAfter }: Props & { heading: string }) {
  const facts = [rank > 0 && t('case.rank', { rank, count: total }), t('case.waits', { time: waiting(one.waiting_since) }), t(one.priority === 'desk' ? 'case.atDesk' : 'case.notAtDesk')]
  return (
    <header className={style.head}>
      <div>
        <h2 id={heading}>{caseTitle(one)}</h2>
        <p className={text.meta}>{facts.filter(Boolean).join(' · ')}</p>
      </div>
      <div className={`${layout.row} ${layout.end}`}>
        <Button small variant="ghost" icon="left" blocked={onBefore ? undefined : t('case.isFirst')} onPress={onBefore}>
          {t('case.before')} <kbd className={text.key}>J</kbd>
        </Button>
        <Button small variant="ghost" blocked={onAfter ? undefined : t('case.isLast')} onPress={onAfter}>
          {t('case.after')} <kbd className={text.key}>K</kbd>
          <Icon name="right" />
        </Button>
      </div>
    </header>
  )
}

function Warnings({ one, error }: { one: CaseView; error: unknown }) {
  if (one.homonyms.length === 0 && !error && one.state === 'open') return null
  return (
    <div className={`${style.warning} ${layout.small}`}>
      {one.state !== 'open' && (
        <Note mood="info" role="status">
          <b>{word('caseState', one.state)}</b> {one.decided_by && t('case.decidedBy', { name: one.decided_by })}
        </Note>
      )}
      {error ? (
        <Note mood="failure" role="alert">
          {problemText(error)}
        </Note>
      ) : null}
      {one.homonyms.map(({ person, function: trade }) => (
        <Note key={person.id} mood="doubt" icon="twins">
          <b>{t('case.homonym')}</b>{' '}
          <Link to="/people/$id" params={{ id: person.id }}>
            {[personName(person), trade?.toLowerCase(), person.birth_date && day(person.birth_date)].filter(Boolean).join(', ')}
          </Link>
          . {t('case.neverByName')}
        </Note>
      ))}
    </div>
  )
}
