import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const browser = '../tests/e2e/bad_moments.test.mjs'

/** What goes wrong on a working day, and the test that tries it: here on the fake, or in a browser on the program itself. */
const moments: [moment: string, file: string, test: string][] = [
  ['the server goes in the middle of a form', browser, 'the server goes in the middle of a form'],
  ['the session ends, in another tab', browser, 'the session ends in another tab'],
  ['two people change one thing', browser, 'two people change one application'],
  ['two people close one person', 'src/features/people/PeoplePage.test.tsx', 'a record that moved meanwhile'],
  ['a name of 10 000 letters, from right to left, or very long', 'src/features/people/PeoplePage.test.tsx', 'a name written from right to left'],
  ['the clock of the browser is wrong', browser, 'a browser whose clock is days wrong'],
  ['the network crawls', browser, 'on a network that crawls'],
  ['back after leaving', browser, 'after leaving, the back button'],
  ['data moved since a dry run', 'src/features/sources/RunPage.test.tsx', 'a plan computed on data that moved'],
]

test.each(moments)('%s', (_, file, name) => {
  const named = readFileSync(join(process.cwd(), file), 'utf8')
    .split('\n')
    .filter((line) => /^\s*test(\.each\(.*\))?\('/.test(line) && line.includes(`'${name}`))
  expect(named.length).toBe(1)
})
