// Five tasks of a hospital's mornings, each from Accueil, on the made-up hospital: at most eight clicks or keys, typing apart.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'
import { enrolFirstKey, openConsole, settled } from './console.mjs'
import { startDemo } from './demo.mjs'
import { countHands, keepTask } from './hands.mjs'

const MOST = 8
let browser, demo, page, hands

before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launchBrowser()])
  // A contract that ended yesterday, of somebody who works right now; and a unit that changed its name.
  demo.editHr((line) => (line.MATRICULE === demo.persona('doctor').matricule ? { ...line, DT_FIN: yesterday() } : line))
  demo.editHr((line) => (line.UF === '1230' ? { ...line, LIB_UF: 'HEPATO-GASTRO-ENTEROLOGIE' } : line))
  page = await newPage(browser)
  hands = await countHands(page)
  await plugKey(page, { transport: 'internal' })
  await enrolFirstKey(page, demo.adminLink)
  await openConsole(page, demo.consoleUrl)
})

after(async () => {
  await browser?.close()
  await demo?.stop()
})

beforeEach(async () => {
  await page.goto(demo.consoleUrl)
  await page.getByRole('heading', { name: 'Accueil', level: 1 }).waitFor()
  await settled(page)
  hands.begin()
})

function yesterday() {
  const day = new Date(Date.now() - 86_400_000)
  return `${String(day.getDate()).padStart(2, '0')}/${String(day.getMonth() + 1).padStart(2, '0')}/${day.getFullYear()}`
}

const navigation = (name) => page.getByRole('navigation', { name: 'Navigation principale' }).getByRole('link', { name: new RegExp(`^${name}`) })

async function done(name) {
  const told = hands.told()
  keepTask(name, told)
  await settled(page)
  await assertAccessible(page, name)
  await shot(page, `task-${name}`)
  assert.ok(told.acts > 0 && told.acts <= MOST, `${name}: ${JSON.stringify(told)}`)
}

test('why a person has no RPPS', async () => {
  await page.keyboard.press('Control+k')
  await page.keyboard.type('martin marie')
  await page.getByRole('option', { name: /^MARTIN Marie/ }).click()
  await page.getByRole('heading', { level: 1, name: /^MARTIN Marie/ }).waitFor()
  const identity = page.locator('#identite')
  await identity.getByText(/À arbitrer/).first().waitFor()
  await identity.getByRole('link', { name: /3 candidats|Arbitrer/ }).first().click()
  await page.getByRole('table', { name: 'Notre fiche et 3 candidats, champ par champ' }).waitFor()
  await done('why-no-rpps')
})

test('three doubts are settled', async () => {
  await navigation('À arbitrer').click()
  const open = () => page.getByRole('main').locator('ol a')
  await open().first().waitFor()
  await settled(page)
  const before = await open().count()
  for (const key of ['1', '2', '1']) {
    await page.waitForFunction(() => document.activeElement?.matches('main section'))
    const title = await page.locator('main section h2').first().innerText()
    await page.keyboard.press(key)
    await page.waitForFunction((was) => document.querySelector('main section h2')?.textContent !== was, title)
    await settled(page)
  }
  assert.equal(await open().count(), before - 3)
  await done('three-doubts')
})

test('an application is registered, and the token that a doctor would get is seen', async () => {
  const doctor = demo.persona('doctor')
  await navigation('Applications').click()
  await page.getByRole('link', { name: 'Créer une application' }).click()
  await page.getByRole('heading', { level: 1, name: 'Créer une application' }).waitFor()
  await page.keyboard.type('Dossier de soins')
  await page.getByRole('radio', { name: /^Comme P/ }).click()
  await page.getByLabel('Adresses de retour').click()
  await page.keyboard.type('https://soins.hopital.test/retour')
  await page.getByRole('button', { name: 'Enregistrer l’application' }).click()
  await page.getByText('Ce secret ne sera plus affiché.').waitFor()
  await page.getByRole('button', { name: 'J’ai noté ce secret' }).click()
  await page.getByRole('link', { name: 'Voir le jeton d’une personne' }).click()
  await page.getByRole('combobox', { name: 'Pour qui ?' }).waitFor()
  await page.keyboard.type('le goff')
  await page.getByRole('option', { name: /^LE GOFF Solene/ }).click()
  const claims = page.getByRole('table', { name: 'Attributs' })
  await claims.waitFor()
  assert.ok((await claims.innerText()).includes(doctor.rpps), 'her RPPS is in the token')
  await done('application-token')
})

test('a dry run with one frightening line is approved', async () => {
  await navigation('Sources').click()
  await page.getByRole('button', { name: 'Aperçu rh' }).click()
  const line = page.getByRole('row', { name: /LE GOFF Solene Fermer/ })
  await line.waitFor({ timeout: 60_000 })
  await line.getByRole('button', { name: /^Pourquoi/ }).click()
  const why = page.getByRole('complementary')
  await why.getByText(/1 session ouverte/).waitFor()
  await shot(page, 'task-dry-run-why')
  await page.getByRole('button', { name: 'Appliquer la sélection…' }).click()
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('button', { name: 'Appliquer', exact: true }).click()
  await page.getByText(/appliquées?, /).waitFor({ timeout: 60_000 })
  await done('dry-run')
  const { state } = await demo.hygie('person', 'show', demo.persona('doctor').matricule)
  assert.notEqual(state, 'active')
})

test('an audit entry is proved not to have been altered', async () => {
  await navigation('Journal').click()
  const entry = page.getByRole('table', { name: /^Événements/ }).locator('tbody th a').first()
  await entry.waitFor()
  await entry.click()
  await page.getByRole('button', { name: 'Vérifier la preuve' }).click()
  await page.getByText('Intact.').waitFor()
  await done('audit-proof')
})
