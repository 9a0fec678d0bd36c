// S14 Bad feeds, seen from the console: a payroll file that is cut, in another encoding or without a column is refused in
// words; missing lines and a unit that empties are held by a brake; a date in the future sets one person aside.
// Nobody is lost or closed, and the next good file goes through.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'
import { enrolFirstKey, openConsole, settled, visit } from './console.mjs'
import { onEachDatabase } from './databases.mjs'
import { startDemo } from './demo.mjs'

onEachDatabase((database) => {
  let browser, demo, page, people

  before(async () => {
    ;[demo, browser] = await Promise.all([startDemo({ database }), launchBrowser()])
    page = await newPage(browser)
    await plugKey(page, { transport: 'internal' })
    await enrolFirstKey(page, demo.adminLink)
    await openConsole(page, demo.consoleUrl)
    people = await active()
  })

  after(async () => {
    await browser?.close()
    await demo?.stop()
  })

  const active = () => page.evaluate(async () => (await (await fetch('/api/v1/people?state=active&limit=1')).json()).total)

  /** The payroll delivers this file, and a technician asks what it would change. */
  async function preview(file, name) {
    demo.deliver(file)
    await visit(page, 'Sources')
    await page.getByRole('button', { name: 'Aperçu rh' }).click()
    await page.waitForURL(/\/runs\//)
    await page.getByRole('status').filter({ hasText: /lignes? lues?\. Vous pouvez/ }).waitFor({ state: 'detached', timeout: 60_000 })
    // A file refused before its first line is not said to be complete or not: it says why.
    await page.getByRole('main').getByText(/fichier (in)?complet/).or(page.getByRole('alert')).first().waitFor()
    await settled(page)
    await assertAccessible(page, name)
    await shot(page, `s14-${name}`)
    assert.equal(await active(), people, `${name}: nobody is closed`)
  }

  for (const [file, name, says] of [
    ['bad/truncated.csv', 'truncated', /incomplet/],
    ['bad/wrong-encoding-utf8.csv', 'encoding', /UTF-8/],
    ['bad/renamed-column.csv', 'renamed', /NOM_NAISSANCE.*NOM_PATRONYMIQUE/s],
  ]) {
    test(`refused whole, in words: ${name}`, async () => {
      await preview(file, name)
      const alert = page.getByRole('alert')
      const told = await alert.innerText()
      assert.match(told, says)
      assert.match(told, /Rien n’a été modifié/)
      assert.equal(await page.getByRole('button', { name: /^Appliquer/ }).count(), 0, 'there is nothing to apply')
    })
  }

  test('a unit that empties is held by a brake, and a second person is asked for', async () => {
    await preview('bad/unit-loses-40-percent.csv', 'unit-empties')
    await page.getByText(/au-dessus de la limite/).first().waitFor()
    await page.getByText(/second accord requis/).first().waitFor()
    assert.equal(await active(), people)
  })

  test('a birth in the future sets its line aside, and names line, column, found and expected', async () => {
    await preview('bad/future-date.csv', 'future-date')
    const faults = page.getByRole('button', { name: /à revoir/ })
    const table = page.getByRole('table', { name: 'Lignes à corriger dans le fichier' })
    await faults.or(table).first().waitFor()
    if (!(await table.isVisible())) await faults.click()
    await table.getByRole('row').filter({ hasText: /DT_NAISSANCE.*Une naissance passée/s }).waitFor()
  })

  test('the next good file goes through', async () => {
    await preview('hr-v2.csv', 'healed')
    await page.getByRole('button', { name: 'Appliquer la sélection…' }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByRole('button', { name: 'Appliquer', exact: true }).click()
    await page.getByText(/appliquées?, /).waitFor({ timeout: 60_000 })
    await settled(page)
    await shot(page, 's14-applied')
  })
})
