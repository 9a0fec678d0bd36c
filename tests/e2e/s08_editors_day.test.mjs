// S08, an editor's day: a client is registered in the sandbox by a program, a test person logs in to it; then the connector
// check plays right and wrong answers to a good connector and to a bad one, and its report says of each what it does wrong,
// on whatever node and after a restart. On PostgreSQL two nodes share the work.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { freePorts } from './appliance.mjs'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, shot } from './browser.mjs'
import { onEachDatabase } from './databases.mjs'
import { startSandbox } from './sandbox.mjs'
import { STACKS, startApplication } from './stock.mjs'

onEachDatabase((database) => {
  let browser, sandbox

  before(async () => {
    sandbox = await startSandbox({ database, nodes: database === 'PostgreSQL' ? 2 : 1 })
    browser = await launchBrowser({ trusts: [sandbox.ca, sandbox.pki.ca] })
  })

  after(async () => {
    await browser?.close()
    await sandbox?.stop()
  })

  const call = (path, options) => sandbox.call(path, options)
  const freshPage = (options = {}) => newPage(browser, { ignoreHTTPSErrors: false, ...options })
  const shown = async (page, address) => {
    await page.goto(address)
    return JSON.parse(await page.locator('body').innerText())
  }

  test('a program registers a client, a test person logs in to it without script, and the client ends', async () => {
    const discovery = (await call('/.well-known/openid-configuration')).body
    assert.equal(discovery.registration_endpoint, sandbox.registration)
    const [publicPort, port] = await freePorts(2)
    const base = `https://localhost:${publicPort}`
    const wish = { client_name: 'Prescription', redirect_uris: [`${base}/callback`], post_logout_redirect_uris: [`${base}/`], grant_types: ['authorization_code', 'refresh_token'] }
    for (const token of [undefined, 'wrong', `${sandbox.initial_access_token}x`]) {
      assert.equal((await call('/oauth2/register', { method: 'POST', token, json: wish })).status, 401)
    }
    const registered = await call('/oauth2/register', { method: 'POST', token: sandbox.initial_access_token, json: wish })
    assert.equal(registered.status, 201, JSON.stringify(registered.body))
    const client = registered.body
    assert.equal(client.client_secret_expires_at, 0)
    const application = await startApplication(sandbox, { base, publicPort, port, client }, STACKS['openid-client'])
    try {
      const page = await freshPage({ javaScriptEnabled: false })
      await page.goto(`${base}/login`)
      await page.getByLabel('Votre identifiant').fill(sandbox.login)
      await page.getByRole('button', { name: 'Continuer' }).click()
      await page.getByLabel('Votre mot de passe').fill(sandbox.password)
      await page.getByRole('button', { name: 'Ouvrir' }).click()
      await page.waitForURL(`${base}/`)
      const { claims } = await shown(page, `${base}/`)
      assert.equal(claims.sub, sandbox.people[0].id)
    } finally {
      await application.stop()
    }
    const at = new URL(client.registration_client_uri).pathname
    const own = client.registration_access_token
    assert.equal((await call(at, { token: own })).body.client_name, 'Prescription')
    assert.equal((await call(at, { token: sandbox.initial_access_token })).status, 401)
    const changed = await call(at, { method: 'PUT', token: own, json: { ...wish, client_name: 'Dossier' } })
    assert.equal(changed.body.client_name, 'Dossier')
    const refused = await call(at, { method: 'PUT', token: own, json: { ...wish, redirect_uris: ['javascript:alert(1)'] } })
    assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_redirect_uri'])
    assert.equal((await call(at, { method: 'DELETE', token: own })).status, 204)
    assert.equal((await call(at, { token: own })).status, 401)
  })

  /** Begins a check on the sandbox's own page; what the application is configured with. */
  const beginCheck = async (page, name, addresses) => {
    await page.goto(sandbox.sandbox)
    await page.getByLabel('Nom de l’application').fill(name)
    await page.getByLabel('Adresse de retour').fill(addresses.redirect)
    await page.getByLabel('Adresse après la fermeture').fill(addresses.after ?? '')
    await page.getByLabel('Adresse des appels de déconnexion').fill(addresses.logout ?? '')
    await page.getByRole('button', { name: 'Contrôler le connecteur' }).click()
    await page.getByRole('heading', { name }).waitFor()
    const read = (id) => page.locator(`#${id}`).innerText()
    return { at: new URL(page.url()).pathname, issuer: await read('issuer'), client_id: await read('client-id'), client_secret: await read('client-secret') }
  }
  const report = async (check) => (await call(`${check.at}/report.json`)).body
  const lines = (told) => [...told.requests, ...told.plays, ...told.logouts]
  const named = (told, verdict) => lines(told).filter((line) => line.verdict === verdict).map((line) => line.rule).sort()

  test('a good connector has no wrong line', async () => {
    const page = await freshPage()
    const [publicPort, port] = await freePorts(2)
    const base = `https://localhost:${publicPort}`
    const check = await beginCheck(page, 'Bon connecteur', { redirect: `${base}/callback`, after: `${base}/`, logout: `${base}/backchannel-logout` })
    await assertAccessible(page, 'connector check, begun')
    const checked = { ...sandbox, appliance: { publicUrl: check.issuer } }
    const application = await startApplication(checked, { base, publicPort, port, client: check }, STACKS['openid-client'])
    try {
      const user = await freshPage()
      for (const play of (await report(check)).plays_known) {
        await call(`${check.at}/next`, { method: 'POST', form: { play } })
        await user.context().clearCookies()
        await user.goto(`${base}/login`)
        const opened = (await shown(user, `${base}/`)).claims !== undefined
        if (play === 'same_answer_twice') {
          assert.ok(opened, 'the first time is right')
          await user.goto(new URL(`${check.at}/replay`, sandbox.issuer).href)
        } else {
          await call(`${check.at}/told`, { method: 'POST', form: { play, seen: opened ? 'opened' : 'refused' } })
        }
      }
      // Opened once more, left with the provider, opened again for the logout calls.
      await user.context().clearCookies()
      await user.goto(`${base}/login`)
      await user.goto(`${base}/logout`)
      await user.goto(`${base}/login`)
      assert.ok((await shown(user, `${base}/`)).claims)
      await page.goto(new URL(check.at, sandbox.issuer).href)
      await page.getByRole('button', { name: 'Envoyer les appels de déconnexion' }).click()
      await page.getByRole('heading', { name: 'Bon connecteur' }).waitFor()
      assert.deepEqual(await shown(user, `${base}/`), {}, 'the right call has closed its session')
      const told = await report(check)
      assert.deepEqual(named(told, 'right'), lines(told).map((line) => line.rule).sort(), JSON.stringify(lines(told).filter((line) => line.verdict !== 'right')))
      await shot(page, 'sandbox-check-good')
    } finally {
      await application.stop()
    }
  })

  test('a check and its report are the same on every node, and after a restart', async () => {
    const page = await freshPage()
    const check = await beginCheck(page, 'Connecteur patient', { redirect: 'https://localhost:9/retour' })
    const op = new URL(check.issuer).pathname
    const asked = new URLSearchParams({ response_type: 'code', client_id: check.client_id, redirect_uri: 'https://localhost:9/retour', scope: 'openid', state: 'un-etat', nonce: 'un-nonce' })
    const gone = await call(`${op}/authorize?${asked}`)
    const code = new URL(gone.headers.location).searchParams.get('code')
    const keys = (await call(`${op}/jwks`)).body
    const before = await report(check)
    assert.equal(before.logins, 1)
    await sandbox.restart()
    // One connection a call: each goes to the next node.
    for (let turn = 0; turn < 4; turn += 1) {
      assert.deepEqual(await report(check), before)
      assert.deepEqual((await call(`${op}/jwks`)).body, keys)
    }
    // What was begun before goes on: its code serves, once.
    const form = { grant_type: 'authorization_code', code, redirect_uri: 'https://localhost:9/retour', client_id: check.client_id, client_secret: check.client_secret }
    assert.deepEqual([(await call(`${op}/token`, { method: 'POST', form })).status, (await call(`${op}/token`, { method: 'POST', form })).status], [200, 400])
    await page.goto(new URL(check.at, sandbox.issuer).href)
    await page.getByRole('heading', { name: 'Connecteur patient' }).waitFor()
  })

  test('a bad connector is told each of its faults, with the text that asks for better and how to mend it', async () => {
    const page = await freshPage()
    const redirect = 'https://localhost:9/retour'
    const check = await beginCheck(page, 'Mauvais connecteur', { redirect })
    const op = new URL(check.issuer).pathname
    /** What a careless program does: no state, one nonce for ever, no PKCE, and whatever comes is believed. */
    const careless = async (play) => {
      await call(`${check.at}/next`, { method: 'POST', form: { play } })
      const asked = new URLSearchParams({ response_type: 'code', client_id: check.client_id, redirect_uri: redirect, scope: 'openid', nonce: '1' })
      const gone = await call(`${op}/authorize?${asked}`)
      assert.equal(gone.status, 303)
      const code = new URL(gone.headers.location).searchParams.get('code')
      if (!code) return
      const form = { grant_type: 'authorization_code', code, redirect_uri: redirect, client_id: check.client_id, client_secret: check.client_secret }
      const tokens = await call(`${op}/token`, { method: 'POST', form })
      assert.equal(tokens.status, 200, play)
      if (play === 'same_answer_twice') {
        await call(`${check.at}/replay`)
        await call(`${op}/token`, { method: 'POST', form })
      }
      assert.equal((await call(`${op}/userinfo?access_token=${tokens.body.access_token}`)).status, 200)
      await call(`${check.at}/told`, { method: 'POST', form: { play, seen: 'opened' } })
    }
    for (const play of (await report(check)).plays_known) await careless(play)
    const told = await report(check)
    const wrong = ['bearer_in_header', 'code_once', 'expired', 'nonce_random', 'no_issuer_in_answer', 'no_nonce', 'no_state', 'other_audience', 'other_issuer',
      'other_issuer_in_answer', 'other_key', 'other_nonce', 'other_state', 'other_subject', 'same_answer_twice', 'state_sent', 'symmetric_key', 'unsigned'].sort()
    assert.deepEqual(named(told, 'wrong'), wrong)
    assert.deepEqual(named(told, 'advised'), ['logout_right', 'pkce'])
    for (const line of lines(told)) assert.ok(line.references.length > 0 && line.mend.length > 0 && line.title.length > 0, line.rule)
    // The same on screen, and on paper.
    await page.goto(new URL(check.at, sandbox.issuer).href)
    await page.getByText(`À corriger : ${wrong.length}`).waitFor()
    const row = page.getByRole('row').filter({ hasText: 'Vérifie la signature du jeton d’identité' })
    await row.getByText('À corriger').waitFor()
    await row.getByText('OIDC Core §3.1.3.7').waitFor()
    await assertAccessible(page, 'connector check, bad connector')
    await page.emulateMedia({ media: 'print' })
    assert.ok(await row.isVisible(), 'printed too')
    await shot(page, 'sandbox-check-bad')
  })

  test('the pages of the sandbox: people, stacks, a code for a key', async () => {
    const page = await freshPage()
    await page.goto(sandbox.sandbox)
    await assertAccessible(page, 'sandbox')
    await shot(page, 'sandbox')
    assert.equal(await page.getByRole('row').filter({ hasText: sandbox.people[0].login }).count(), 1)
    for (const stack of await page.locator('a[href^="/sandbox/stacks/"]').all().then((links) => Promise.all(links.map((link) => link.getAttribute('href'))))) {
      await page.goto(new URL(stack, sandbox.issuer).href)
      const files = await page.locator('pre').allInnerTexts()
      assert.ok(files.length > 0 && files.every((text) => text.length > 300), stack)
      await assertAccessible(page, stack)
    }
    await page.goto(sandbox.sandbox)
    await page.getByRole('button', { name: /^Code d’enrôlement pour/ }).first().click()
    assert.match(await page.locator('#code').innerText(), /^[0-9A-Z-]{8,}$/)
    assert.deepEqual(page.faults, [])
  })

  if (database === 'PostgreSQL') {
    test('both nodes took part', () => {
      assert.ok(sandbox.taken().every((count) => count > 1), String(sandbox.taken()))
    })
  }
})
