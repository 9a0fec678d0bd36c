// Bad moments of a console: the server goes while a form is filled, the session ends, two tabs disagree, the clock of the
// browser is wrong, the network crawls, somebody leaves and presses « back ». What was typed stays, nothing is shown to
// whom it is not meant for, and the words say what is safe.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'
import { enrolFirstKey, openConsole, settled, visit } from './console.mjs'
import { startDemo } from './demo.mjs'

let browser, demo, page, key

before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launchBrowser()])
  page = await newPage(browser)
  key = await plugKey(page, { transport: 'internal' })
  await enrolFirstKey(page, demo.adminLink)
  await openConsole(page, demo.consoleUrl)
})

after(async () => {
  await browser?.close()
  await demo?.stop()
})

beforeEach(async () => {
  await page.goto(demo.consoleUrl)
  const home = page.getByRole('heading', { name: 'Accueil', level: 1 })
  const login = page.getByRole('button', { name: 'Clé' })
  await home.or(login).waitFor()
  if (await login.isVisible()) await openConsole(page, demo.consoleUrl)
  await settled(page)
})

async function fillForm(name) {
  await page.goto(new URL('/applications/new', demo.consoleUrl).href)
  await page.getByLabel('Nom', { exact: true }).fill(name)
  await page.getByLabel('Adresses de retour').fill('https://soins.hopital.test/retour')
}

const save = () => page.getByRole('button', { name: 'Enregistrer l’application' }).click()
const typed = () => page.getByLabel('Nom', { exact: true }).inputValue()
const ended = () => page.getByRole('alertdialog', { name: 'Votre session est fermée.' })

/** The login window that the console opens, with the same key in its reader. */
async function logInBeside(press) {
  const opened = page.context().waitForEvent('page')
  await press()
  const login = await opened
  const [credential] = await key.credentials()
  const reader = await plugKey(login, { transport: 'internal' })
  await reader.insert(credential)
  await login.getByRole('button', { name: 'Clé' }).click()
  await ended().waitFor({ state: 'detached', timeout: 20_000 })
  await login.close().catch(() => undefined)
}

test('the server goes in the middle of a form: it is said, nothing is lost, and the same press works when it is back', async () => {
  await fillForm('Serveur parti')
  await page.context().setOffline(true)
  await save()
  await page.getByRole('alert').filter({ hasText: 'Le serveur ne répond pas.' }).waitFor()
  assert.equal(await typed(), 'Serveur parti')
  await shot(page, 'bad-server-gone')
  await page.context().setOffline(false)
  await save()
  await page.getByText('Ce secret ne sera plus affiché.').waitFor()
  await page.getByRole('button', { name: 'J’ai noté ce secret' }).click()
})

test('the session ends in another tab: this one keeps its form, logs in beside it, and goes on', async () => {
  await fillForm('Session fermée')
  const other = await page.context().newPage()
  await other.goto(demo.consoleUrl)
  await other.getByRole('button', { name: /compte d[e’]/ }).click()
  await other.getByRole('menuitem', { name: 'Fermer ma session' }).click()
  await other.getByRole('button', { name: 'Clé' }).waitFor()
  await other.close()
  await ended().waitFor()
  await assertAccessible(page, 'the ended session')
  await shot(page, 'bad-session-ended')
  await logInBeside(() => ended().getByRole('button', { name: 'Se reconnecter' }).click())
  assert.equal(await typed(), 'Session fermée')
  await save()
  await page.getByText('Ce secret ne sera plus affiché.').waitFor()
  await page.getByRole('button', { name: 'J’ai noté ce secret' }).click()
})

test('two people change one application: the second sees both readings side by side, and overwrites nothing unseen', async () => {
  await fillForm('Deux mains')
  await save()
  await page.getByRole('button', { name: 'J’ai noté ce secret' }).click()
  await page.getByRole('link', { name: 'Ouvrir sa fiche' }).click()
  const change = async (tab, address) => {
    await tab.getByRole('button', { name: 'Modifier les adresses de retour' }).click()
    await tab.getByRole('textbox', { name: 'Adresses de retour' }).fill(address)
  }
  const send = async (tab) => {
    await tab.getByRole('main').getByRole('button', { name: 'Enregistrer', exact: true }).click()
    await tab.getByRole('alertdialog').getByRole('button', { name: 'Enregistrer', exact: true }).click()
  }
  await change(page, 'https://soins.hopital.test/second')
  const other = await page.context().newPage()
  await other.goto(page.url())
  await change(other, 'https://soins.hopital.test/premier')
  await send(other)
  // Its text stands in the field and in the question too: the record says it once the change is done.
  await other.getByRole('listitem').filter({ hasText: 'https://soins.hopital.test/premier' }).waitFor()
  await other.getByRole('button', { name: 'Modifier les adresses de retour' }).waitFor()
  // Coming back to this tab may read the application again: here it does so only once the server has refused.
  const refused = page.waitForResponse((answer) => answer.request().method() === 'PATCH')
  await page.route('**/api/v1/clients/*', async (route) => {
    if (route.request().method() === 'GET') await refused
    await route.continue()
  })
  await other.close()
  await send(page)
  assert.equal((await refused).status(), 412)
  const compared = page.getByRole('table', { name: 'Ce qui a changé, champ par champ' })
  await compared.getByRole('row', { name: /Adresses de retour/ }).filter({ hasText: 'https://soins.hopital.test/premier' }).waitFor()
  assert.equal(await page.getByRole('textbox', { name: 'Adresses de retour' }).inputValue(), 'https://soins.hopital.test/second')
  await settled(page)
  await assertAccessible(page, 'two readings')
  await shot(page, 'bad-two-people')
  await page.unroute('**/api/v1/clients/*')
  await page.getByRole('button', { name: 'J’ai vu ce qui a changé' }).click()
  await send(page)
  await page.getByRole('listitem').filter({ hasText: 'https://soins.hopital.test/second' }).waitFor()
})

test('a browser whose clock is days wrong works, and is not thrown out', async () => {
  await page.clock.setSystemTime(Date.now() + 3 * 86_400_000)
  await page.reload()
  await page.getByRole('heading', { name: 'Accueil', level: 1 }).waitFor()
  await page.clock.setSystemTime(Date.now() - 6 * 86_400_000)
  await visit(page, 'Journal')
  await page.getByRole('table', { name: /^Événements/ }).waitFor()
  assert.equal(await page.getByRole('alertdialog').count(), 0)
})

test('on a network that crawls the page says that it loads, and a second press sends nothing twice', async () => {
  const slow = await page.context().newPage()
  const sent = []
  let told
  const waited = new Promise((seen) => { told = seen })
  await slow.route('**/api/v1/**', async (route) => {
    const acts = route.request().method() === 'POST'
    if (acts) sent.push(route.request().headers()['idempotency-key'])
    // No answer before the reader was told to wait; an act is answered late.
    await (acts ? new Promise((over) => setTimeout(over, 1200)) : waited)
    await route.continue().catch(() => undefined)
  })
  await slow.goto(new URL('/applications/new', demo.consoleUrl).href, { waitUntil: 'commit' })
  await slow.getByText('Chargement…').first().waitFor()
  told()
  await slow.getByLabel('Nom', { exact: true }).fill('Réseau lent')
  await slow.getByLabel('Adresses de retour').fill('https://soins.hopital.test/retour')
  const button = slow.getByRole('button', { name: /Enregistrer l’application|Enregistrement…/ })
  await button.click()
  // An impatient hand: the button says that it is at work, and does nothing more.
  await button.click({ force: true })
  await slow.getByText('Ce secret ne sera plus affiché.').waitFor()
  assert.equal(sent.length, 1, 'one creation was sent')
  await slow.close()
})

test('after leaving, the back button shows nobody’s data', async () => {
  await visit(page, 'Personnes')
  await page.getByRole('table').first().waitFor()
  await page.getByRole('button', { name: /compte d[e’]/ }).click()
  await page.getByRole('menuitem', { name: 'Fermer ma session' }).click()
  await page.getByRole('button', { name: 'Clé' }).waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Clé' }).waitFor()
  assert.equal(await page.getByRole('table').count(), 0)
})
