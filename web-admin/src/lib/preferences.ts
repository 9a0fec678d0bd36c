/** View preferences only: never a name, never a secret. */
const names = { theme: 'hygie.theme', language: 'hygie.language', keys: 'hygie.keys', peopleColumns: 'hygie.people.columns' } as const

export function preference(name: keyof typeof names): string | null {
  try {
    return localStorage.getItem(names[name])
  } catch {
    return null // storage refused by the browser: defaults hold
  }
}

export function prefer(name: keyof typeof names, value: string) {
  try {
    localStorage.setItem(names[name], value)
  } catch {
    // storage refused by the browser: the choice holds until the page is left
  }
}

export type Theme = 'light' | 'dark'

export function showTheme(theme: Theme) {
  document.documentElement.dataset['theme'] = theme
}
