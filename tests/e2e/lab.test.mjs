// The tools of the browser tests prove themselves on a page of their own: a key registers and logs in without a user
// name, axe sees a planted fault, a page that asks outside is caught. Without this, a blind tool would pass every page.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { assertAccessible, axeFaults } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'

const PAGE = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title></head>
<body><main><h1>Essai</h1><button type="button">Entrer</button></main></body></html>`

let browser, server, origin

before(async () => {
  server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(PAGE)
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  origin = `http://localhost:${server.address().port}`
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  server?.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

const register = (page) => page.evaluate(async () => {
  const credential = await navigator.credentials.create({ publicKey: {
    challenge: crypto.getRandomValues(new Uint8Array(32)),
    rp: { id: 'localhost', name: 'Essai' },
    user: { id: new TextEncoder().encode('personne-1'), name: 'essai', displayName: 'Essai' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  } })
  return credential.id
})

const login = (page) => page.evaluate(async () => {
  const credential = await navigator.credentials.get({ publicKey: {
    challenge: crypto.getRandomValues(new Uint8Array(32)), rpId: 'localhost', userVerification: 'required', timeout: 3000,
  } })
  return { id: credential.id, user: new TextDecoder().decode(credential.response.userHandle) }
})

test('a software key registers, and logs in without a user name', async () => {
  const page = await newPage(browser)
  await page.goto(origin)
  const key = await plugKey(page)
  const id = await register(page)
  assert.deepEqual(await login(page), { id, user: 'personne-1' })
  const [credential] = await key.credentials()
  assert.equal(credential.isResidentCredential, true)
  assert.ok(credential.signCount >= 1)
  await key.verifiesUser(false)
  await assert.rejects(login(page), /NotAllowedError/)
  await page.context().close()
})

test('axe finds nothing on a sound page, and the fault of a faulty one', async () => {
  const page = await newPage(browser)
  await page.goto(origin)
  await assertAccessible(page)
  await page.evaluate(() => document.querySelector('main').append(document.createElement('input')))
  const faults = await axeFaults(page)
  assert.ok(faults.some((fault) => fault.startsWith('label ')), faults.join('\n'))
  await shot(page, 'lab')
  await page.context().close()
})

test('a page that asks outside the machine is caught', async () => {
  const page = await newPage(browser)
  await page.route('http://ailleurs.invalid/**', (route) => route.abort())
  await page.goto(origin)
  assert.deepEqual(page.faults, [])
  await page.evaluate(() => fetch('http://ailleurs.invalid/mouchard').catch(() => null))
  assert.deepEqual(page.faults, ['asked outside: http://ailleurs.invalid'])
  await page.context().close()
})
