// S13, leaver, and the applications' part of S05: whoever is closed, or gives her place to somebody else at a browser, is out of every
// application that was opened, at once; what could not be told is seen, and told when the application is back.
// On PostgreSQL two nodes share the work.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { launchBrowser, newPage, plugKey } from './browser.mjs'
import { enrolFirstKey, openConsole, settled, visit } from './console.mjs'
import { onEachDatabase } from './databases.mjs'
import { newPerson, startHospital, startStack } from './stock.mjs'

onEachDatabase((database) => {
  let browser, hospital, application, married

  before(async () => {
    hospital = await startHospital({ database, nodes: database === 'PostgreSQL' ? 2 : 1 })
    browser = await launchBrowser({ trusts: [hospital.ca, hospital.pki.ca] })
    application = await startStack(hospital, 'openid-client')
    married = await newPerson(hospital, browser, 'homonym_married')
  })

  after(async () => {
    await browser?.close()
    await application?.stop()
    await hospital?.stop()
  })

  const shown = async (page) => {
    await page.goto(`${application.base}/`)
    return JSON.parse(await page.locator('body').innerText())
  }
  const open = async (person) => {
    await person.page.goto(`${application.base}/login`)
    await person.byPassword()
    await person.page.waitForURL(`${application.base}/`)
    return (await shown(person.page)).claims
  }
  const until = async (what, seconds, check) => {
    const late = Date.now() + seconds * 1000
    while (!(await check())) {
      assert.ok(Date.now() < late, `${what}: not within ${seconds} s`)
      await new Promise((again) => setTimeout(again, 200))
    }
  }
  const calls = () => application.calls().filter(({ path }) => path === '/backchannel-logout')

  test('a person closed at once is out of her applications within the minute, and gets nothing more', async () => {
    const person = await newPerson(hospital, browser, 'doctor')
    await open(person)
    await hospital.appliance.hygie('person', 'close', person.id, '--motive', 'départ')
    await until('the application closes her session', 60, async () => (await shown(person.page)).claims === undefined)
    assert.equal(calls().at(-1).status, 200)
    await person.page.goto(`${application.base}/login`)
    await person.byPassword()
    await person.page.getByRole('heading', { name: 'Connexion refusée, rien n’a été ouvert.' }).waitFor()
  })

  test('an account that comes to its date ends her session in her applications within the minute, without any reading', async () => {
    const { appliance } = hospital
    const sources = join(appliance.folder, 'sources')
    const known = new Set(hospital.personas.map(({ matricule }) => matricule))
    const entries = readFileSync(join(sources, 'hospital', 'ad', 'ad-v1.ldif'), 'utf8').split('\n\n')
    const bears = (entry) => /^employeeID: (\d+)$/m.exec(entry)?.[1]
    const entry = entries.find((one) => bears(one) && !known.has(bears(one)) && one.includes('userAccountControl: 512'))
    hospital.personas.push({ key: 'intern', matricule: bears(entry) })
    const person = await newPerson(hospital, browser, 'intern')
    // What AD says of an account that ends: tenths of microseconds since 1601.
    const ends = Date.now() + 45_000
    const fileTime = (BigInt(ends) + 11_644_473_600_000n) * 10_000n
    const export_ = entry.replace(/^accountExpires: .*$/m, `accountExpires: ${fileTime}`)
    writeFileSync(join(sources, 'ad-v1.ldif'), `version: 1\n\n${export_}\n\n`)
    await appliance.hygie('source', 'add', join(sources, 'hospital', 'ad', 'mapping.toml'))
    await appliance.hygie('source', 'sync', 'ad')
    assert.equal((await open(person)).sub, person.id)
    const told = calls().length
    assert.ok(Date.now() < ends, 'the account still runs')
    await until('the account ends', 60, async () => Date.now() > ends)
    await until('the application closes her session', 60, async () => (await shown(person.page)).claims === undefined)
    assert.deepEqual(calls().slice(told).map(({ status }) => status), [200])
  })

  test('an application that hears no call gets nothing more by its refresh token', async () => {
    const deaf = await startStack(hospital, 'passport', [], { deaf: true })
    try {
      const person = await newPerson(hospital, browser, 'nurse')
      await person.page.goto(`${deaf.base}/login`)
      await person.byPassword()
      await person.page.waitForURL(`${deaf.base}/`)
      const refresh = () => person.page.evaluate(async () => {
        const answer = await fetch('/refresh', { method: 'POST' })
        return [answer.status, await answer.json()]
      })
      assert.deepEqual(await refresh(), [200, { refreshed: 1 }])
      await hospital.appliance.hygie('person', 'close', person.id, '--motive', 'départ')
      assert.deepEqual(await refresh(), [401, { refused: 'invalid_grant' }])
    } finally {
      await deaf.stop()
    }
  })

  test('an application that is away hears of who left when it is back', async () => {
    await open(married)
    await application.stop()
    const failed = () => hospital.log().split('a client was not told of a logout').length
    const before = failed()
    await married.leave()
    await until('a first call fails', 30, () => failed() > before)
    application = await application.again()
    await until('the call is made again', 60, () => calls().length > 0)
    assert.deepEqual(calls().map(({ status }) => status), [200])
  })

  test('S05: whoever logs in next at a browser finds nobody there, and the application is told of who left', async () => {
    const one = await newPerson(hospital, browser, 'homonym')
    const first = await open(one)
    const other = married
    const told = calls().length
    // At the first one's browser: the provider asks who is there, since the application wants a login now.
    await one.page.goto(`${application.base}/login?max_age=0`)
    await one.page.getByLabel('Votre identifiant').fill(other.persona.matricule)
    await one.page.getByRole('button', { name: 'Continuer' }).click()
    await one.page.getByLabel('Votre mot de passe').fill(other.password)
    await one.page.getByRole('button', { name: 'Ouvrir' }).click()
    await one.page.waitForURL(`${application.base}/`)
    const second = (await shown(one.page)).claims
    assert.equal(second.sub, other.id)
    assert.notEqual(second.sid, first.sid)
    await until('the application is told of the first one', 15, () => calls().length > told)
    assert.equal((await shown(one.page)).claims.sub, other.id, 'the late call closes nothing of the next person')
  })

  test('the console shows what the application was told of, and has it told again', async () => {
    const { adminUrl, init } = hospital.appliance
    const page = await newPage(browser, { ignoreHTTPSErrors: false })
    await plugKey(page, { transport: 'internal' })
    await enrolFirstKey(page, init.first_administrator)
    await openConsole(page, adminUrl)
    await visit(page, 'Applications')
    await page.getByRole('link', { name: 'openid-client', exact: true }).click()
    await page.getByRole('navigation', { name: 'Parties de la fiche' }).getByRole('link', { name: 'Déconnexions' }).click()
    const receipts = () => page.evaluate(async () => {
      const client = location.pathname.split('/').at(-1)
      return (await (await fetch(`/api/v1/clients/${client}/logouts`)).json()).items
    })
    await page.getByRole('table', { name: 'Fins de session dites à l’application' }).waitFor()
    // Which row it is, and how often it was tried: a call that was due anyway is not taken for the one that is asked for here.
    const known = await receipts()
    const at = known.findIndex(({ state }) => state === 'received')
    assert.ok(at >= 0, JSON.stringify(known))
    await page.getByRole('row').nth(at + 1).getByRole('button', { name: /^Renvoyer/ }).click()
    await until('the application is told again', 15, async () => {
      const now = (await receipts()).find(({ id }) => id === known[at].id)
      return now.state === 'received' && now.attempts === known[at].attempts + 1
    })
    assert.equal(calls().at(-1).status, 200)
    await settled(page)
    await page.context().close()
  })

  if (database === 'PostgreSQL') {
    test('both nodes took part', () => {
      assert.ok(hospital.taken().every((count) => count > 1), String(hospital.taken()))
    })
  }
})
