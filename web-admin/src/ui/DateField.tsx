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
export function DateField({ label, value, onChange }: { label: string; value: string | undefined; onChange: (day: string | undefined) => void }) {
  return (
    <AriaDateField className={style.date} value={read(value)} onChange={(day) => onChange(day?.toString())} shouldForceLeadingZeros>
      <Label>{label}</Label>
      <DateInput className={style.days}>{(segment) => <DateSegment segment={segment} className={style.segment} />}</DateInput>
    </AriaDateField>
  )
}
