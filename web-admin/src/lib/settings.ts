import { currentLanguage, word, type Params } from './i18n'
import { ProblemError } from './problem'
import said from './settings.json'

/** Words of what an application may be, apart from all others: they come with the pages that show it. */
export type Setting = keyof typeof said

export function setting(key: Setting, params: Params = {}): string {
  return said[key][currentLanguage()].replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole))
}

/** A setting by the name that the appliance has for it. */
export function settingName(name: string): string {
  return name in said ? setting(name as Setting) : word('field', name)
}

/** Why a setting was refused; what is no contradiction of settings has its words elsewhere. */
export function settingFault(error: unknown, field: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined
  const code = error.fields.find((one) => one.field === field)?.code
  const key = `refused.${code}`
  return code && key in said ? setting(key as Setting) : undefined
}
