import type { CaseView } from '../../api/types'
import { number, personName } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import type { Line } from '../../lib/versions'

/** A case as lines, to set two readings of it side by side. */
export function linesOf(one: CaseView): Line[] {
  return [
    { key: 'state', name: t('people.state'), value: [word('caseState', one.state), one.decided_by].filter(Boolean).join(', ') },
    ...one.ours.map(({ field, value }) => ({ key: `ours-${field}`, name: `${t('case.ours')}, ${word('field', field)}`, value: value ?? '–' })),
    ...one.candidates.flatMap((candidate) => [
      { key: candidate.letter, name: candidate.letter, value: [candidate.person && personName(candidate.person), candidate.rpps ?? candidate.idnat, number(candidate.score, 2)].filter(Boolean).join(', ') },
      ...candidate.contributions.filter(({ theirs }) => theirs).map(({ field, theirs }) => ({ key: `${candidate.letter}-${field}`, name: `${candidate.letter}, ${word('field', field)}`, value: theirs ?? '' })),
    ]),
  ]
}
