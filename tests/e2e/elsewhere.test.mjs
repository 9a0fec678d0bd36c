// Logins approved elsewhere, with a real key: the code of a device typed on its page, a request of an application answered in
// « Demandes à approuver » and told to it by a call, and the consent that an application of somebody else asks for. axe looks at each page.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { after, before, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'
import { onEachDatabase } from './databases.mjs'
import { startSandbox } from './sandbox.mjs'

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const CIBA = 'urn:openid:params:grant-type:ciba'
const LATE_MS = 30_000

/** A server of an application: what comes to `path` is answered 200, and handed to whoever waits for it. */
async function startApplication(pki) {
  const waiting = new Map()
  const server = createServer({ key: readFileSync(pki.key), cert: readFileSync(pki.certificate) }, (asked, answer) => {
    let body = ''
    asked.setEncoding('utf8').on('data', (part) => { body += part })
    asked.on('end', () => {
      const url = new URL(asked.url, 'https://localhost')
      answer.setHeader('content-type', 'text/html')
      answer.end('<title>Application</title><h1>Application</h1>')
      waiting.get(url.pathname)?.({ url, body, headers: asked.headers })
      waiting.delete(url.pathname)
    })
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    base: `https://localhost:${server.address().port}`,
    /** The next thing that comes there. */
    next: (path) => new Promise((heard, failed) => {
      const late = setTimeout(() => failed(new Error(`nothing came to ${path}`)), LATE_MS)
      waiting.set(path, (what) => { clearTimeout(late); heard(what) })
    }),
    stop: () => new Promise((closed) => { server.close(closed); server.closeAllConnections() }),
  }
}

onEachDatabase((database) => {
  let application, browser, page, person, sandbox

  before(async () => {
    sandbox = await startSandbox({ database })
    application = await startApplication(sandbox.pki)
    browser = await launchBrowser({ trusts: [sandbox.ca, sandbox.pki.ca] })
    person = sandbox.people[0]
    page = await newPage(browser, { ignoreHTTPSErrors: false })
    await plugKey(page)
    await page.goto(sandbox.sandbox)
    await page.getByRole('button', { name: `Code d’enrôlement pour ${person.name}` }).click()
    const code = await page.locator('#code').innerText()
    await page.goto(`${sandbox.issuer}/enrol`)
    await page.getByLabel('Votre code').fill(code)
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
    await page.goto(`${sandbox.issuer}/login`)
    await page.getByRole('button', { name: 'Clé' }).click()
    await page.waitForURL(`${sandbox.issuer}/portal`)
  })

  after(async () => {
    await browser?.close()
    await application?.stop()
    await sandbox?.stop()
  })

  const seen = async (name) => {
    await shot(page, `elsewhere-${name}`)
    await assertAccessible(page, name)
    assert.deepEqual(page.faults, [], name)
  }
  const register = async (wish) => {
    const json = { token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: 'ES256', ...wish }
    const made = await sandbox.call('/oauth2/register', { method: 'POST', token: sandbox.initial_access_token, json })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return made.body
  }
  const post = (path, client, form) =>
    sandbox.call(path, { method: 'POST', form: { client_id: client.client_id, client_secret: client.client_secret, ...form } })
  const subject = (tokens) => JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url')).sub
  const proveAgain = async (back) => {
    await page.getByRole('button', { name: 'C’est moi : me reconnecter pour accepter' }).click()
    await page.getByRole('button', { name: 'Clé' }).click()
    await page.waitForURL((url) => url.pathname === back)
    await page.getByRole('button', { name: 'Accepter' }).waitFor()
  }

  test('the code of a device is typed on its page, approved with the key, and opens the device', async () => {
    const client = await register({ client_name: 'Chariot de mesures', grant_types: [DEVICE], redirect_uris: [] })
    const told = (await post('/oauth2/device', client, { scope: 'openid profile' })).body
    assert.match(told.user_code, /^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/)
    const fetched = () => post('/oauth2/token', client, { grant_type: DEVICE, device_code: told.device_code })
    assert.equal((await fetched()).body.error, 'authorization_pending')
    await page.goto(told.verification_uri)
    await seen('device')
    await page.getByLabel('Code affiché par l’appareil').fill('BCDF-GHJK')
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByText('Ce code n’attend personne').waitFor()
    await seen('device-unknown')
    await page.getByLabel('Code affiché par l’appareil').fill(told.user_code.toLowerCase())
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByText('Chariot de mesures').waitFor()
    await seen('device-asked')
    await proveAgain('/device')
    await seen('device-proved')
    await page.getByRole('button', { name: 'Accepter' }).click()
    await page.getByText('Accepté : l’autre écran s’ouvre.').waitFor()
    await seen('device-approved')
    const tokens = await fetched()
    assert.equal(tokens.status, 200, JSON.stringify(tokens.body))
    assert.equal(subject(tokens.body), person.id)
    assert.equal((await fetched()).body.error, 'invalid_grant', 'once')
  })

  test('an application has her asked in « Demandes à approuver », and is called when she has answered', async () => {
    const client = await register({
      client_name: 'Bloc opératoire',
      grant_types: [CIBA],
      redirect_uris: [],
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: `${application.base}/ping`,
    })
    const token = '8d67dc78-7faa-4d41-aabd-67707b374255'
    const ask = { scope: 'openid', login_hint: person.login, binding_message: 'Salle 3 : 4217', client_notification_token: token }
    for (const [word, expected] of [['Refuser', 'access_denied'], ['Accepter', undefined]]) {
      const told = (await post('/oauth2/bc-authorize', client, ask)).body
      assert.ok(told.auth_req_id, JSON.stringify(told))
      const called = application.next('/ping')
      await page.goto(`${sandbox.issuer}/portal`)
      await page.getByText('Bloc opératoire').first().waitFor()
      await seen('portal-asked')
      await page.getByRole('link', { name: 'Répondre' }).click()
      await page.getByText('Salle 3 : 4217').waitFor()
      await seen('request-asked')
      if (word === 'Accepter') await proveAgain('/portal/requests')
      await page.getByRole('button', { name: word }).click()
      await page.locator('#hy-decided').waitFor()
      await seen(`request-${word}`)
      const heard = await called
      assert.deepEqual(JSON.parse(heard.body), { auth_req_id: told.auth_req_id })
      assert.equal(heard.headers.authorization, `Bearer ${token}`)
      const fetched = await post('/oauth2/token', client, { grant_type: CIBA, auth_req_id: told.auth_req_id })
      assert.equal(fetched.body.error, expected, JSON.stringify(fetched.body))
      if (!expected) assert.equal(subject(fetched.body), person.id)
    }
  })

  test('a program answers for a test person of the sandbox', async () => {
    const client = await register({ client_name: 'Suite', grant_types: [CIBA], redirect_uris: [] })
    const other = sandbox.people[1]
    for (const [word, expected] of [['deny', 'access_denied'], ['allow', undefined]]) {
      const told = (await post('/oauth2/bc-authorize', client, { scope: 'openid', login_hint: other.login, binding_message: word })).body
      const answer = (type) => sandbox.call(`/sandbox/ciba?token=${told.auth_req_id}&type=${type}`, { method: 'POST' })
      assert.equal((await answer('perhaps')).status, 400)
      assert.equal((await answer(word)).status, 200)
      assert.equal((await answer(word)).status, 404, 'once')
      const fetched = await post('/oauth2/token', client, { grant_type: CIBA, auth_req_id: told.auth_req_id })
      assert.equal(fetched.body.error, expected, JSON.stringify(fetched.body))
      if (!expected) assert.equal(subject(fetched.body), other.id)
    }
    assert.equal((await sandbox.call('/sandbox/ciba?token=x&type=allow', { method: 'POST' })).status, 404)
  })

  test('an application of somebody else asks once what it hears, and she takes it back on the portal', async () => {
    const client = await register({
      client_name: 'Agenda partagé', redirect_uris: [`${application.base}/callback`], scope: 'openid profile', hygie_asks_consent: true,
    })
    const asked = new URLSearchParams({
      response_type: 'code', client_id: client.client_id, redirect_uri: `${application.base}/callback`,
      scope: 'openid profile', state: 'un-état', nonce: 'n',
    })
    const open = (more = '') => page.goto(`${sandbox.issuer}/oauth2/authorize?${asked}${more}`)
    const comesBack = async (act) => {
      const back = application.next('/callback')
      await act()
      const { url } = await back
      await page.getByRole('heading', { name: 'Application' }).waitFor()
      assert.equal(url.searchParams.get('state'), 'un-état')
      return url.searchParams
    }
    await open()
    await page.getByRole('heading', { name: 'Agenda partagé demande votre accord' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/consent')
    assert.match(await page.locator('#hy-consent-asked').innerText(), /votre nom/)
    await seen('consent')
    const no = await comesBack(() => page.getByRole('button', { name: 'Refuser' }).click())
    assert.equal(no.get('error'), 'access_denied')
    await open()
    const yes = await comesBack(() => page.getByRole('button', { name: 'Accepter' }).click())
    assert.ok(yes.get('code'))
    const tokens = await post('/oauth2/token', client, { grant_type: 'authorization_code', code: yes.get('code'), redirect_uri: `${application.base}/callback` })
    assert.equal(subject(tokens.body), person.id)
    const info = () => sandbox.call('/oauth2/userinfo', { token: tokens.body.access_token })
    assert.equal((await info()).status, 200)
    assert.ok((await comesBack(() => open('&prompt=none'))).get('code'), 'remembered')
    await open('&prompt=consent')
    await page.getByRole('heading', { name: 'Agenda partagé demande votre accord' }).waitFor()
    await page.goto(`${sandbox.issuer}/portal`)
    await page.getByRole('button', { name: 'Retirer l’accord donné à Agenda partagé' }).waitFor()
    await seen('portal-consents')
    await page.getByRole('button', { name: 'Retirer l’accord donné à Agenda partagé' }).click()
    await page.getByText('Mes accords').waitFor({ state: 'detached' })
    assert.equal((await info()).status, 401, 'what it held opens nothing')
    assert.equal((await comesBack(() => open('&prompt=none'))).get('error'), 'consent_required')
  })
})
