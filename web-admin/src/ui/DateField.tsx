import { parseDate } from '@internationalized/date'
import { DateField as AriaDateField, DateInput, DateSegment, Label } from 'react-aria-components'
import style from './Field.module.css'

function read(value: string | undefined) {
  try {
    return value ? parseDate(value) : null
  } catch {
    return null // an address typed by hand: as if no day were asked
  }
}

/** A day, typed in segments in the order of the reader's language; given and taken as `2026-11-22`. */
export function DateField({ label, above = false, value, onChange }: { label: string; /** In a form: the label above, as for the other fields. */ above?: boolean; value: string | undefined; onChange: (day: string | undefined) => void }) {
  return (
    <AriaDateField className={above ? style.field : style.date} value={read(value)} onChange={(day) => onChange(day?.toString())} shouldForceLeadingZeros>
      <Label className={above ? style.legend : ''}>{label}</Label>
      <DateInput className={`${style.days} ${above ? style.high : ''}`}>{(segment) => <DateSegment segment={segment} className={style.segment} />}</DateInput>
    </AriaDateField>
  )
}
