import { useEffect, useRef } from 'react'
import { t, word } from '../../lib/i18n'
import { ProblemError } from '../../lib/problem'
import { Button } from '../../ui/Button'
import { fieldFault, problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'

/** What was refused, above the form: takes the focus, names each field and leads to it. `names`: of the fields, as the appliance calls them, in the order of the form. */
export function FaultSummary({ error, names }: { error: unknown; names: Record<string, string> }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (error) box.current?.focus()
  }, [error])
  if (!error) return null
  const faulty = error instanceof ProblemError ? Object.keys(names).filter((name) => error.fields.some(({ field }) => field === name)) : []
  // What no field of this form asks for is told here, or it would be nowhere.
  const others = error instanceof ProblemError ? error.fields.filter(({ field }) => !(field in names)) : []
  const go = (name: string) => {
    const form = box.current?.closest('form')
    const first = (found: string) => form?.querySelector<HTMLElement>(found)
    const whole = `[data-field="${name}"]`
    const field = first(`[name="${name}"]`) ?? first(`${whole} input:checked`) ?? first(`${whole} :is(input, textarea)`)
    field?.focus()
  }
  return (
    <div ref={box} tabIndex={-1}>
      <Note mood="failure" role="alert">
        {error instanceof ProblemError && error.fields.length ? t('form.faults', { count: error.fields.length }) : problemText(error)}
        {faulty.length > 0 && (
          <p className={layout.row}>
            {faulty.map((name) => (
              <Button key={name} small variant="link" onPress={() => go(name)}>
                {names[name]}
              </Button>
            ))}
          </p>
        )}
        {others.map(({ field }) => (
          <p key={field}>
            {t('form.fault', { field: word('field', field), fault: fieldFault(error, field) })}
          </p>
        ))}
      </Note>
    </div>
  )
}
