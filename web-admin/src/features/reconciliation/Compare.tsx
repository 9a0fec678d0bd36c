import type { Api, Candidate, CaseView } from '../../api/types'
import { date, day, daysAgo, number, personName, signed } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Digits } from '../../ui/Digits'
import { Blank } from '../../ui/States'
import { Icon, type IconName } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './Cases.module.css'
import { shown } from './shown'

const signs: Record<Api['Sign'], IconName> = { equal: 'eq', different: 'neq', near: 'approx', absent: 'void' }

/** What is not there, by whose it is: the register’s columns, an account, or a record of ours. */
function absences({ kind }: CaseView): { ours: string; theirs: string } {
  if (kind === 'account') return { ours: t('case.absentAccount'), theirs: t('case.unknown') }
  return { ours: t('case.absentHere'), theirs: kind === 'national_identity' ? t('case.absent') : t('case.unknown') }
}

/** Where our side was read: the source is the head of the column already, of two that differ. */
function origin({ kind, line, source_name: source }: CaseView): string | null | undefined {
  if (kind === 'conflict' && source) return line ? t('case.line', { line }) : undefined
  return line ? t('person.sourceLine', { name: source ?? '', line }) : source
}

/** Of two sources that differ, neither is more ours than the other. */
function oursName({ kind, source_name }: CaseView): string {
  if (kind === 'conflict' && source_name) return source_name
  return t(kind === 'account' ? 'case.account' : 'case.ours')
}

function candidateName({ kind }: CaseView, { label, letter }: Candidate): string {
  if (kind === 'conflict') return label ?? letter
  return kind === 'account' ? t('case.record', { letter }) : letter
}

/** Our record and the candidates, field by field; what differs is in weight, never by colour alone. */
export function Compare({ one, may, keys, onLink }: { one: CaseView; may: boolean; keys: boolean; onLink: (candidate: Candidate) => void }) {
  if (one.candidates.length === 0) return <Blank title={t('case.noCandidate')}>{t('case.noCandidateHelp')}</Blank>
  const absent = absences(one)
  const widths = [9.75, 9, ...one.candidates.map(() => null)]
  return (
    <Table
      caption={t('case.caption', { count: one.candidates.length })}
      className={style.compare}
      stacks
      widths={widths}
      head={
        <tr role="row">
          <td role="cell" />
          <th scope="col" role="columnheader" className={style.ours}>
            <b>{oursName(one)}</b>
            <span className={text.meta}>{origin(one)}</span>
          </th>
          {one.candidates.map((candidate) => (
            <th key={candidate.letter} scope="col" role="columnheader">
              <b>{candidateName(one, candidate)}</b>
              <span className={text.meta}>
                <Origin candidate={candidate} one={one} />
              </span>
            </th>
          ))}
        </tr>
      }
      foot={one.kind !== 'conflict' && <Foot one={one} may={may} keys={keys} onLink={onLink} />}
    >
      <tbody role="rowgroup">
        {one.ours.map(({ field, value }) => (
          <tr role="row" key={field}>
            <th scope="row" role="rowheader">{word('field', field)}</th>
            <td role="cell" className={`${style.ours} ${value ? '' : style.absent}`} data-whose={oursName(one)}>
              {value ? shown(field, value) : absent.ours}
            </td>
            {one.candidates.map((candidate) => (
              <Cell key={candidate.letter} name={candidateName(one, candidate)} field={field} part={candidate.contributions.find((part) => part.field === field)} held={Boolean(value)} absent={absent.theirs} />
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const OLD_DAYS = 2

function Origin({ candidate, one }: { candidate: Candidate; one: CaseView }) {
  if (candidate.person) return [personName(candidate.person), candidate.person.birth_date && day(candidate.person.birth_date)].filter(Boolean).join(', ')
  if (!candidate.idnat) return null
  return (
    <>
      <Digits value={candidate.rpps ?? candidate.idnat} />
      {candidate.struck_off && ` · ${t('case.struckOff')}`}
      {/* Said aloud always; shown once the register is old enough to be doubted. */}
      {one.register_extracted_at && <span className={daysAgo(one.register_extracted_at) > OLD_DAYS ? style.old : text.hidden}> {t('case.registerOf', { date: date(one.register_extracted_at) })}</span>}
    </>
  )
}

/** `held`: we have a value of our own. */
function Cell({ name, field, part, held, absent }: { name: string; field: string; part: Api['Contribution'] | undefined; held: boolean; absent: string }) {
  // The appliance says what is to be lit, also where we have nothing to compare with: then candidates differ, not they from us.
  const lit = Boolean(part?.theirs && part.differs)
  const sign = !part?.theirs ? 'absent' : lit && part.sign !== 'near' ? 'different' : part.sign
  const look = lit ? style.different : sign === 'absent' ? style.absent : undefined
  // Nothing was compared: a value with no sign, told apart from an absent one.
  const apart = Boolean(part?.theirs) && (sign === 'absent' || (lit && !held))
  return (
    <td role="cell" className={look} data-whose={name}>
      <span className={style.cell}>
        {!apart && <Icon name={signs[sign]} />}
        <span>
          {sign !== 'absent' && <span className={text.hidden}>{lit && !held ? t('case.apart') : word('sign', sign)} : </span>}
          {part?.theirs ? shown(field, part.theirs) : absent}
        </span>
      </span>
    </td>
  )
}

/** Each candidate has its own « Relier », same weight, at the foot of its column. */
function Foot({ one, may, keys, onLink }: { one: CaseView; may: boolean; keys: boolean; onLink: (candidate: Candidate) => void }) {
  const above = one.kind === 'national_identity' ? one.candidates.filter(({ score }) => score >= one.threshold).length : 0
  // An account is found by its number, which is not weighed.
  const weighed = one.candidates.some(({ score, contributions }) => score !== 0 || contributions.some(({ weight }) => weight !== 0))
  return (
    <tfoot role="rowgroup">
      {weighed && (
        <tr role="row">
          <th scope="row" role="rowheader">
            {t('case.score')}
            <br />
            {one.kind === 'national_identity' && <span className={text.meta}>{t('case.threshold', { score: number(one.threshold) })}</span>}
            {above > 1 && <span className={`${text.meta} ${style.why}`}>{t('case.severalAbove', { count: above })}</span>}
          </th>
          <td role="cell" className={style.ours} />
          {one.candidates.map((candidate) => (
            <td role="cell" key={candidate.letter} data-whose={candidateName(one, candidate)}>
              <Weights candidate={candidate} />
            </td>
          ))}
        </tr>
      )}
      {one.state !== 'decided' && (
        <tr role="row">
          <th scope="row" role="rowheader">
            <span className={text.hidden}>{t('case.decision')}</span>
            <span className={text.meta}>{t(one.waiting_accord ? 'case.secondAwaited' : one.kind === 'duplicate' ? 'case.evidenceNeeded.duplicate' : 'case.evidenceNeeded')}</span>
          </th>
          <td role="cell" className={style.ours} />
          {one.candidates.map((candidate) => (
            <td role="cell" key={candidate.letter}>
              <Button blocked={!may ? t('state.noRight') : one.waiting_accord ? t('case.secondAwaited') : undefined} onPress={() => onLink(candidate)}>
                {t(one.kind === 'duplicate' ? 'case.same' : 'case.link', { letter: candidate.letter })} {keys && <kbd className={text.key}>{candidate.letter}</kbd>}
              </Button>
            </td>
          ))}
        </tr>
      )}
    </tfoot>
  )
}

function Weights({ candidate }: { candidate: Candidate }) {
  const parts = candidate.contributions.filter((part) => part.weight !== 0)
  return (
    <ul className={style.weights}>
      <li className={style.sum}>{number(candidate.score, 2)}</li>
      {parts.map((part) => (
        <li key={part.field}>
          <span>{word('field', part.field).toLowerCase()}</span>
          <span>{signed(part.weight)}</span>
        </li>
      ))}
    </ul>
  )
}
