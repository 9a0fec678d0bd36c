// What tokens cost: a code redeemed, a refresh, an introspection, userinfo; processor time of the server and time that
// the client waits. The floor of each is put together in the same run: the bare handler, one signature (openssl), one
// durable commit of one row (SQLite, write-ahead log, synchronous FULL). Budget: 1.5 times that (design, section 11).
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts, startAppliance } from '../e2e/appliance.mjs'
import { launchBrowser, newPage, plugKey } from '../e2e/browser.mjs'
import { cpuMs, record, startBare, summary } from './lib.mjs'

const ROUNDS = 5, EACH = 600, CONNECTIONS = [1, 16, 128]
const CALLBACK = 'https://dpi.test/cb'
const clients = {}
let doctor

const appliance = await startAppliance({
  prepare: async (hygie, folder) => {
    const hospital = join(folder, 'sources', 'hospital')
    await hygie('demo', 'generate', '--seed', '1', '--size', 'small', '--out', hospital)
    cpSync(join(hospital, 'hr', 'hr-v1.csv'), join(folder, 'sources', 'hr-v1.csv'))
    writeFileSync(join(folder, 'rh.toml'), readFileSync(join(hospital, 'hr', 'mapping.toml'), 'utf8'))
    await hygie('source', 'add', join(folder, 'rh.toml'))
    await hygie('source', 'sync', 'rh')
    doctor = (await hygie('person', 'list', 'MARTIN'))[0]
    for (const algorithm of ['ES256', 'RS256']) {
      const made = await hygie('client', 'create', '--name', algorithm, '--redirect-uri', CALLBACK,
        '--signing', algorithm, '--refresh-seconds', '3600')
      const basic = Buffer.from(`${made.client_id}:${made.client_secret}`).toString('base64')
      clients[algorithm] = { id: made.client_id, basic: `Basic ${basic}` }
    }
  },
})

/** A doctor logs in with a key; her cookies. */
async function login() {
  const browser = await launchBrowser()
  try {
    const page = await newPage(browser)
    await plugKey(page)
    const { code } = await appliance.hygie('means', 'issue', doctor.id)
    await page.goto(`${appliance.publicUrl}/enrol`)
    await page.getByLabel('Votre code').fill(code)
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
    await page.goto(`${appliance.publicUrl}/login`)
    await page.getByRole('button', { name: 'Clé' }).click()
    await page.waitForURL(`${appliance.publicUrl}/portal`)
    return (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  } finally {
    await browser.close()
  }
}

/** Runs `EACH` calls, so many at once; what they answered, with the server's processor time and the wait of each. */
async function measured(pid, atOnce, call) {
  const answers = [], waits = []
  const before = cpuMs(pid), began = performance.now()
  let next = 0
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < EACH) {
      const mine = next++
      const start = performance.now()
      answers[mine] = await call(mine)
      waits.push(performance.now() - start)
    }
  }))
  const [wall, used] = [performance.now() - began, cpuMs(pid) - before]
  waits.sort((a, b) => a - b)
  const figures = { cpu_us: (used * 1000) / EACH, per_second: (EACH * 1000) / wall, p50_ms: waits[EACH >> 1], p99_ms: waits[Math.floor(EACH * 0.99)] }
  return { answers, figures }
}

async function posted(path, client, form) {
  const answer = await fetch(appliance.publicUrl + path, {
    method: 'POST', body: new URLSearchParams(form), headers: { authorization: client.basic },
  })
  const told = await answer.json()
  if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(told)}`)
  return told
}

async function codeFor(client, cookie, mine) {
  const asked = new URLSearchParams({
    response_type: 'code', client_id: client.id, redirect_uri: CALLBACK, scope: 'openid profile', state: `s${mine}`, nonce: `n${mine}`,
  })
  const answer = await fetch(`${appliance.publicUrl}/oauth2/authorize?${asked}`, { headers: { cookie }, redirect: 'manual' })
  const code = new URL(answer.headers.get('location'), appliance.publicUrl).searchParams.get('code')
  if (!code) throw new Error(`no code: ${answer.status} ${answer.headers.get('location')}`)
  return code
}

/** Microseconds of one signature, by openssl on one core. */
function signature(name) {
  const text = execFileSync('openssl', ['speed', '-seconds', '1', '-mr', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  // Signatures a second, or seconds a signature, as the version of openssl has it.
  const told = Number(/^\+F[24]:\d+:\d+:([\d.e-]+):/m.exec(text)[1])
  return told > 1 ? 1e6 / told : told * 1e6
}

const COMMITS = `
import os, sqlite3, sys, time
base = sqlite3.connect(os.path.join(sys.argv[1], 'floor.db'), isolation_level=None)
base.execute('PRAGMA journal_mode=WAL'); base.execute('PRAGMA synchronous=FULL')
base.execute('CREATE TABLE t (k BLOB PRIMARY KEY, a TEXT, b TEXT, c INTEGER)')
began = time.process_time()
for row in range(1000): base.execute('INSERT INTO t VALUES (randomblob(32), ?, ?, ?)', ('token', 'x' * 300, row))
print((time.process_time() - began) * 1000)`

/** Microseconds of processor time of one row inserted and durably committed, alone. */
function commit() {
  const folder = mkdtempSync(join(appliance.folder, 'floor-'))
  const told = execFileSync('python3', ['-c', COMMITS, folder], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  return Number(told)
}

try {
  const cookie = await login()
  const discovery = await (await fetch(`${appliance.publicUrl}/oauth2/jwks`)).text()
  const [port] = await freePorts(1)
  const bare = await startBare(discovery, port)
  const rows = {}
  const add = (name, figures) => { (rows[name] ??= []).push(figures) }
  for (let round = 0; round < ROUNDS; round++) {
    add('floor es256', { cpu_us: signature('ecdsap256') })
    add('floor rs256', { cpu_us: signature('rsa3072') })
    add('floor commit', { cpu_us: commit() })
    for (const atOnce of CONNECTIONS) for (const [algorithm, client] of Object.entries(clients)) {
      const at = (name) => `${name}, ${atOnce} at once`
      add(at('floor http'), (await measured(bare.pid, atOnce, () => fetch(bare.url).then((answer) => answer.text()))).figures)
      const { answers: codes, figures } = await measured(appliance.pid, atOnce, (mine) => codeFor(client, cookie, mine))
      add(at('authorize on a live session'), figures)
      const redeemed = await measured(appliance.pid, atOnce, (mine) => posted('/oauth2/token', client, {
        grant_type: 'authorization_code', code: codes[mine], redirect_uri: CALLBACK,
      }))
      add(at(`code ${algorithm}`), redeemed.figures)
      const tokens = redeemed.answers
      add(at('introspection'), (await measured(appliance.pid, atOnce, (mine) => posted('/oauth2/introspect', client, { token: tokens[mine].access_token }))).figures)
      add(at('userinfo'), (await measured(appliance.pid, atOnce, (mine) => fetch(`${appliance.publicUrl}/oauth2/userinfo`, {
        headers: { authorization: `Bearer ${tokens[mine].access_token}` },
      }).then((answer) => answer.json()))).figures)
      add(at(`refresh ${algorithm}`), (await measured(appliance.pid, atOnce, (mine) => posted('/oauth2/token', client, {
        grant_type: 'refresh_token', refresh_token: tokens[mine].refresh_token,
      }))).figures)
    }
  }
  bare.stop()
  const figures = Object.fromEntries(Object.entries(rows).map(([name, measures]) => [name, summary(measures)]))
  const cpu = (name) => figures[name].cpu_us.median
  for (const atOnce of CONNECTIONS) {
    const http = cpu(`floor http, ${atOnce} at once`)
    const signed = (name) => http + cpu(`floor ${name}`) + cpu('floor commit')
    const floors = {
      'code ES256': signed('es256'), 'code RS256': signed('rs256'), 'refresh ES256': signed('es256'), 'refresh RS256': signed('rs256'),
      introspection: http, userinfo: http,
    }
    for (const [name, floor] of Object.entries(floors)) {
      const measure = `${name}, ${atOnce} at once`
      figures[`${measure}, against its floor of ${floor.toFixed(0)} µs`] = (cpu(measure) / floor).toFixed(2)
    }
  }
  record('token', figures)
} finally {
  await appliance.stop()
}
