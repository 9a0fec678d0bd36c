import type { ReactNode } from 'react'
import { day, number } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Digits } from '../../ui/Digits'

/** Days as days, a place by its code said to be one, numbers of the register in groups, « 1 sur 20 000 ». Codes stay as they are. */
export function shown(field: string, value: string): ReactNode {
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return day(value)
  if (/^\d{11}$/.test(value)) return <Digits value={value} />
  if (field.startsWith('birth_place') && /^\d[\dAB]\d{3}$/.test(value)) return t('case.commune', { code: value })
  return value.replace(/(?<=\ssur )\d{5,15}(?=$|\s)/g, (count) => number(Number(count)))
}
