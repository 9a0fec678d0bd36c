// Ways through the console that several tests walk.
import assert from 'node:assert/strict'

/** The first administrator's one-time link, to the page that says that the key is enrolled. */
export async function enrolFirstKey(page, adminLink) {
  await page.goto(adminLink)
  await page.getByRole('button', { name: 'Enregistrer ma clé' }).click()
  await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
}

/** From any page of the console to its home, with the key that is plugged in. */
export async function openConsole(page, consoleUrl) {
  await page.goto(consoleUrl)
  await page.getByRole('button', { name: 'Clé' }).click()
  await page.getByRole('heading', { name: 'Accueil', level: 1 }).waitFor()
}

/** Goes to a page by the navigation, as a person does. */
export async function visit(page, name) {
  await page.getByRole('navigation', { name: 'Navigation principale' }).getByRole('link', { name: new RegExp(`^${name}`) }).click()
  await page.getByRole('heading', { name, level: 1, exact: true }).waitFor()
  await settled(page)
}

/** Nothing is being loaded any more, and nothing failed to be read. */
export async function settled(page) {
  await page.waitForLoadState('networkidle')
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' })
  assert.deepEqual(page.faults, [], `faults of ${page.url()}`)
}

/** Digits as they are kept: the spaces between groups are drawn only. */
export const digits = (text) => text.replace(/\D/g, '')
