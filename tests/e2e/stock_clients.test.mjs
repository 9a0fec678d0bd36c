// Stock clients work unmodified (design, section 6): login, stronger login, refresh, logout here, logout elsewhere.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launchBrowser } from './browser.mjs'
import { onEachDatabase } from './databases.mjs'
import { STACKS, newPerson, startHospital, startStack } from './stock.mjs'

onEachDatabase((database) => {
  let browser, hospital

  before(async () => {
    hospital = await startHospital({ database })
    browser = await launchBrowser({ trusts: [hospital.ca, hospital.pki.ca] })
  })

  after(async () => {
    await browser?.close()
    await hospital?.stop()
  })

  /** The answer to the logout call that one ending makes: it comes within a second or two. A test that ends a session waits for
   * its own call, so that none is taken for that of the next ending. */
  const told = async (application, stack, since) => {
    const path = stack.logoutCalls.split('?')[0]
    for (let tries = 0; tries < 150; tries += 1) {
      const call = application.calls().slice(since).find((one) => one.method === 'POST' && one.path === path)
      if (call) return call.status
      await new Promise((again) => setTimeout(again, 100))
    }
    return assert.fail(`no logout call in 15 s: ${JSON.stringify(application.calls().slice(since))}`)
  }
  const atTheDoor = async (page) => {
    await page.goto(`${hospital.appliance.publicUrl}/portal`)
    await page.getByLabel('Votre identifiant').waitFor()
  }

  for (const [name, who] of [['openid-client', 'doctor'], ['passport', 'nurse'], ['Authlib', 'homonym']]) {
    const stack = STACKS[name]
    describe(name, { skip: stack.missing() }, () => {
      let application, person, page

      before(async () => {
        application = await startStack(hospital, name)
        person = await newPerson(hospital, browser, who)
        page = person.page
      })
      after(() => application?.stop())

      const shown = async () => {
        await page.goto(`${application.base}/`)
        return JSON.parse(await page.locator('body').innerText())
      }

      test('a login, told to the application', async () => {
        await page.goto(`${application.base}/login`)
        await person.byPassword()
        await page.waitForURL(`${application.base}/`)
        const { claims } = await shown()
        assert.equal(claims.iss, hospital.appliance.publicUrl)
        assert.equal(claims.sub, person.id)
        assert.equal(claims.acr, 'eidas1', JSON.stringify(claims))
      })

      test('a stronger login where the application wants one', async () => {
        await person.enrolKey()
        await page.goto(`${application.base}/login?acr=eidas2`)
        await person.byKey()
        await page.waitForURL(`${application.base}/`)
        const { claims } = await shown()
        assert.equal(claims.acr, 'eidas2', JSON.stringify(claims))
        assert.ok(claims.amr.includes('mfa'), String(claims.amr))
      })

      test('refreshed, each refresh token once', async () => {
        for (let times = 1; times <= 2; times += 1) {
          const [status, answer] = await page.evaluate(async () => {
            const answer = await fetch('/refresh', { method: 'POST' })
            return [answer.status, await answer.json()]
          })
          assert.equal(status, 200, JSON.stringify(answer))
        }
      })

      test('a logout asked by the application ends the session at the provider', async () => {
        const since = application.calls().length
        await page.goto(`${application.base}/logout`)
        await page.waitForURL(`${application.base}/`)
        assert.deepEqual(await shown(), {})
        await atTheDoor(page)
        assert.equal(await told(application, stack, since), 200, application.log())
      })

      test('a logout elsewhere is told to the application itself', async () => {
        await page.goto(`${application.base}/login`)
        await person.byPassword()
        await page.waitForURL(`${application.base}/`)
        assert.ok((await shown()).claims)
        const since = application.calls().length
        await person.leave()
        assert.equal(await told(application, stack, since), 200, application.log())
        assert.deepEqual(await shown(), {}, 'the application has closed its own session')
      })
    })
  }

  describe('mod_auth_openidc', { skip: STACKS.mod_auth_openidc.missing() }, () => {
    let application, person, page
    const stack = STACKS.mod_auth_openidc

    before(async () => {
      application = await startStack(hospital, 'mod_auth_openidc')
      person = await newPerson(hospital, browser, 'homonym_married')
      page = person.page
    })
    after(() => application?.stop())

    const claim = (answer, name) => answer.headers()[`x-claim-${name}`]

    test('a page of Apache opens by a login', async () => {
      await page.goto(`${application.base}/`)
      await person.byPassword()
      await page.waitForURL(`${application.base}/`)
      const answer = await page.reload()
      assert.equal(await page.locator('body').innerText(), 'opened')
      assert.equal(claim(answer, 'sub'), person.id)
      assert.equal(claim(answer, 'acr'), 'eidas1')
    })

    test('a stronger login for a page that wants one', async () => {
      await person.enrolKey()
      await page.goto(`${application.base}/prescription/`)
      await person.byKey()
      await page.waitForURL(`${application.base}/prescription/`)
      const answer = await page.reload()
      assert.equal(await page.locator('body').innerText(), 'prescribed')
      assert.equal(claim(answer, 'acr'), 'eidas2')
    })

    test('its token is refreshed', async () => {
      const token = (await page.reload()).headers()['x-token']
      const here = `${application.base}/prescription/`
      await page.goto(`${application.base}/oidc/callback?refresh=${encodeURIComponent(here)}&access_token=${encodeURIComponent(token)}`)
      await page.waitForURL(here)
      const next = (await page.reload()).headers()['x-token']
      assert.ok(next && next !== token, 'another token than before')
    })

    test('a logout elsewhere is told to Apache itself', async () => {
      const since = application.calls().length
      await person.leave()
      assert.equal(await told(application, stack, since), 200, application.log())
      await page.goto(`${application.base}/`)
      await page.getByLabel('Votre identifiant').waitFor()
    })

    test('a logout asked by Apache ends the session at the provider', async () => {
      await page.goto(`${application.base}/`)
      await person.byPassword()
      await page.waitForURL(`${application.base}/`)
      await page.goto(`${application.base}/oidc/callback?logout=${encodeURIComponent(`${application.base}/`)}`)
      // Its own page is behind a login again.
      await page.getByLabel('Votre identifiant').waitFor()
      await atTheDoor(page)
    })
  })
})
