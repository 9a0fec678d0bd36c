import type { Api } from '../../api/types'
import { shortName } from '../../lib/format'
import { t, word } from '../../lib/i18n'

type Titled = Pick<Api['CaseRow'], 'kind' | 'person' | 'field'>

/** « RPPS de MARTIN Marie », « Prénom de FAURE Léo », « LEROY Camille » */
export function caseTitle({ kind, person, field }: Titled): string {
  const name = shortName(person)
  switch (kind) {
    case 'national_identity':
      return t('case.titleRpps', { name })
    case 'conflict':
      return field ? t('case.titleField', { field: word('field', field), name }) : name
    case 'account':
      return t('case.titleAccount', { name })
    case 'duplicate':
      return name
  }
}

/** « Identité nationale · 3 candidats » */
export function caseKindLine(one: Api['CaseRow']): string {
  const count = one.kind === 'duplicate' ? t('case.twoRecords') : one.kind === 'conflict' ? t('case.sourcesDiffer') : t('case.candidates', { count: one.candidates })
  return `${word('caseKind', one.kind)} · ${count}`
}
