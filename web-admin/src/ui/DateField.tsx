import { parseDate } from '@internationalized/date'
import { DateField as AriaDateField, DateInput, DateSegment, Label } from 'react-aria-components'
import { t } from '../lib/i18n'
import style from './Field.module.css'
import text from './text.module.css'

function read(value: string | undefined) {
  try {
    return value ? parseDate(value) : null
  } catch {
    return null // an address typed by hand: as if no day were asked
  }
}

/** A day, typed in segments in the order of the reader's language; given and taken as `2026-11-22`. */
export function DateField({ label, above = false, required = false, value, onChange }: { label: string; /** In a form: the label above, as for the other fields. */ above?: boolean; required?: boolean; value: string | undefined; onChange: (day: string | undefined) => void }) {
  return (
    <AriaDateField className={above ? style.field : style.date} value={read(value)} onChange={(day) => onChange(day?.toString())} isRequired={required} validationBehavior="aria" shouldForceLeadingZeros>
      <Label className={above ? style.legend : ''}>
        {label}
        {required && (
          <span className={text.meta} aria-hidden="true">
            {' '}
            {t('form.required')}
          </span>
        )}
      </Label>
      <DateInput className={`${style.days} ${above ? style.high : ''}`}>{(segment) => <DateSegment segment={segment} className={style.segment} />}</DateInput>
    </AriaDateField>
  )
}
