// Keycloak as an identity broker in front of an appliance, as Pro Santé Connect is: nothing of it is played.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { execFileSync } from 'node:child_process'
import { freePorts } from '../e2e/appliance.mjs'
import { launchBrowser } from '../e2e/browser.mjs'
import { newPerson, startHospital } from '../e2e/stock.mjs'
import { missingKeycloak, realmOf, startKeycloak } from './keycloak.mjs'

/** A service behind the broker: it keeps what comes to it. */
async function startService(port) {
  const calls = []
  const server = createServer((asked, answer) => {
    let body = ''
    asked.on('data', (chunk) => { body += chunk })
    asked.on('end', () => {
      calls.push({ method: asked.method, path: asked.url.split('?')[0], body })
      answer.writeHead(200, { 'content-type': 'text/html' }).end('<p>service</p>')
    })
  })
  await new Promise((done) => server.listen(port, '127.0.0.1', done))
  return {
    base: `http://127.0.0.1:${port}`, secret: randomBytes(24).toString('hex'), calls,
    stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done) }),
  }
}

describe('Keycloak as a broker', { skip: await missingKeycloak() }, () => {
  let hospital, service, keycloak, browser, person

  before(async () => {
    const [keycloakPort, servicePort] = await freePorts(2)
    hospital = await startHospital()
    service = await startService(servicePort)
    const realm = `https://localhost:${keycloakPort}/auth/realms/sante`
    const registered = (alias) => hospital.register('--name', alias, '--redirect-uri', `${realm}/broker/${alias}/endpoint`,
      '--post-logout-redirect-uri', `${realm}/broker/${alias}/endpoint/logout_response`, '--scope', 'profile',
      '--backchannel-logout-uri', `${realm}/protocol/openid-connect/logout/backchannel-logout`)
    const clients = {
      navigateur: { client: await registered('navigateur'), byServer: false },
      serveur: { client: await registered('serveur'), byServer: true },
    }
    const issuer = hospital.appliance.publicUrl
    keycloak = await startKeycloak({ realm: realmOf({ issuer, clients, service }), port: keycloakPort, pki: hospital.pki, trusts: hospital.ca })
    browser = await launchBrowser({ trusts: [hospital.ca, hospital.pki.ca] })
    person = await newPerson(hospital, browser, 'doctor')
    // A virtual machine compiles what it does for the first time.
    person.page.context().setDefaultTimeout(120_000)
  })

  after(async () => {
    await browser?.close()
    await keycloak?.stop()
    await service?.stop()
    await hospital?.stop()
  })

  const verifier = randomBytes(32).toString('base64url')
  const asked = (more) => `${keycloak.base}/protocol/openid-connect/auth?${new URLSearchParams({
    client_id: 'service', redirect_uri: `${service.base}/callback`, response_type: 'code', scope: 'openid', state: 's', nonce: 'n',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', ...more,
  })}`
  /** Keycloak's answer to the service's own server. */
  const token = (form) => JSON.parse(execFileSync('curl', ['-s', '--cacert', hospital.pki.ca, '-u', `service:${service.secret}`,
    ...Object.entries(form).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]),
    `${keycloak.base}/protocol/openid-connect/token`], { encoding: 'utf8' }))
  const back = async () => {
    await person.page.waitForURL(`${service.base}/callback?**`)
    const code = new URL(person.page.url()).searchParams.get('code')
    const given = token({ grant_type: 'authorization_code', code, redirect_uri: `${service.base}/callback`, code_verifier: verifier })
    assert.ok(given.id_token, JSON.stringify(given))
    return given
  }
  const atTheDoor = async () => {
    await person.page.goto(`${hospital.appliance.publicUrl}/portal`)
    await person.page.getByLabel('Votre identifiant').waitFor()
  }
  const stillHere = async () => {
    await person.page.goto(`${hospital.appliance.publicUrl}/portal`)
    await person.page.getByRole('button', { name: 'Fermer ma session' }).waitFor()
  }
  const leave = (idToken) => person.page.goto(`${keycloak.base}/protocol/openid-connect/logout?${new URLSearchParams({
    id_token_hint: idToken, post_logout_redirect_uri: `${service.base}/left`, state: 'bye',
  })}`)
  let tokens

  test('a login through the broker', async () => {
    await person.page.goto(asked({ kc_idp_hint: 'navigateur', acr_values: 'eidas1' }))
    await person.byPassword()
    tokens = await back()
  })

  test('a refresh at the broker', () => {
    const given = token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
    assert.ok(given.access_token, JSON.stringify(given))
    tokens = { ...tokens, ...given }
  })

  test('a stronger login that the service wants reaches the appliance', async () => {
    await person.enrolKey()
    await person.page.goto(asked({ kc_idp_hint: 'navigateur', acr_values: 'eidas2', prompt: 'login' }))
    await person.byKey()
    tokens = await back()
  })

  test('a logout by the browser ends the session here, and the person is back at her service', async () => {
    await stillHere()
    await leave(tokens.id_token)
    await person.page.waitForURL(`${service.base}/left?**`)
    await atTheDoor()
  })

  test('a logout by the broker’s own server, without a browser, ends the session here too', async () => {
    await person.page.goto(asked({ kc_idp_hint: 'serveur', acr_values: 'eidas1' }))
    await person.byPassword()
    tokens = await back()
    await stillHere()
    await leave(tokens.id_token)
    await person.page.waitForURL(`${service.base}/left?**`)
    await atTheDoor()
  })

  test('whoever leaves here is gone at the broker and at the service behind it', async () => {
    await person.page.goto(asked({ kc_idp_hint: 'navigateur', acr_values: 'eidas1' }))
    await person.byPassword()
    tokens = await back()
    const since = service.calls.length
    await person.leave()
    const told = () => service.calls.slice(since).find((call) => call.method === 'POST' && call.path === '/backchannel-logout')
    for (let tries = 0; tries < 1200 && !told(); tries += 1) await new Promise((again) => setTimeout(again, 100))
    assert.match(told()?.body ?? '', /^logout_token=/, keycloak.log().slice(-2000))
    const refused = token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
    assert.equal(refused.error, 'invalid_grant', JSON.stringify(refused))
  })
})
