// The sandbox tells the OpenID Foundation's suite how its browser walks through our pages (`/sandbox/suite.json`): here is
// that walk, by the suite's own rules (specification of its `browser` entries, version 5.2), in a browser that has script and
// holds to our policies. The suite's is HtmlUnit, which does not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { after, before, test } from 'node:test'
import { launchBrowser, newPage } from './browser.mjs'
import { startSandbox } from './sandbox.mjs'

let sandbox, browser, suite, at, configuration, port

before(async () => {
  sandbox = await startSandbox()
  browser = await launchBrowser({ trusts: [sandbox.ca, sandbox.pki.ca] })
  const heard = []
  const server = createServer({ cert: readFileSync(sandbox.pki.certificate), key: readFileSync(sandbox.pki.key) }, (asked, answer) => {
    let body = ''
    asked.on('data', (part) => { body += part }).on('end', () => {
      const url = new URL(asked.url, 'https://localhost')
      const told = new URLSearchParams(asked.method === 'POST' ? body : url.search)
      // Chromium asks every host for its icon.
      if (url.pathname !== '/favicon.ico') heard.push({ path: url.pathname.replace('/test/a/hygie/', ''), told: Object.fromEntries(told) })
      answer.setHeader('content-type', url.pathname.endsWith('.png') ? 'image/png' : 'text/html')
      answer.end(url.pathname.endsWith('/callback') ? '<p id="submission_complete">Done</p>' : '')
    })
  })
  await new Promise((open, failed) => server.once('error', failed).listen(0, '127.0.0.1', open))
  ;({ port } = server.address())
  at = `https://localhost:${port}/test/a/hygie`
  suite = { heard, stop: () => new Promise((closed) => { server.close(closed); server.closeAllConnections() }) }
  const told = await sandbox.call(`/sandbox/suite.json?suite=${encodeURIComponent(`https://localhost:${port}`)}&alias=hygie`)
  assert.equal(told.status, 200, JSON.stringify(told.body))
  configuration = told.body
})

after(async () => {
  await browser?.close()
  await suite?.stop()
  await sandbox?.stop()
})

const fits = (pattern, text) => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.?+^$()[\]{}|\\]/g, '\\$&')).join('.*')}$`, 's').test(text)
const selector = (how, what) => ({ id: `#${what}`, css: what })[how] ?? assert.fail(`unknown selector ${how}`)

/** One module: its entries, a browser with cookies of its own, and the visits that it asks for. */
async function module(name) {
  const entries = structuredClone(configuration.override[name]?.browser ?? configuration.browser)
  const page = await newPage(browser, { ignoreHTTPSErrors: false })
  page.faults.length = 0
  const visit = async (url) => {
    const entry = entries.find((one) => fits(one.match, url) && (one['match-limit'] ?? 1) > 0)
    assert.ok(entry, `a person would be asked to visit ${url}`)
    if ('match-limit' in entry) entry['match-limit'] -= 1
    const [photos, before] = [[], suite.heard.length]
    await page.goto(url)
    for (const task of entry.tasks) {
      if (!fits(task.match ?? '*', page.url())) {
        assert.ok(task.optional, `unexpected address for ${task.task}: ${page.url()}`)
        continue
      }
      for (const [command, how, what, ...rest] of task.commands ?? []) {
        if (command === 'text') await page.locator(selector(how, what)).fill(rest[0])
        else if (command === 'click') await page.locator(selector(how, what)).click()
        else if (how === 'match') await page.waitForURL((now) => new RegExp(what).test(now.href), { timeout: rest[0] * 1000 })
        else {
          const element = page.locator(selector(how, what)).first()
          await element.waitFor({ state: 'attached', timeout: rest[0] * 1000 })
          const [, pattern, action] = rest
          if (pattern) assert.match(await element.innerText(), new RegExp(pattern))
          if (action) photos.push({ task: task.task, text: await element.innerText(), images: await page.locator('img').evaluateAll((all) => all.map((one) => one.src)) })
        }
      }
    }
    return { url: page.url(), photos, heard: suite.heard.slice(before) }
  }
  const end = async () => {
    // A refused request and a page that nobody keeps are no faults.
    assert.deepEqual(page.faults.filter((fault) => /script|Policy/.test(fault)), [], name)
    await page.context().close()
  }
  return { visit, end, page }
}

async function registered(more) {
  const wish = {
    client_name: 'essai', redirect_uris: [`${at}/callback`], post_logout_redirect_uris: [`${at}/post_logout_redirect`], scope: 'openid profile email', ...more,
  }
  const { status, body } = await sandbox.call('/oauth2/register', { method: 'POST', token: sandbox.initial_access_token, json: wish })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

const asking = (client, more) => Object.entries({
  response_type: 'code', client_id: client.client_id, redirect_uri: `${at}/callback`, scope: 'openid', state: 's', nonce: 'n', ...more,
}).filter(([, value]) => value !== undefined)
// As the suite writes a query: what need not be written otherwise stands as it is.
const query = (pairs) => pairs.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2F', '/').replaceAll('%3A', ':')}`).join('&')
const authorize = (client, more) => `${sandbox.issuer}/oauth2/authorize?${query(asking(client, more))}`
const logout = (more) => `${sandbox.issuer}/oauth2/logout${more ? `?${query(Object.entries(more))}` : ''}`
const redeem = async (client, { heard }) => {
  const { code } = heard.find(({ path }) => path === 'callback').told
  const { body } = await sandbox.call('/oauth2/token', { method: 'POST', form: {
    grant_type: 'authorization_code', code, redirect_uri: `${at}/callback`, client_id: client.client_id, client_secret: client.client_secret,
  } })
  assert.ok(body.id_token, JSON.stringify(body))
  return body.id_token
}

test('a login, another one that is asked for, and refusals, which are photographed', async () => {
  const client = await registered({ token_endpoint_auth_method: 'client_secret_post' })
  const basic = await module('oidcc-prompt-login')
  const first = await basic.visit(authorize(client))
  assert.equal(first.heard.at(-1).told.state, 's')
  await redeem(client, first)
  assert.equal((await basic.visit(authorize(client, { prompt: 'none' }))).photos.length, 0)
  const again = await basic.visit(authorize(client, { prompt: 'login' }))
  assert.deepEqual(again.photos.map(({ task }) => task), ['login'])
  for (const [more, words] of [[{ redirect_uri: `${at}/other` }, /redirect_uri/], [{ redirect_uri: undefined }, /redirect_uri/]]) {
    const refused = await basic.visit(authorize(client, more))
    assert.deepEqual([refused.photos.map(({ task }) => task), refused.heard], [['refusal'], []])
    assert.match(refused.photos[0].text, words)
  }
  assert.equal((await basic.visit(authorize(client, { response_type: undefined }))).heard.at(-1).told.error, 'invalid_request')
  const posted = await module('oidcc-server')
  assert.ok((await posted.visit(authorize(client, { response_mode: 'form_post' }))).heard.at(-1).told.code)
  await posted.end()
  await basic.end()
})

test('a person who cancels, and one who looks and comes back', async () => {
  const client = await registered({ token_endpoint_auth_method: 'client_secret_post' })
  const rejects = await module('fapi2-security-profile-final-user-rejects-authentication')
  for (const turn of [1, 2]) {
    const { heard } = await rejects.visit(authorize(client))
    assert.equal(heard.at(-1).told.error, 'access_denied', `turn ${turn}`)
  }
  await rejects.end()
  const form = { ...Object.fromEntries(asking(client)), client_secret: client.client_secret }
  const pushed = await sandbox.call('/oauth2/par', { method: 'POST', form })
  const address = `${sandbox.issuer}/oauth2/authorize?${new URLSearchParams({ client_id: client.client_id, request_uri: pushed.body.request_uri })}`
  const looks = await module('fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds')
  assert.deepEqual((await looks.visit(address)).heard, [])
  assert.ok((await looks.visit(address)).heard.at(-1).told.code)
  await looks.end()
})

test('what a client says of itself is seen on the login page', async () => {
  const logo = `https://localhost:${port}/images/openid.png`
  const client = await registered({ logo_uri: logo, policy_uri: `https://localhost:${port}/login.html`, tos_uri: 'https://openid.net' })
  for (const [what, text] of [['logo', ''], ['policy', 'Ce qu’elle fait de vos données'], ['tos', 'Ses conditions d’utilisation']]) {
    const seen = await module(`oidcc-registration-${what}-uri`)
    const { photos: [photo], heard } = await seen.visit(authorize(client))
    assert.deepEqual([photo.task, photo.text, photo.images], ['photo', text, [logo]])
    assert.deepEqual(heard.map(({ path }) => path), ['/images/openid.png'], 'loaded, and nothing else is asked for')
    await seen.end()
  }
})

test('every logout ends where its module looks for it', async () => {
  const client = await registered({ token_endpoint_auth_method: 'client_secret_post' })
  const uri = { post_logout_redirect_uri: `${at}/post_logout_redirect` }
  const ended = ['end', 'Session fermée.'], confirmed = ['confirm', 'Session fermée.']
  for (const [name, more, back, photo] of [
    ['oidcc-rp-initiated-logout', (hint) => ({ ...hint, ...uri, state: 'a b' }), { state: 'a b' }],
    ['oidcc-rp-initiated-logout-no-state', (hint) => ({ ...hint, ...uri }), {}],
    ['oidcc-rp-initiated-logout-no-params', () => undefined, undefined, confirmed],
    ['oidcc-rp-initiated-logout-only-state', () => ({ state: 's' }), undefined, confirmed],
    ['oidcc-rp-initiated-logout-no-post-logout-redirect-uri', (hint) => ({ ...hint, state: 's' }), undefined, ended],
    ['oidcc-rp-initiated-logout-no-id-token-hint', () => ({ ...uri, state: 's' }), undefined, ['asked', 'Fermer la session']],
    ['oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', (hint) => ({ ...hint, post_logout_redirect_uri: `${at}/other`, state: 's' }), undefined, ['end', 'Cette application a mal formé sa demande.']],
  ]) {
    const one = await module(name)
    const id_token_hint = await redeem(client, await one.visit(authorize(client)))
    const { heard, photos } = await one.visit(logout(more({ id_token_hint })))
    assert.deepEqual(heard.find(({ path }) => path === 'post_logout_redirect')?.told, back, name)
    assert.deepEqual(photos.map(({ task, text }) => [task, text]), photo ? [photo] : [], name)
    await one.end()
  }
})

test('applications hear of an end in the browser, which then goes on by itself', async () => {
  const client = await registered({
    token_endpoint_auth_method: 'client_secret_post', frontchannel_logout_uri: `${at}/frontchannel_logout`, frontchannel_logout_session_required: true,
  })
  const one = await module('oidcc-frontchannel-rp-initiated-logout')
  const id_token_hint = await redeem(client, await one.visit(authorize(client)))
  const { heard } = await one.visit(logout({ id_token_hint, post_logout_redirect_uri: `${at}/post_logout_redirect`, state: 's' }))
  // The page goes on after three seconds, whatever the frame does: on a slow machine it may come later.
  const until = Date.now() + 20_000
  const told = () => suite.heard.findLast(({ path }) => path === 'frontchannel_logout')?.told
  while (!told() && Date.now() < until) await new Promise((again) => setTimeout(again, 50))
  assert.deepEqual(heard.find(({ path }) => path === 'post_logout_redirect')?.told, { state: 's' })
  assert.equal(told()?.iss, sandbox.issuer)
  assert.ok(told().sid)
  await one.end()
})

test('a configuration is given for an origin, a name and a test person alone', async () => {
  for (const asked of [
    '', '?suite=https://s.test', '?suite=javascript:alert(1)&alias=a', '?suite=https://s.test/path&alias=a', '?suite=https://u:p@s.test&alias=a',
    '?suite=https://s.test/?x&alias=a', '?suite=https://*&alias=a', '?suite=https://s;t&alias=a', '?suite=https://s.test&alias=a/b',
    '?suite=https://s.test&alias=', '?suite=https://s.test&alias=a&login=nobody',
  ]) {
    const { status, body } = await sandbox.call(`/sandbox/suite.json${asked}`)
    assert.deepEqual([status, body.includes('alias')], [400, true], asked)
  }
  const { login } = sandbox.people[1]
  const told = await sandbox.call(`/sandbox/suite.json?suite=https://s.test&alias=a-1&login=${login}`)
  assert.ok(JSON.stringify(told.body.browser).includes(`"hy-username","${login}"`))
  assert.equal(told.body.server.discoveryUrl, `${sandbox.issuer}/.well-known/openid-configuration`)
})
