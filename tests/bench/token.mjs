// What tokens cost: a request pushed, a code given and redeemed, a refresh, an introspection, userinfo;
// processor time of the server and time that the client waits, at 1, 16 and 128 connections. The floor of each is taken in the
// same run, by the same caller (wrk), twice over: put together of the bare handler, one signature (openssl) and one durable
// commit of one row (SQLite, write-ahead log, synchronous FULL), each by itself without a pause; and as one bare program
// that does the three for each request, which pays for being woken up as a server does. Budget: 1.5 times (design, section
// 11). What signs or commits nothing is told against the handler alone too.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../e2e/appliance.mjs'
import { load, record, startBare, summary } from './lib.mjs'
import { request, send } from './tokens/calls.mjs'
import { CALLBACK, authorizePath, codeOf, login, startHospital } from './tokens/doctor.mjs'

const ROUNDS = Number(process.env.HYGIE_BENCH_ROUNDS ?? 5), EACH = 2000, CONNECTIONS = [1, 16, 128]
// An application may have so many requests pushed that it has not come back with.
const PUSHED = 1000
const { appliance, clients, doctor } = await startHospital()
const { folder, pid, publicUrl } = appliance

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
  const place = mkdtempSync(join(folder, 'floor-'))
  const told = execFileSync('python3', ['-c', COMMITS, place], { encoding: 'utf8' })
  rmSync(place, { recursive: true })
  return Number(told)
}

const posted = (path, client) => (form) => request('POST', path, { authorization: client.basic }, form)
const told = ({ status, body }) => {
  if (status !== 200) throw new Error(`${status} ${body}`)
  return JSON.parse(body)
}

/** One round at so many connections for one client, each call on what the one before gave. */
async function round(connections, algorithm, client, cookie, add) {
  const options = { folder, connections }
  const pushing = Array.from({ length: PUSHED + connections + 1 }, (_, number) => request(
    'POST', '/oauth2/par', { authorization: client.basic }, Object.fromEntries(new URLSearchParams(authorizePath(client, number).split('?')[1])),
  ))
  const pushed = await send(publicUrl, pid, pushing, { ...options, answers: true })
  add('pushed request', pushed.figures)
  const comeBack = pushed.answers.map(({ status, body }) => {
    if (status !== 201) throw new Error(`${status} ${body}`)
    return request('GET', `/oauth2/authorize?${new URLSearchParams({ client_id: client.id, request_uri: JSON.parse(body).request_uri })}`, { cookie })
  })
  await send(publicUrl, pid, comeBack, options)
  const asked = Array.from({ length: EACH + 6 * (connections + 1) }, (_, number) => request('GET', authorizePath(client, number), { cookie }))
  const authorized = await send(publicUrl, pid, asked, { ...options, answers: true })
  add('authorize on a live session', authorized.figures)
  const codes = authorized.answers.map(codeOf)
  const redeemed = await send(publicUrl, pid, codes.map((code) => posted('/oauth2/token', client)({
    grant_type: 'authorization_code', code, redirect_uri: CALLBACK,
  })), { ...options, answers: true })
  add(`code ${algorithm}`, redeemed.figures)
  const tokens = redeemed.answers.map(told)
  const shown = (form) => (answer) => posted(...form)({ token: answer.access_token })
  add('introspection', (await send(publicUrl, pid, tokens.map(shown(['/oauth2/introspect', client])), options)).figures)
  const bearer = ({ access_token: token }) => request('GET', '/oauth2/userinfo', { authorization: `Bearer ${token}` })
  add('userinfo', (await send(publicUrl, pid, tokens.map(bearer), options)).figures)
  const refreshing = tokens.map(({ refresh_token: token }) => posted('/oauth2/token', client)({ grant_type: 'refresh_token', refresh_token: token }))
  add(`refresh ${algorithm}`, (await send(publicUrl, pid, refreshing, options)).figures)
}

try {
  const cookie = await login(appliance, doctor)
  const [port] = await freePorts(1)
  const bareRows = mkdtempSync(join(folder, 'bare-'))
  const bare = await startBare(await (await fetch(`${publicUrl}/oauth2/jwks`)).text(), port, bareRows)
  const rows = {}
  const add = (name, figures) => { (rows[name] ??= []).push(figures) }
  for (let turn = 0; turn < ROUNDS; turn++) {
    add('floor es256', { cpu_us: signature('ecdsap256') })
    add('floor rs256', { cpu_us: signature('rsa3072') })
    add('floor commit', { cpu_us: commit() })
    for (const connections of CONNECTIONS) for (const [algorithm, client] of Object.entries(clients)) {
      const at = (name) => `${name}, ${connections} connections`
      add(at('floor http'), await load(bare.url, bare.pid, { seconds: 1, connections }))
      for (const path of ['commit', algorithm.toLowerCase()]) add(at(`floor in one program, ${path}`), await load(`${bare.url}${path}`, bare.pid, { seconds: 1, connections }))
      await round(connections, algorithm, client, cookie, (name, figures) => add(at(name), figures))
    }
  }
  bare.stop()
  const figures = Object.fromEntries(Object.entries(rows).map(([name, measures]) => [name, summary(measures)]))
  const cpu = (name) => figures[name].cpu_us.median
  for (const connections of CONNECTIONS) {
    const http = cpu(`floor http, ${connections} connections`)
    const one = (name) => cpu(`floor in one program, ${name}, ${connections} connections`)
    const whole = (name) => http + cpu(`floor ${name}`) + cpu('floor commit')
    const floors = ['code ES256', 'code RS256', 'refresh ES256', 'refresh RS256', 'introspection', 'userinfo'].flatMap((name) => {
      const by = name.endsWith('RS256') ? 'rs256' : 'es256'
      return [[name, whole(by)], [name, one(by), 'handler, signature and commit in one program']]
    })
    for (const name of ['pushed request', 'authorize on a live session']) {
      floors.push([name, http + cpu('floor commit'), 'handler + commit'], [name, one('commit'), 'handler and commit in one program'])
    }
    for (const name of ['introspection', 'userinfo']) floors.push([name, http, 'handler alone'])
    for (const [name, floor, what = 'handler + signature + commit'] of floors) {
      const measure = `${name}, ${connections} connections`
      figures[`${measure}, against ${what}, ${floor.toFixed(0)} µs`] = (cpu(measure) / floor).toFixed(2)
    }
  }
  record('token', figures)
} finally {
  await appliance.stop()
}
