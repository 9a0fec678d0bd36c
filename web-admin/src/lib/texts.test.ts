import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import en from './en.json'
import fr from './fr.json'

const french = Object.entries(fr)
const nbsp = '\u00A0'
const thin = '\u202F'

/** Everything between braces is a name of parameter, no text. */
function bare(text: string): string {
  return text.replace(/\{\w+\}/g, 'x').replace(/https?:\/\/\S*/g, '')
}

function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()
}

test('both languages have the same keys', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort())
})

test('both languages take the same parameters', () => {
  const english: Record<string, string> = en
  const unequal = french.filter(([key, text]) => placeholders(text).join() !== placeholders(english[key] ?? '').join()).map(([key]) => key)
  expect(unequal).toEqual([])
})

describe('French typography', () => {
  const rules: [name: string, wrong: RegExp][] = [
    ['a typographic apostrophe', /'/],
    ['an ellipsis, not three dots', /\.\.\./],
    ['a space that does not break before a colon', new RegExp(`[^${nbsp}\\d]:(?!\\d)`)],
    ['a thin space before ; ! ?', new RegExp(`[^${thin}][;!?]`)],
    ['spaces that do not break inside quotes', new RegExp(`«[^${nbsp}]|[^${nbsp}]»`)],
    ['a thin space before %', new RegExp(`[^${thin}]%`)],
    ['no exclamation mark', /!/],
    ['none of the words that blame', /\b(erreur|invalide|oups|échec)/i],
  ]
  test.each(rules)('%s', (_, wrong) => {
    expect(french.filter(([, text]) => wrong.test(bare(text)))).toEqual([])
  })

  test('twenty words a sentence', () => {
    const long = french.filter(([, text]) => text.split(/[.?]\s/).some((sentence) => sentence.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length > 20))
    expect(long).toEqual([])
  })
})

/** Every key is written somewhere in the code, whole or as a list whose members come from the appliance. */
test('no text is left over', () => {
  const root = join(process.cwd(), 'src')
  const code = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.') && !file.includes('schema.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
  const lists = new Set([...code.matchAll(/words?\((?:'|`)([\w.]+)(?:'|\.\$\{)/g), ...code.matchAll(/`([\w.]+)\.\$\{/g)].map(([, list]) => `${list ?? ''}.`))
  const unused = Object.keys(fr)
    .map((key) => key.replace(/\.one$/, ''))
    .filter((key) => !code.includes(`'${key}'`) && ![...lists].some((list) => key.startsWith(list)))
  expect([...new Set(unused)]).toEqual([])
})
