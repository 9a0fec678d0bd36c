// What takes two people (level 4), as both meet it: one asks in her browser, the other agrees in his, with his own key; his
// « no », and a key that nobody shows, let nothing happen. On both databases.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'
import { enrolFirstKey, openConsole, settled, visit } from './console.mjs'
import { onEachDatabase } from './databases.mjs'
import { startDemo } from './demo.mjs'

onEachDatabase((database) => {
  // `first` asks, `second` agrees: each in a browser context of her own, with a key of her own.
  let browser, demo, first, second, key

  before(async () => {
    ;[demo, browser] = await Promise.all([startDemo({ database }), launchBrowser()])
    first = await newPage(browser)
    await plugKey(first, { transport: 'internal' })
    await enrolFirstKey(first, demo.adminLink)
    await openConsole(first, demo.consoleUrl)
  })

  after(async () => {
    await browser?.close()
    await demo?.stop()
  })

  const ask = (page, path) => page.evaluate(async (path) => (await fetch(`/api/v1${path}`)).json(), path)
  const record = (client) => ask(first, `/clients/${client}`)
  const waiting = (page) => page.getByRole('button', { name: '1 accord' })
  /** The tray of accords, opened; read again, since nobody tells a page that a colleague asked. */
  async function openTray(page) {
    await page.goto(new URL('/', demo.consoleUrl).href)
    await waiting(page).click()
    return page.getByRole('dialog', { name: 'Seconds accords attendus' })
  }
  async function askToRelax(name) {
    await first.goto(new URL('/applications/new', demo.consoleUrl).href)
    await first.getByRole('textbox', { name: 'Nom' }).fill(name)
    await first.getByRole('textbox', { name: 'Adresses de retour' }).fill('https://ancien.hopital.test/retour')
    await first.getByRole('radio', { name: /^Ancien/ }).check()
    const why = first.getByRole('group', { name: 'Dérogation' })
    await why.getByRole('textbox', { name: 'Qui en répond' }).fill('M. Roy')
    await why.getByRole('textbox', { name: 'Raison' }).fill('Version 4 attendue en mars')
    await why.getByRole('spinbutton').first().click()
    await first.keyboard.type(`3103${new Date().getFullYear() + 1}`)
    await first.getByRole('button', { name: 'Enregistrer et demander l’accord' }).click()
    await first.getByText(/^En attente d’un second accord/).waitFor()
    const { items } = await ask(first, '/clients')
    return items.find((one) => one.name === name).client_id
  }

  test('a colleague is made an operator, and enrols a key of his own by the link that is shown once', async () => {
    const { matricule } = demo.persona('doctor')
    await visit(first, 'Système')
    await first.getByRole('button', { name: 'Nommer un opérateur' }).click()
    const asked = first.getByRole('alertdialog', { name: /^Nommer un opérateur/ })
    await asked.getByRole('combobox', { name: /^Qui/ }).fill(matricule)
    await asked.getByRole('option').first().click()
    await asked.getByRole('checkbox', { name: 'Technicien' }).check()
    await asked.getByRole('button', { name: 'Nommer un opérateur' }).click()
    const made = first.getByRole('dialog', { name: /^Lien d[e’]/ })
    await made.waitFor()
    await assertAccessible(first, 'operator-link')
    const link = await made.getByText(/^https?:/).innerText()
    second = await newPage(browser)
    key = await plugKey(second, { transport: 'internal' })
    await enrolFirstKey(second, link.trim())
    await openConsole(second, demo.consoleUrl)
    assert.deepEqual((await ask(second, '/me')).roles, ['technician'])
  })

  test('who asks cannot agree; the colleague who shows no key lets nothing happen; with his key it is done', async () => {
    const client = await askToRelax('Ancien labo')
    const own = await openTray(first)
    await own.getByText(/^Vous l’avez demandé/).waitFor()
    assert.equal(await own.getByRole('button', { name: /^Donner mon accord/ }).count(), 0)
    assert.equal((await record(client)).state, 'suspended')

    const tray = await openTray(second)
    await tray.getByText('Votre clé sera demandée.').waitFor()
    await settled(second)
    await assertAccessible(second, 'accords')
    await shot(second, `two-people-asked-${database}`)
    await key.touched(false)
    await tray.getByRole('button', { name: /^Donner mon accord/ }).click()
    const touch = second.getByRole('alertdialog', { name: /^C’est bien vous/ })
    await touch.getByText('Touchez votre clé').waitFor()
    await assertAccessible(second, 'key-asked')
    await shot(second, `two-people-key-${database}`)
    await touch.getByRole('button', { name: 'Annuler' }).click()
    await touch.waitFor({ state: 'detached' })
    assert.equal((await ask(second, '/accords')).total, 1)
    assert.equal((await record(client)).state, 'suspended')

    await key.touched(true)
    await (await openTray(second)).getByRole('button', { name: /^Donner mon accord/ }).click()
    await second.getByText('Accord donné, c’est fait.').waitFor()
    await waiting(second).waitFor({ state: 'detached' })
    const { state, relaxation } = await record(client)
    assert.deepEqual([state, relaxation.owner], ['active', 'M. Roy'])
    assert.equal((await ask(first, '/accords')).total, 0)
  })

  test('his « no » needs no key, and nothing is left of what was asked', async () => {
    const client = await askToRelax('Vieux portail')
    await key.touched(false)
    await (await openTray(second)).getByRole('button', { name: /^Refuser/ }).click()
    await second.getByText('Refusé, rien n’a changé.').waitFor()
    await waiting(second).waitFor({ state: 'detached' })
    assert.equal((await record(client)).state, 'suspended')
    assert.equal((await ask(first, '/accords')).total, 0)
  })

  test('the journal tells both of them', async () => {
    const told = async (event) => (await ask(first, `/audit?event=${event}&limit=20`)).items.map((one) => one.actor_person?.id)
    const [{ person: asker }, { person: giver }] = [await ask(first, '/me'), await ask(second, '/me')]
    assert.notEqual(asker.id, giver.id)
    assert.deepEqual(await told('accord_asked'), [asker.id, asker.id])
    assert.deepEqual(await told('accord_given'), [giver.id])
    assert.deepEqual(await told('accord_refused'), [giver.id])
    await settled(first)
    await settled(second)
  })
})
