import { locale, t } from './i18n'

export interface Named {
  family: string
  birth_family?: string | null | undefined
  given: string
  sex?: string | null | undefined
}

/** Family names stand in capitals, accents kept. */
export function capitals(name: string): string {
  return name.toLocaleUpperCase('fr')
}

/** Payrolls write given names in capitals; only the family name stands so here: « MARIE-ANGE » is « Marie-Ange ». */
export function givenName(given: string): string {
  if (given !== given.toLocaleUpperCase('fr')) return given
  return given.toLocaleLowerCase('fr').replace(/(^|[^\p{L}\p{M}])(\p{L})/gu, (_, before: string, first: string) => before + first.toLocaleUpperCase('fr'))
}

/** Letters that are written from the right: Hebrew, Arabic, and what stands between them in Unicode. */
const fromTheRight = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/

/** A name of another direction of writing keeps to itself in a sentence: nothing around it is turned. */
function apart(name: string): string {
  return fromTheRight.test(name) ? `\u2068${name}\u2069` : name
}

/** « MARTIN (née DURAND) Marie » */
export function personName({ family, birth_family: birth, given, sex }: Named): string {
  const born = birth ? ` ${t(sex === 'male' ? 'name.bornMale' : 'name.born', { name: capitals(birth) })}` : ''
  return apart(`${capitals(family)}${born} ${givenName(given)}`)
}

/** Without the birth name: where room is short and nobody else could be meant. */
export function shortName({ family, given }: Pick<Named, 'family' | 'given'>): string {
  return apart(`${capitals(family)} ${givenName(given)}`)
}

/** For where a name only recalls what is whole elsewhere: a breadcrumb, the bounds of a page. */
export function recalled(name: string, longest = 80): string {
  if (name.length <= longest) return name
  const cut = `${name.slice(0, longest)}…`
  return cut.startsWith('\u2068') ? `${cut}\u2069` : cut
}

type Moment = string | number | Date

/** One a locale: making them is what costs, and a list asks for hundreds. */
function inLocale<Format>(make: (locale: string) => Format): () => Format {
  const made = new Map<string, Format>()
  return () => {
    const found = made.get(locale()) ?? make(locale())
    made.set(locale(), found)
    return found
  }
}

function moments(options: Intl.DateTimeFormatOptions): (moment: Moment) => string {
  const format = inLocale((locale) => new Intl.DateTimeFormat(locale, options))
  return (moment) => format().format(new Date(moment))
}

/** A calendar day (`2026-11-22`) is the same everywhere: no time zone. */
export function day(date: string): string {
  const [year, month, dayOfMonth] = date.slice(0, 10).split('-')
  return `${dayOfMonth}/${month}/${year}`
}

export const date = moments({ day: '2-digit', month: '2-digit', year: 'numeric' })

/** The last day worked, when all closes as the next one begins. */
export function lastDay(closing: string): string {
  return date(new Date(closing).getTime() - 1)
}

export const shortDate = moments({ day: '2-digit', month: '2-digit' })

/** In a sentence, of this year or the next months. */
export const dayMonth = moments({ day: 'numeric', month: 'long' })

export const longDate = moments({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

/** The head of a day in a list: « Aujourd'hui, dimanche 22 novembre 2026 ». */
export function dayTitle(moment: Moment, now: Date = new Date()): string {
  const date = longDate(moment)
  return date === longDate(now) ? t('time.todayIs', { date }) : date
}

/** Whole days left; nothing left is zero or less. */
export function daysUntil(moment: Moment, now: Date = new Date()): number {
  return Math.ceil((new Date(moment).getTime() - now.getTime()) / 86_400_000)
}

export const time = moments({ hour: '2-digit', minute: '2-digit' })

export const seconds = moments({ hour: '2-digit', minute: '2-digit', second: '2-digit' })

export function dateTime(moment: Moment): string {
  return `${date(moment)} ${time(moment)}`
}

/** In a sentence, whatever the day: « le 19/11/2026 à 14:12 ». */
export function moment(at: Moment): string {
  return t('time.momentAt', { date: date(at), time: time(at) })
}

function midnight(moment: Date): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime()
}

/** How many calendar days ago. */
export function daysAgo(moment: Moment, now: Date = new Date()): number {
  return Math.round((midnight(now) - midnight(new Date(moment))) / 86_400_000)
}

/** 14:12 today, « hier 18:44 », the date before. */
export function when(moment: Moment, now: Date = new Date()): string {
  const days = daysAgo(moment, now)
  if (days === 0) return time(moment)
  if (days === 1) return t('time.yesterday', { time: time(moment) })
  return date(moment)
}

/** In a sentence: « à 14:12 » today, « hier à 18:44 », « demain à 05:12 », « le 19/11/2026 » for any other day. */
export function on(moment: Moment, now: Date = new Date()): string {
  const days = daysAgo(moment, now)
  if (days === 0) return t('time.at', { time: time(moment) })
  if (days === 1) return t('time.yesterdayAt', { time: time(moment) })
  if (days === -1) return t('time.tomorrow', { time: time(moment) })
  return t('time.dayAt', { date: date(moment) })
}

/** To the second, for what is proven by its hour: « à 14:12:08 », « le 19/11/2026 à 14:12:08 » on another day than `now`. */
export function exactly(moment: Moment, now: Date = new Date()): string {
  return daysAgo(moment, now) === 0 ? t('time.at', { time: seconds(moment) }) : t('time.momentAt', { date: date(moment), time: seconds(moment) })
}

/** After « depuis »: « 02:14 », « hier 18:44 », « le 19/11/2026 ». */
export function since(moment: Moment, now: Date = new Date()): string {
  return daysAgo(moment, now) > 1 ? t('time.sinceDay', { date: date(moment) }) : when(moment, now)
}

/** After « avant »: « 14:30 » today, « demain à 05:12 », « le 24/11/2026 ». */
export function before(moment: Moment, now: Date = new Date()): string {
  return daysAgo(moment, now) < -1 ? t('time.sinceDay', { date: date(moment) }) : next(moment, now)
}

/** What is to come, or should have come: « 14:30 » today, « demain à 05:12 », « hier à 05:12 », « le 24/11/2026 » for any other day. */
export function next(moment: Moment, now: Date = new Date()): string {
  return daysAgo(moment, now) === 0 ? time(moment) : on(moment, now)
}

/** Where something ends, in a sentence that says « jusqu’ » or « until »: « à 14:24 », « à demain 05:12 », « au 24/11/2026 ». */
export function until(moment: Moment, now: Date = new Date()): string {
  const days = -daysAgo(moment, now)
  if (days === 0) return t('time.untilAt', { time: time(moment) })
  return days === 1 ? t('time.untilTomorrow', { time: time(moment) }) : t('time.untilDay', { date: date(moment) })
}

/** « il y a 4 min (14:08) » within the hour, with the absolute beside it; then as in a sentence: « à 05:00 », « hier à 18:44 », « le 19/11/2026 ». */
export function ago(moment: Moment, now: Date = new Date()): string {
  const minutes = Math.floor((now.getTime() - new Date(moment).getTime()) / 60_000)
  if (minutes < 1) return t('time.now', { time: time(moment) })
  if (minutes < 60) return t('time.minutesAgo', { count: minutes, time: time(moment) })
  return on(moment, now)
}

/** How long something waits: « 2 j », « 9 h », « 4 min ». */
export function waiting(since: Moment, { now = new Date(), short = false }: { now?: Date; short?: boolean } = {}): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - new Date(since).getTime()) / 60_000))
  if (minutes < 1) return t(short ? 'time.underMinuteShort' : 'time.underMinute')
  if (minutes < 60) return t('time.minutes', { count: minutes })
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? t('time.hours', { count: hours }) : t('time.days', { count: Math.floor(hours / 24) })
}

export function duration(remaining: number): string {
  return remaining < 90 ? t('time.secondsLeft', { count: Math.round(remaining) }) : t('time.minutes', { count: Math.round(remaining / 60) })
}

const whole = inLocale((locale) => new Intl.NumberFormat(locale))

export function number(value: number, digits?: number): string {
  if (digits === undefined) return whole().format(value)
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)
}

/** « 97,3 % », cut and not rounded: what is not whole is never shown as 100 %. Nothing of nothing has no share. */
export function share(reached: number, of: number): string {
  if (of <= 0) return '–'
  const cut = Math.floor((reached / of) * 1000 + 1e-9) / 1000
  // Not the engine's own percentage: its space is another one than that of our texts.
  return t('number.percent', { value: number(cut * 100, 1) })
}

/** « + 0,61 », « − 0,04 »: a true minus, a space that does not break. */
export function signed(value: number, digits = 2): string {
  return `${value < 0 ? '−' : '+'}\u00A0${number(Math.abs(value), digits)}`
}

/** 10003456789 → 10 003 456 789, as pieces: the spaces are drawn, a copy gives bare digits. */
export function digitGroups(digits: string): string[] {
  const first = digits.length % 3
  const groups = first ? [digits.slice(0, first)] : []
  for (let at = first; at < digits.length; at += 3) groups.push(digits.slice(at, at + 3))
  return groups
}

/** The eleven figures that people know of an RPPS, without the prefix of its kind; other numbers stay whole. */
export function rppsOf(number: string): string {
  return number.replace(/^8(?=\d{11}$)/, '')
}

const sorter = new Intl.Collator('fr', { sensitivity: 'base', ignorePunctuation: true })

/** The order of names of the server, as the browser can do it. */
export function byName(left: Named, right: Named): number {
  return sorter.compare(left.family, right.family) || sorter.compare(left.given, right.given)
}
