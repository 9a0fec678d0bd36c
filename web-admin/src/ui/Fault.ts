import { t, words } from '../lib/i18n'
import { ProblemError } from '../lib/problem'

/** A refusal in words, from its stable code, with its reference. */
export function problemText(error: unknown): string {
  if (!(error instanceof ProblemError)) return t('state.unread')
  const cause = words(`problem.${error.code}`, error.params) ?? t('problem.internal')
  return error.reference ? `${cause} ${t('state.reference')}\u00A0${error.reference}.` : cause
}

/** Refused because the record moved since it was read: both readings are to be compared. */
export function isStale(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 412
}

/** Refused for want of a right: the page has nothing to filter, to check or to take away. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'forbidden'
}

/** What a refused field says under it. */
export function fieldFault(error: unknown, field: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined
  const fault = error.fields.find((one) => one.field === field)
  return fault && (words(`problem.${fault.code}`, fault.params ?? {}) ?? fault.code)
}
