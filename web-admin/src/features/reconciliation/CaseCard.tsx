import { Link } from '@tanstack/react-router'
import { useContext, useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { useMay } from '../../api/me'
import type { Api, Candidate, CaseView } from '../../api/types'
import { day, on, personName, waiting } from '../../lib/format'
import { t, word, words } from '../../lib/i18n'
import { prefer, preference } from '../../lib/preferences'
import { differences } from '../../lib/versions'
import { Button, buttonClass } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { isStale, problemText } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Menu } from '../../ui/Menu'
import { Icon, Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { Waits } from '../../ui/waits'
import { Versions } from '../../ui/Versions'
import { AssignMenu } from './Assign'
import style from './Cases.module.css'
import { Compare } from './Compare'
import { LinkDialog } from './LinkDialog'
import { useDecide, useUndo } from './queries'
import { linesOf } from './versions'
import { Waiting } from './Waiting'
import { caseTitle } from './words'

interface Props {
  one: CaseView
  rank: number
  total: number
  onBefore: (() => void) | undefined
  onAfter: (() => void) | undefined
  onDecided: (next: string | undefined) => void
  /** Changes each time the reader asks for this case: its keys work at once, even when it was already open. */
  asked: number
  /** Asked for by its address, not merely the first of the queue. */
  chosen: boolean
}

/** Which decisions a kind of case knows, in the order of their keys 1, 2, 3. */
const decisions: Record<CaseView['kind'], Api['Decision'][]> = {
  national_identity: ['none_fits', 'ask_hr', 'wait_card'],
  account: ['none_fits', 'ask_hr'],
  duplicate: ['different_people', 'ask_hr'],
  // A value is corrected where it is owned; the next reading brings it here.
  conflict: ['none_fits', 'ask_hr'],
}

/** The words of an answer, by the kind of question; two sources that differ are named. */
function decisionWord({ kind, source_name: ours, candidates }: CaseView, decision: Api['Decision']): string {
  const theirs = candidates[0]?.label
  const sources = ours && theirs ? t('case.sourcesOr', { one: ours, other: theirs }) : t('case.bothSources')
  return words(`decision.${decision}.${kind}`, { sources }) ?? word('decision', decision)
}

export function CaseCard(props: Props) {
  const { one, asked, chosen, onDecided } = props
  const may = useMay('decide_cases')
  const waits = useContext(Waits)
  const [linking, setLinking] = useState<Candidate>()
  const [read, setRead] = useState(one)
  const [note, setNote] = useState('')
  const [keys, setKeys] = useState(preference('keys') !== 'off')
  const decide = useDecide(one)
  const undo = useUndo(one.id)
  const heading = useId()
  const section = useRef<HTMLElement>(null)
  const open = one.state !== 'decided'
  // One choice at a time: what waits for its second person is answered first.
  const free = open && !one.waiting_accord
  // Each answer keeps its key, also when another has been given: a hand that knows the keys is not misled.
  const offered = decisions[one.kind].map((decision, index) => ({ decision, key: String(index + 1) })).filter(({ decision }) => decision !== one.state)

  // The keys work only with the focus inside the case: it takes it on arrival.
  useEffect(() => {
    section.current?.focus({ preventScroll: true })
    // Under the queue on a narrow screen: whoever asked for a case is brought to it.
    const top = section.current?.getBoundingClientRect().top ?? 0
    if (chosen && top > window.innerHeight * 0.6) section.current?.scrollIntoView?.({ block: 'start' })
  }, [one.id, asked, chosen])

  function take(decision: Api['Decision']) {
    if (!may || !open || decide.isPending) return
    if (waits) return say('warning', t('state.waits'))
    decide.mutate({ decision, note: note.trim() || undefined }, {
      onSuccess: (result) => {
        say('ok', t('decided.about', { title: caseTitle(one), said: word('decided', decision) }), result.undo_until ? () => undo.mutate(undefined) : undefined)
        onDecided(result.next_case_id ?? undefined)
      },
    })
  }
  function switchKeys() {
    prefer('keys', keys ? 'off' : 'on')
    setKeys(!keys)
  }
  const onKey = caseKeys({ ...props, offered, link: may && free && !waits ? setLinking : undefined, take })
  return (
    <section className={`${card.card} ${style.case}`} aria-labelledby={heading} tabIndex={-1} ref={section} onKeyDown={keys && !linking ? onKey : undefined}>
      <Head {...props} heading={heading} keys={keys} onSwitchKeys={switchKeys} />
      <Warnings one={one} error={decide.error} />
      <Moved read={read} one={one} refused={isStale(decide.error)} onRead={() => setRead(one)} />
      {one.state !== 'open' && <Answered one={one} may={may} />}
      {one.waiting_accord && <Waiting accord={one.waiting_accord} may={may} />}
      <Compare one={one} may={may && open} keys={keys} onLink={setLinking} />
      {open && (
        <div className={style.acts}>
          {offered.map(({ decision, key }) => (
            <Button key={decision} blocked={may ? undefined : t('state.noRight')} busy={decide.isPending && decide.variables.decision === decision} onPress={() => take(decision)}>
              {keys && <kbd className={text.key}>{key}</kbd>}
              {decisionWord(one, decision)}
            </Button>
          ))}
          {may && <Reason note={note} onNote={setNote} />}
        </div>
      )}
      {linking && <LinkDialog one={one} candidate={linking} onClose={() => setLinking(undefined)} onDecided={onDecided} />}
    </section>
  )
}

interface Keys extends Props {
  offered: { decision: Api['Decision']; key: string }[]
  link: ((candidate: Candidate) => void) | undefined
  take: (decision: Api['Decision']) => void
}

/** A–C, 1–3, J, K: never while something is being typed. */
function caseKeys({ one, offered, link, take, onBefore, onAfter }: Keys) {
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    if (event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return
    const key = event.key.toUpperCase()
    const candidate = one.kind === 'conflict' ? undefined : one.candidates.find(({ letter }) => letter === key)
    const decision = one.state !== 'decided' ? offered.find((each) => each.key === key)?.decision : undefined
    if (candidate) link?.(candidate)
    else if (decision) take(decision)
    else if (key === 'J') onBefore?.()
    else if (key === 'K') onAfter?.()
  }
}

/** What a colleague should know of the answer; asked for, since most answers need no word. */
function Reason({ note, onNote }: { note: string; onNote: (note: string) => void }) {
  const [open, setOpen] = useState(note !== '')
  const field = useRef<HTMLDivElement>(null)
  // At the foot of the case: brought on screen with the buttons of the answer.
  useEffect(() => {
    if (open) field.current?.parentElement?.scrollIntoView?.({ block: 'nearest' })
  }, [open])
  if (!open) {
    return (
      <Button variant="ghost" icon="plus" label={t('case.addNote')} onPress={() => setOpen(true)}>
        {t('case.noteShort')}
      </Button>
    )
  }
  return (
    <div className={style.reason} ref={field}>
      <TextField label={t('case.note')} help={t('case.noteHelp')} value={note} onChange={onNote} lines={2} autoFocus />
    </div>
  )
}

/** The case is read again now and then: what moved under the reader's eyes is said, and seen before it is decided. */
function Moved({ read, one, refused, onRead }: { read: CaseView; one: CaseView; refused: boolean; onRead: () => void }) {
  if (read.etag === one.etag || read.state !== one.state) return null
  // Given to somebody meanwhile: nothing that the answer rests on has changed.
  if (!refused && differences(linesOf(read), linesOf(one)).length === 0) return null
  return (
    <div className={`${style.warning} ${layout.small}`}>
      <Versions refused={refused} before={linesOf(read)} after={linesOf(one)} />
      <Button small onPress={onRead}>
        {t('versions.seen')}
      </Button>
    </div>
  )
}

/** What was answered, by whom, and the way back when there is one: the appliance says until when. */
function Answered({ one, may }: { one: CaseView; may: boolean }) {
  const undo = useUndo(one.id)
  const decision = one.state === 'decided' && one.decision && decisionWord(one, one.decision)
  const said = [one.decided_by && t('case.decidedBy', { name: one.decided_by }), one.decided_at && on(one.decided_at)].filter(Boolean).join(', ')
  const back = one.state !== 'decided' || one.decision === 'none_fits'
  return (
    <div className={`${style.warning} ${layout.small}`}>
      <Note mood="info" role="status">
        <b>{[word('caseState', one.state), decision].filter(Boolean).join(', ')}</b> {said}
        {one.note && <p>{t('case.noteSaid', { note: one.note })}</p>}
      </Note>
      {back && (
        <div className={layout.row}>
          <Button small icon="reopen" blocked={may ? undefined : t('state.noRight')} busy={undo.isPending} onPress={() => undo.mutate(undefined, { onSuccess: () => say('ok', t('case.undone')) })}>
            {t('case.undo')}
          </Button>
          {undo.error ? <span role="alert">{problemText(undo.error)}</span> : null}
        </div>
      )}
    </div>
  )
}

interface HeadProps extends Props {
  heading: string
  keys: boolean
  onSwitchKeys: () => void
}

function Head({ one, rank, total, heading, keys, onSwitchKeys, onBefore, onAfter }: HeadProps) {
  const facts = [rank > 0 && t('case.rank', { rank, count: total }), t('case.waits', { time: waiting(one.waiting_since) }), t(one.priority === 'desk' ? 'case.atDesk' : 'case.notAtDesk'), one.assigned_to && t('case.isWith', { name: one.assigned_to.name })]
  return (
    <header className={style.head}>
      <div>
        <h2 id={heading}>{caseTitle(one)}</h2>
        <p className={text.meta}>{facts.filter(Boolean).join(' · ')}</p>
      </div>
      <div className={`${layout.row} ${layout.end}`}>
        {one.state !== 'decided' && <AssignMenu cases={[one.id]} label={t('assign.open')} />}
        <Button small variant="ghost" icon="left" {...(onBefore ? {} : { blocked: t('case.isFirst') })} onPress={onBefore}>
          {t('case.before')} {keys && <kbd className={text.key}>J</kbd>}
        </Button>
        <Button small variant="ghost" {...(onAfter ? {} : { blocked: t('case.isLast') })} onPress={onAfter}>
          {t('case.after')} {keys && <kbd className={text.key}>K</kbd>}
          <Icon name="right" />
        </Button>
        <Menu label={t('case.options')} entries={[{ id: 'keys', label: t(keys ? 'case.keysOff' : 'case.keysOn'), onAction: onSwitchKeys }]}>
          <Pressable className={buttonClass({ small: true, variant: 'ghost', bare: true })} aria-label={t('case.options')}>
            <Icon name="more" />
          </Pressable>
        </Menu>
      </div>
    </header>
  )
}

function Warnings({ one, error }: { one: CaseView; error: unknown }) {
  if (one.homonyms.length === 0 && !one.alarm && (!error || isStale(error))) return null
  return (
    <div className={`${style.warning} ${layout.small}`}>
      {error && !isStale(error) ? (
        <Note mood="failure" role="alert">
          {problemText(error)}
        </Note>
      ) : null}
      {one.alarm && (
        <Note mood="failure">
          <b>{word('alarmBy', one.alarm.credential)}</b> {word('alarm', one.alarm.reason)}
        </Note>
      )}
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
