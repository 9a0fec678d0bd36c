// S01 First morning: one command later the console shows the hospital (people, accounts, links with their reasons, a
// queue of doubts), and a doctor logs into the demo DPI with a key, in a browser.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'
import { digits, openConsole, settled, visit } from './console.mjs'
import { onEachDatabase } from './databases.mjs'
import { startDemo } from './demo.mjs'

// The payroll writes in capitals, without accents.
const HER_NAME = /^LE GOFF Solene/

onEachDatabase((database) => {
  let browser, demo

  before(async () => {
    ;[demo, browser] = await Promise.all([startDemo({ database }), launchBrowser()])
  })

  after(async () => {
    await browser?.close()
    await demo?.stop()
  })

  /** A page that a person stopped on: nothing failed, axe finds nothing, kept as a picture when wanted. */
  async function looked(page, name) {
    await settled(page)
    await assertAccessible(page, name)
    await shot(page, `s01-${name}`)
  }

  describe('the first administrator', () => {
    let page

    before(async () => {
      page = await newPage(browser)
      await plugKey(page, { transport: 'internal' })
    })
    after(() => page?.context().close())

    test('enrols a key by the link of the installation, which serves once', async () => {
      await page.goto(demo.adminLink)
      await page.getByRole('heading', { name: 'Première clé de la console' }).waitFor()
      await looked(page, 'first-key')
      await page.getByRole('button', { name: 'Enregistrer ma clé' }).click()
      await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
      await looked(page, 'first-key-done')

      await page.goto(demo.adminLink)
      await page.getByRole('button', { name: 'Enregistrer ma clé' }).click()
      await page.getByRole('heading', { name: 'Connexion refusée, rien n’a été ouvert.' }).waitFor()
      await looked(page, 'first-key-refused')
    })

    test('opens the console with it: her morning', async () => {
      await page.goto(demo.consoleUrl)
      await page.getByRole('button', { name: 'Clé' }).waitFor()
      await looked(page, 'console-login')
      await openConsole(page, demo.consoleUrl)
      await page.getByRole('table', { name: /^État, dernière lecture et volume/ }).waitFor()
      await looked(page, 'home')
    })

    test('sees the hospital’s people, and finds one by her name', async () => {
      await visit(page, 'Personnes')
      const people = page.getByRole('table', { name: /^Personnes, leur fonction/ })
      await people.locator('tbody tr').nth(99).waitFor()
      assert.equal(await people.locator('tbody tr').count(), 100)
      await looked(page, 'people')

      const search = page.getByRole('combobox', { name: 'Rechercher dans Hygie' })
      await search.fill('le goff')
      await page.getByRole('option', { name: HER_NAME }).waitFor()
      await looked(page, 'search')
      await page.getByRole('option', { name: HER_NAME }).click()
      await page.getByRole('heading', { level: 1, name: HER_NAME }).waitFor()
    })

    test('reads on a person’s page which RPPS is hers, and why', async () => {
      const doctor = demo.persona('doctor')
      const identity = page.locator('#identite')
      await identity.getByRole('button', { name: 'Pourquoi' }).click()
      const why = identity.getByRole('table', { name: 'Ce que chaque champ apporte au score' })
      await why.waitFor()
      assert.ok(digits(await identity.innerText()).includes(doctor.rpps), 'her RPPS')
      assert.match(await why.innerText(), /LE GOFF/i)
      await looked(page, 'person')
    })

    test('sees each source, its readings, and what the last one did', async () => {
      await visit(page, 'Sources')
      const names = await page.getByRole('table').first().locator('tbody th a').allInnerTexts()
      assert.ok(names.length >= 2, `HR and Active Directory: ${names}`)
      await looked(page, 'sources')
      for (const [rank, name] of names.entries()) {
        await visit(page, 'Sources')
        await page.getByRole('link', { name, exact: true }).click()
        await page.getByRole('heading', { level: 1, name }).waitFor()
        await looked(page, `source-${rank}`)
        await page.getByRole('table', { name: 'Lectures' }).locator('tbody th a').first().click()
        await page.getByRole('heading', { level: 1, name: new RegExp(name) }).waitFor()
        await page.waitForURL(/\/runs\//)
        await looked(page, `run-${rank}`)
      }
    })

    test('finds the doubts that wait for a decision', async () => {
      await visit(page, 'À arbitrer')
      await page.getByText('Identité nationale', { exact: true }).click()
      const queue = page.getByRole('main').locator('ol a', { hasText: /^RPPS d[e’]/ })
      await queue.first().waitFor()
      await settled(page)
      assert.equal(await queue.count(), demo.report.reconciliation.doubts, 'as many as the demo reported')
      // The case on screen may still be the first of the whole queue, or one without a candidate: one with some is opened.
      await queue.filter({ hasText: /[1-9] candidats?/ }).first().click()
      await page.getByRole('table', { name: /^Notre fiche et/ }).waitFor()
      await looked(page, 'cases')
    })
  })

  test('a doctor enrols a key by a code of the desk, and the demo DPI learns who she is', async () => {
    const doctor = demo.persona('doctor')
    const page = await newPage(browser)
    await plugKey(page, { transport: 'internal' })

    const means = await demo.hygie('means', 'issue', doctor.matricule)
    await page.goto(means.page)
    await looked(page, 'enrol')
    await page.getByLabel('Votre code').fill(means.code)
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
    await looked(page, 'enrol-done')

    const began = Math.floor(Date.now() / 1000)
    await page.goto(`${demo.dpiUrl}/connexion`)
    await page.getByText('Pour ouvrir : DPI de démonstration').waitFor()
    await looked(page, 'login')
    await page.getByRole('button', { name: 'Clé' }).click()
    await page.waitForURL(`${demo.dpiUrl}/`)
    await looked(page, 'dpi')

    const claim = (table, name) => page.locator(`#${table} tr[data-claim="${name}"] td`).innerText()
    assert.equal(await page.locator('#who').innerText(), 'SOLÈNE LE GOFF')
    assert.equal(await claim('userinfo', 'SubjectNameID'), `8${doctor.rpps}`)
    assert.match(await claim('userinfo', 'SubjectRole'), /^10\^/)
    assert.equal(await claim('userinfo', 'SubjectOrganization'), 'CH DE VALBRUME')
    assert.deepEqual((await claim('id_token', 'amr')).split(', ').sort(), ['mfa', 'swk', 'user'])
    const authTime = Number(await claim('id_token', 'auth_time'))
    assert.ok(authTime >= began && authTime <= Date.now() / 1000, `auth_time ${authTime}`)

    await page.getByRole('button', { name: 'Se déconnecter' }).click()
    await page.getByRole('heading', { name: 'Vous êtes déconnecté' }).waitFor()
    await looked(page, 'dpi-logged-out')
    // Hygie's own session ended too: its portal asks for a login.
    await page.goto(`${demo.loginUrl}/portal`)
    await page.getByRole('button', { name: 'Clé' }).waitFor()
    await page.context().close()
  })
})
