// Spring Security as it is given to copy: login, stronger login, refresh, logout here, logout elsewhere.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launchBrowser } from '../e2e/browser.mjs'
import { onEachDatabase } from '../e2e/databases.mjs'
import { STACKS, newPerson, startHospital, startStack } from '../e2e/stock.mjs'
import { missingSpring } from './spring.mjs'

describe('Spring Security', { skip: await missingSpring() }, () => onEachDatabase((database) => {
  let browser, hospital, application, person, page

  before(async () => {
    hospital = await startHospital({ database })
    browser = await launchBrowser({ trusts: [hospital.ca, hospital.pki.ca] })
    application = await startStack(hospital, 'Spring Security')
    person = await newPerson(hospital, browser, 'doctor')
    page = person.page
    // A virtual machine compiles what it does for the first time.
    page.context().setDefaultTimeout(120_000)
  })

  after(async () => {
    await browser?.close()
    await application?.stop()
    await hospital?.stop()
  })

  const shown = async () => JSON.parse(await page.locator('body').innerText())
  const atTheLogin = () => page.getByLabel('Votre identifiant').waitFor()
  const tokenNow = async () => {
    await page.goto(`${application.base}/refresh`)
    return (await shown()).token
  }
  /** Spring answers the appliance once it has called itself, so that one ending makes two calls where a session was open. */
  const told = async (since, calls) => {
    const { logoutCalls } = STACKS['Spring Security']
    const answers = () => application.calls().slice(since).filter((one) => one.method === 'POST' && one.path === logoutCalls)
    for (let tries = 0; tries < 1200 && answers().length < calls; tries += 1) await new Promise((again) => setTimeout(again, 100))
    assert.deepEqual(answers().map((one) => one.status), Array(calls).fill(200), application.log())
  }

  test('a page opens by a login, told to the application', async () => {
    await page.goto(`${application.base}/`)
    await person.byPassword()
    await page.waitForURL((url) => url.href.startsWith(`${application.base}/`) && url.pathname === '/')
    const { claims, userinfo } = await shown()
    assert.equal(claims.iss, hospital.appliance.publicUrl)
    assert.equal(claims.sub, person.id)
    assert.equal(claims.acr, 'eidas1', JSON.stringify(claims))
    assert.equal(userinfo.sub, person.id)
    assert.ok(userinfo.family_name, JSON.stringify(userinfo))
  })

  test('a stronger login for a page that wants one', async () => {
    await person.enrolKey()
    await page.goto(`${application.base}/prescription/`)
    await person.byKey()
    await page.waitForURL((url) => url.href.startsWith(`${application.base}/prescription/`))
    const { claims } = await shown()
    assert.equal(claims.acr, 'eidas2', JSON.stringify(claims))
    assert.ok(claims.amr.includes('mfa'), String(claims.amr))
  })

  test('refreshed, each refresh token once', async () => {
    const tokens = [await tokenNow(), await tokenNow(), await tokenNow()]
    assert.equal(new Set(tokens.filter(Boolean)).size, 3, 'another token each time')
  })

  test('a logout elsewhere is told to the application itself, which ends its own session', async () => {
    const since = application.calls().length
    await person.leave()
    await told(since, 2)
    await page.goto(`${application.base}/`)
    await atTheLogin()
  })

  test('a logout asked by the application ends the session at the provider', async () => {
    await page.goto(`${application.base}/`)
    await person.byPassword()
    await page.waitForURL((url) => url.href.startsWith(`${application.base}/`) && url.pathname === '/')
    const since = application.calls().length
    // Spring's own page, with its token against forged requests.
    await page.goto(`${application.base}/logout`)
    await page.getByRole('button', { name: 'Log Out' }).click()
    // Back at its own page, behind a login again.
    await atTheLogin()
    await told(since, 1)
    await page.goto(`${hospital.appliance.publicUrl}/portal`)
    await atTheLogin()
    assert.deepEqual(page.faults, [])
  })
}))
