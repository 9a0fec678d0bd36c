import fr from './fr.json'

/** French first: its keys are the keys. English is fetched only when chosen. */
export type Key = keyof typeof fr
export type Params = Record<string, string | number | null | undefined>
export type Language = 'fr' | 'en'

let language: Language = 'fr'
let texts: Record<string, string> = fr
let plural = new Intl.PluralRules('fr')

export async function speak(wanted: Language) {
  language = wanted
  texts = wanted === 'en' ? (await import('./en.json')).default : fr
  plural = new Intl.PluralRules(wanted)
  document.documentElement.lang = wanted
}

export function currentLanguage(): Language {
  return language
}

/** What the appliance counts reaches us as text, and is written as a number. */
const counted = new Set(['count', 'lines', 'line', 'persons', 'changes', 'limit', 'index', 'people', 'entries'])

/** « de » and « que » lose their vowel before another: « d’ADAM », « d’Émile », « d’Yves », not « de Yanis ». Before h only the dictionary knows: they stay. */
const elided = /(?<!\p{L})(d|qu|jusqu|lorsqu|puisqu)e \{(\w+)\}/giu
const vowel = /^[\u2066-\u2069]*(?:[aeiouœæ]|y(?![aeiouyœæ]))/i

function elide(text: string, params: Params): string {
  return text.replace(elided, (whole, kept: string, name: string) => {
    const value = params[name]
    return typeof value === 'string' && vowel.test(value.normalize('NFKD')) ? `${kept}’{${name}}` : whole
  })
}

/** `{name}` takes the parameter; with `count`, `key.one` is taken in the singular when it exists. */
function sentence(key: string, params: Params): string | undefined {
  const count = params['count']
  const form = typeof count === 'number' || /^\d+$/.test(count ?? '') ? plural.select(Number(count)) : undefined
  const text = (form === 'one' ? texts[`${key}.one`] : undefined) ?? texts[key]
  return text && (language === 'fr' ? elide(text, params) : text).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    if (value === undefined || value === null) return whole
    return typeof value === 'number' || (counted.has(name) && /^\d+$/.test(value)) ? new Intl.NumberFormat(locale()).format(Number(value)) : value
  })
}

export function t(key: Key, params: Params = {}): string {
  return sentence(key, params) ?? key
}

/** For a key made from a word of the API: nothing when the console does not know that word yet. */
export function words(key: string, params: Params = {}): string | undefined {
  return sentence(key, params)
}

/** A closed list of the API, worded; an unknown member is shown as it is, spaced. */
export function word(list: string, member: string, params: Params = {}): string {
  return words(`${list}.${member}`, params) ?? member.replaceAll('_', ' ')
}

export function locale(): string {
  return language === 'fr' ? 'fr-FR' : 'en-GB'
}

/** A moment of the appliance as a day of the reader's calendar. */
function withDay(params: Params): Params {
  const since = params['since']
  return since ? { ...params, since: new Intl.DateTimeFormat(locale()).format(new Date(since)) } : params
}

/** A reason of the appliance in our words when we have them, in its own otherwise. */
export function reasonText(reason: { code: string; text: string; params?: Record<string, string> | null | undefined }): string {
  const params = reason.params ?? {}
  const origin = params['source'] && params['line'] ? words(`reason.${reason.code}_from`, params) : undefined
  return origin ?? words(`reason.${reason.code}`, withDay(params)) ?? reason.text
}

/** An audit event as a sentence. */
export function eventText(event: string, params?: Record<string, string> | null): string {
  const decision = event === 'case_decided' && params?.['decision'] ? words(`decision.${params['decision']}`)?.replace(/^./, (first) => first.toLocaleLowerCase(locale())) : undefined
  if (decision) return word('event', `${event}_as`, { decision })
  if (event !== 'person_closing_planned' || !params) return word('event', event, params ?? {})
  // A day of the hospital's, whatever the reader's zone.
  const day = params['last_day']
  return day ? word('event', `${event}_on`, { date: new Intl.DateTimeFormat(locale(), { timeZone: 'UTC' }).format(new Date(day)) }) : word('event', `${event}_off`)
}
