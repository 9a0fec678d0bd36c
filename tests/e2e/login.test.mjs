// Login pages in a real browser: the first administrator's key, a doctor's key from the desk's code to the portal, refusals,
// a window without keys or without script, narrow and low screens. axe looks at every page on the way.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { startAppliance } from './appliance.mjs'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'

let appliance, browser, doctor, elsewhere

/** The page of somebody else, an application among them, and what is posted to it. */
async function pageOfOthers() {
  const posted = []
  const others = { posted, body: '' }
  const server = createServer(async (request, response) => {
    const text = await new Response(Readable.toWeb(request)).text()
    if (request.method === 'POST') posted.push(new URLSearchParams(text))
    response.setHeader('content-type', 'text/html').end(`<!doctype html><title>Ailleurs</title>${others.body}`)
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  others.origin = `http://localhost:${server.address().port}`
  others.stop = () => new Promise((over) => { server.close(over); server.closeAllConnections() })
  return others
}

before(async () => {
  elsewhere = await pageOfOthers()
  appliance = await startAppliance({
    prepare: async (hygie, folder) => {
      const hospital = join(folder, 'sources', 'hospital')
      await hygie('demo', 'generate', '--seed', '1', '--size', 'small', '--out', hospital)
      const mapping = readFileSync(join(hospital, 'hr', 'mapping.toml'), 'utf8')
      cpSync(join(hospital, 'hr', 'hr-v1.csv'), join(folder, 'sources', 'hr-v1.csv'))
      writeFileSync(join(folder, 'rh.toml'), mapping)
      await hygie('source', 'add', join(folder, 'rh.toml'))
      await hygie('source', 'sync', 'rh')
      doctor = (await hygie('person', 'list', 'MARTIN'))[0]
      await hygie('client', 'create', '--name', 'DPI', '--client-id', 'dpi', '--redirect-uri', `${elsewhere.origin}/cb`)
    },
  })
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  await appliance?.stop()
  await elsewhere?.stop()
})

const seen = async (page, name) => {
  await shot(page, `login-${name}`)
  await assertAccessible(page, name)
  assert.deepEqual(page.faults, [], name)
}

const codeOf = async (person) => (await appliance.hygie('means', 'issue', person.id)).code

const enrol = async (page, code) => {
  await page.goto(`${appliance.publicUrl}/enrol`)
  await seen(page, 'code')
  await page.getByLabel('Votre code').fill(code)
  await page.getByRole('button', { name: 'Continuer' }).click()
  await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
}

test('am_10 the first administrator registers a key by the one-time link, then opens the console with it', async () => {
  const page = await newPage(browser)
  const key = await plugKey(page)
  for (const path of ['/', '/login', '/api/v1/me']) {
    assert.equal((await page.request.get(appliance.adminUrl + path)).status(), 404, `${path} before the first key`)
  }
  await page.goto(appliance.init.first_administrator)
  await seen(page, 'first')
  await page.getByRole('button', { name: 'Enregistrer ma clé' }).click()
  await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
  await seen(page, 'first-done')
  assert.equal((await key.credentials())[0].isResidentCredential, true)
  await page.getByRole('link', { name: 'Se connecter' }).click()
  await seen(page, 'console')
  assert.equal(await page.getByRole('textbox').count(), 0, 'no name and no password at the console')
  await page.getByRole('button', { name: 'Clé' }).click()
  await page.waitForURL(`${appliance.adminUrl}/`)
  assert.equal((await page.request.get(`${appliance.adminUrl}/api/v1/me`)).status(), 200)
  const strict = (await page.context().cookies()).map((cookie) => [cookie.name.startsWith('__Host-'), cookie.sameSite])
  assert.deepEqual(strict, [[true, 'Strict'], [true, 'Strict']])
})

test('a doctor enrols a key with a code, logs in without a name, sees herself and leaves', async () => {
  const page = await newPage(browser)
  await plugKey(page)
  await enrol(page, (await codeOf(doctor)).toLowerCase())
  await seen(page, 'enrolled')
  await page.getByRole('link', { name: 'Se connecter' }).click()
  await seen(page, 'choice')
  await page.getByRole('button', { name: 'Clé' }).click()
  await page.waitForURL(`${appliance.publicUrl}/portal`)
  await page.getByRole('heading', { name: doctor.name }).waitFor()
  await seen(page, 'portal')
  await page.getByRole('button', { name: 'Fermer ma session' }).click()
  await page.getByRole('heading', { name: 'Session fermée sur ce poste.' }).waitFor()
  await seen(page, 'out')
  assert.deepEqual(await page.context().cookies(), [], 'both cookies went')
  await page.goto(`${appliance.publicUrl}/portal`)
  await page.getByLabel('Votre identifiant').waitFor()
})

test('wb_02 after a logout neither the back button nor a tab that goes on asking shows anybody', async () => {
  const page = await newPage(browser)
  await plugKey(page)
  await enrol(page, await codeOf(doctor))
  await page.goto(`${appliance.publicUrl}/login`)
  await page.getByRole('button', { name: 'Clé' }).click()
  await page.waitForURL(`${appliance.publicUrl}/portal`)
  await page.getByRole('heading', { name: doctor.name }).waitFor()
  // Another tab of the same browser, left open on her page, asks again and again.
  const tab = await page.context().newPage()
  await tab.goto(`${appliance.publicUrl}/portal`)
  await tab.getByRole('heading', { name: doctor.name }).waitFor()
  const poll = () => tab.evaluate(async () => {
    const answer = await fetch('/portal', { credentials: 'same-origin' }).catch((fault) => ({ url: String(fault), text: () => '' }))
    return [answer.url, await answer.text()]
  })
  await page.getByRole('button', { name: 'Fermer ma session' }).click()
  await page.getByRole('heading', { name: 'Session fermée sur ce poste.' }).waitFor()
  for (let back = 0; back < 3; back += 1) {
    await page.goBack().catch(() => null)
    const shown = await page.locator('body').innerText()
    assert.ok(!shown.includes(doctor.name), `back ${back + 1}: ${page.url()}`)
  }
  for (let times = 0; times < 3; times += 1) {
    const [url, text] = await poll()
    assert.ok(!text.includes(doctor.name) && !url.endsWith('/portal'), url)
  }
  // The next person at this browser gets a page of her own, and the old tab never shows the first one again.
  await tab.reload()
  await tab.getByLabel('Votre identifiant').waitFor()
  assert.ok(!(await tab.locator('body').innerText()).includes(doctor.name))
})

test('a refusal says one sentence, has a reference, and takes the focus', async () => {
  const page = await newPage(browser)
  await page.goto(`${appliance.publicUrl}/login`)
  await page.getByLabel('Votre identifiant').fill('personne')
  await page.getByRole('button', { name: 'Continuer' }).click()
  await seen(page, 'password')
  await page.getByLabel('Votre mot de passe').fill('faux')
  await page.getByRole('button', { name: 'Ouvrir' }).click()
  const sentence = page.getByRole('heading', { name: 'Connexion refusée, rien n’a été ouvert.' })
  await sentence.waitFor()
  await seen(page, 'refused')
  assert.equal(await sentence.evaluate((element) => element === document.activeElement), true)
  await page.getByText(/[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}/).waitFor()
})

test('an address that leads nowhere is said on a page with a way on, and to a program by its status alone', async () => {
  const page = await newPage(browser)
  const nowhere = `${appliance.publicUrl}/nulle-part`
  assert.equal((await page.goto(nowhere)).status(), 404)
  await page.getByRole('heading', { name: 'Cette page n’existe pas. Rien n’a été ouvert.' }).waitFor()
  await seen(page, 'not-here')
  await page.getByRole('link', { name: 'Aller à mon espace' }).click()
  await page.getByLabel('Votre identifiant').waitFor()
  const told = await page.request.get(nowhere, { headers: { accept: 'application/json' } })
  assert.deepEqual([told.status(), await told.text()], [404, ''])
})

test('op_18 what a link carries runs nowhere: on the login, error and code pages, and on the way back by form_post', async () => {
  const page = await newPage(browser)
  const hostile = `"'><script>window.hit = 1</script><img src=x onerror="window.hit = 1">{{7*7}}\u202Edrow`
  const { origin, posted } = elsewhere
  const good = { response_type: 'code', client_id: 'dpi', redirect_uri: `${origin}/cb`, scope: 'openid', state: 's', nonce: 'n' }
  const asked = (changes) => `/oauth2/authorize?${new URLSearchParams({ ...good, ...changes })}`
  const h = encodeURIComponent(hostile)
  for (const path of [
    asked({ client_id: hostile }), asked({ redirect_uri: hostile }), asked({ redirect_uri: `javascript:${hostile}` }),
    asked({ login_hint: hostile, state: hostile, nonce: hostile }), asked({ ui_locales: hostile, claims: hostile }),
    asked({ request_uri: hostile }), asked({ request: hostile }), asked({ id_token_hint: hostile }),
    `/login?t=${h}`, `/login?next=${h}`, `/device?code=${h}&typed=${h}`, `/enrol?code=${h}`, `/portal?next=${h}`,
    `/oauth2/logout?id_token_hint=${h}&state=${h}&post_logout_redirect_uri=${h}`, `/${h}`, `/first/${h}`,
    `/oauth2/authorize?error=${h}&error_description=${h}`,
  ]) {
    await page.goto(appliance.publicUrl + path)
    await page.waitForLoadState('load')
    assert.equal(await page.evaluate(() => window.hit), undefined, path)
    assert.ok(page.url().startsWith(appliance.publicUrl) || page.url().startsWith(`${origin}/cb?`), `${path} leads to ${page.url()}`)
    const blocked = page.faults.filter((fault) => /Content Security|script:/.test(fault))
    assert.deepEqual(blocked, [], `${path}: it was text, and not stopped by the policy alone`)
  }
  await page.goto(appliance.publicUrl + asked({ prompt: 'none', response_mode: 'form_post', state: hostile }))
  await page.waitForURL(`${origin}/cb`)
  assert.equal(posted.length, 1)
  assert.deepEqual([posted[0].get('error'), posted[0].get('state')], ['login_required', hostile], 'to the octet')
})

test('wb_13 no page of ours stands in a frame of somebody else, and none keeps a hold on whoever opened it', async () => {
  const page = await newPage(browser)
  const ours = ['/login', '/portal', '/enrol', '/device', '/nothing-here'].map((path) => appliance.publicUrl + path)
  const all = [...ours, `${appliance.adminUrl}/login`, `${appliance.adminUrl}/`]
  elsewhere.body = all.map((url) => `<iframe src="${url}"></iframe>`).join('')
  const asked = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(elsewhere.origin)
  const frames = page.frames().slice(1)
  assert.equal(frames.length, all.length)
  for (const frame of frames) assert.match(frame.url(), /^chrome-error:/)
  for (const url of all) assert.ok(asked.includes(url), `${url} was asked for`)
  const opening = page.waitForEvent('popup')
  await page.evaluate((url) => { window.open(url) }, ours[0])
  const opened = await opening
  await opened.getByLabel('Votre identifiant').waitFor()
  assert.equal(await opened.evaluate(() => window.opener), null)
})

test('fi_06 a copied key is refused, and the true one after it', async () => {
  const page = await newPage(browser)
  const key = await plugKey(page)
  await enrol(page, await codeOf(doctor))
  const copy = (await key.credentials())[0]
  const logIn = async () => {
    await page.goto(`${appliance.publicUrl}/login`)
    await page.getByRole('button', { name: 'Clé' }).click()
  }
  for (let times = 0; times < 2; times += 1) {
    await logIn()
    await page.waitForURL(`${appliance.publicUrl}/portal`)
    await page.getByRole('button', { name: 'Fermer ma session' }).click()
    await page.getByRole('heading', { name: 'Session fermée sur ce poste.' }).waitFor()
  }
  await key.remove(copy.credentialId)
  await key.insert({ ...copy, signCount: 0 })
  await logIn()
  await page.getByRole('heading', { name: 'Connexion refusée, rien n’a été ouvert.' }).waitFor()
  await key.remove(copy.credentialId)
  await key.insert({ ...copy, signCount: 1000 })
  await logIn()
  await page.getByRole('heading', { name: 'Connexion refusée, rien n’a été ouvert.' }).waitFor()
})

test('a window that reads no keys says so, and one without script takes a password', async () => {
  const old = await newPage(browser)
  await old.addInitScript(() => { delete window.PublicKeyCredential })
  await old.goto(`${appliance.publicUrl}/login`)
  await old.getByRole('button', { name: 'Clé' }).click()
  await old.getByText('Cette fenêtre ne lit pas les clés.').first().waitFor()
  await seen(old, 'no-keys')
  const plain = await newPage(browser, { javaScriptEnabled: false })
  await plain.goto(`${appliance.publicUrl}/login`)
  await plain.getByLabel('Votre identifiant').fill('personne')
  await plain.getByRole('button', { name: 'Continuer' }).click()
  await plain.getByLabel('Votre mot de passe').fill('faux')
  await plain.getByRole('button', { name: 'Ouvrir' }).click()
  await plain.getByRole('heading', { name: 'Connexion refusée, rien n’a été ouvert.' }).waitFor()
})

test('programs that fill forms find their fields, and the pages speak English to whoever asks', async () => {
  const page = await newPage(browser)
  await page.goto(`${appliance.publicUrl}/login`)
  await page.locator('#hy-username').fill('personne')
  await page.getByRole('link', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'Login' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  await seen(page, 'english')
  await page.locator('#hy-username').fill('personne')
  await page.locator('#hy-submit').click()
  await page.locator('#hy-password').fill('faux')
  await page.locator('#hy-submit').click()
  await page.getByRole('heading', { name: 'Login refused, nothing was opened.' }).waitFor()
  await seen(page, 'english-refused')
  await page.getByRole('link', { name: 'Français' }).click()
  await page.getByLabel('Votre mot de passe').waitFor()
})

test('the pages stand in 1366 × 620 and at 320 px', async () => {
  for (const [width, height] of [[1366, 620], [800, 600], [320, 640]]) {
    const page = await newPage(browser, { viewport: { width, height } })
    await page.goto(`${appliance.publicUrl}/login`)
    await seen(page, `choice-${width}`)
    const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight])
    assert.ok(size[0] <= width, `${width}: ${size[0]} wide`)
    if (width === 1366) assert.ok(size[1] <= height, `${height}: ${size[1]} high`)
  }
})

test('no secret and no name in the log of it all', () => {
  for (const secret of [doctor.name, 'personne', 'hs_', 'hb_', 'hl_', 'ha_', 'he_']) {
    assert.equal(appliance.log().includes(secret), false, secret)
  }
})
