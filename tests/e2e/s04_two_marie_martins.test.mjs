// S04 Two Marie Martins, the console's part: nothing was linked by name, the queue shows the records side by side with
// what differs, and the officer decides by the keyboard: links one on evidence, refuses one, asks HR for one.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'
import { digits, enrolFirstKey, openConsole, settled, visit } from './console.mjs'
import { onEachDatabase } from './databases.mjs'
import { startDemo } from './demo.mjs'

onEachDatabase((database) => {
  let browser, demo, page

  before(async () => {
    ;[demo, browser] = await Promise.all([startDemo({ database }), launchBrowser()])
    page = await newPage(browser)
    await plugKey(page, { transport: 'internal' })
    await enrolFirstKey(page, demo.adminLink)
    await openConsole(page, demo.consoleUrl)
  })

  after(async () => {
    await browser?.close()
    await demo?.stop()
  })

  /** The RPPS number at the head of a candidate; the date of the extract stands below it. */
  const number = (head) => digits(head).slice(0, 11)
  const queue = () => page.getByRole('main').locator('ol a')
  const region = (title) => page.getByRole('region', { name: title })

  /** Opens the queue of national identities, and this case in it. */
  async function openCase(title) {
    await visit(page, 'À arbitrer')
    await page.getByText('Identité nationale', { exact: true }).click()
    await page.waitForURL(/kind=national_identity/)
    // The list of before stands until the new one is there; then the first of the queue is open already.
    await queue().filter({ hasText: /^Compte/ }).first().waitFor({ state: 'detached' })
    await region(/^RPPS d[e’]/).waitFor()
    await settled(page)
    if (!(await region(title).isVisible())) await queue().filter({ hasText: title }).click()
    await region(title).waitFor()
    await settled(page)
    // The keys work inside the case, which takes the focus on arrival.
    await page.waitForFunction(() => document.activeElement?.matches('main section'))
    return region(title)
  }

  async function decided(title) {
    await queue().filter({ hasText: title }).waitFor({ state: 'detached' })
    await settled(page)
  }

  const identities = async (matricule) => (await demo.hygie('person', 'show', matricule)).national_identities

  test('neither was linked by her name', async () => {
    for (const key of ['homonym', 'homonym_married']) {
      assert.deepEqual(await identities(demo.persona(key).matricule), [], key)
    }
  })

  test('their records stand side by side, and what differs is said in words and in weight', async () => {
    const one = await openCase('RPPS de BELLANGER Marie')
    const table = one.getByRole('table', { name: 'Notre fiche et 3 candidats, champ par champ' })
    const heads = (await table.locator('thead th').allInnerTexts()).slice(1).map(number)
    const { rpps } = demo.persona('homonym_married')
    assert.equal(heads.length, 3)
    assert.ok(heads.includes(rpps) && heads.includes(demo.persona('homonym').rpps), `both are candidates: ${heads}`)

    const births = table.getByRole('row', { name: /^Naissance/ }).locator('td').filter({ hasNotText: '01/01/1987' })
    assert.equal(await births.count(), 3)
    for (const [rank, candidate] of heads.entries()) {
      const cell = births.nth(rank)
      const near = candidate === rpps
      assert.match(await cell.innerText(), near ? /proche.*22\/03\/1987/s : /différent.*(14\/06\/1985|30\/11\/1990)/s)
      const weight = await cell.evaluate((element) => Number(getComputedStyle(element).fontWeight))
      assert.ok(weight >= 600, `what differs is in weight: ${weight}`)
    }
    const same = table.getByRole('row', { name: /^Sexe/ }).locator('td').nth(1)
    assert.ok((await same.evaluate((element) => Number(getComputedStyle(element).fontWeight))) < 600)
    await assertAccessible(page, 'a case')
    await shot(page, 's04-case')
  })

  test('one is linked: by its letter, on evidence, and not without', async () => {
    const { matricule, rpps } = demo.persona('homonym')
    const one = await openCase('RPPS de MARTIN Marie')
    const heads = (await one.locator('thead th').allInnerTexts()).slice(1).map(number)
    const letter = 'ABC'[heads.indexOf(rpps)]
    await page.keyboard.press(letter.toLowerCase())
    const dialog = page.getByRole('alertdialog', { name: new RegExp(`^Relier le candidat ${letter} à MARTIN Marie`) })
    await dialog.waitFor()
    await assertAccessible(page, 'the link dialog')
    await shot(page, 's04-link')
    const link = dialog.getByRole('button', { name: new RegExp(`^Relier ${letter}`) })
    assert.equal(await link.getAttribute('aria-disabled'), 'true', 'not before the evidence is named')

    // The focus rests on « Annuler »: from there to the evidence, then to the verb, by the keyboard alone.
    await dialog.getByRole('radio').first().focus()
    await page.keyboard.press('Space')
    await link.focus()
    await page.keyboard.press('Enter')
    await page.getByText('RPPS relié.').waitFor()
    await decided('MARTIN Marie')
    assert.deepEqual(await identities(matricule), [`8${rpps}`])
  })

  test('for one no candidate fits', async () => {
    await openCase('RPPS de BEATRICE DE LA MONL')
    await page.keyboard.press('1')
    await page.getByText('Aucun candidat retenu.').waitFor()
    await decided('BEATRICE DE LA MONL')
  })

  test('HR is asked for one, and nothing is linked meanwhile', async () => {
    const { matricule } = demo.persona('homonym_married')
    await openCase('RPPS de BELLANGER Marie')
    await page.keyboard.press('2')
    await page.getByText('Question posée à la RH.').waitFor()
    await decided('BELLANGER Marie')
    assert.deepEqual(await identities(matricule), [])
    await shot(page, 's04-after')
  })
})
