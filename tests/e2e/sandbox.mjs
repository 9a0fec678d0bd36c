// A sandbox as an editor starts one, `hygie sandbox`, which may call applications on this machine.
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts, program } from './appliance.mjs'
import { newPostgres, writeUrl } from './databases.mjs'
import { besideAnother } from './nodes.mjs'
import { makePki } from './stock.mjs'

const run = promisify(execFile)

/** A hospital is made and reconciled first; a loaded machine takes minutes to it. */
const LONGEST_START_S = 240

/** `hygie sandbox`, until it is ready: { told, log, stop }. */
async function serve(words, healthPort) {
  const child = spawn(program(), words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text })
  child.stderr.setEncoding('utf8').on('data', (text) => { log += text })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const over = new Promise((done) => child.once('close', done))
  const stop = async () => {
    child.kill('SIGTERM')
    const late = setTimeout(kill, 10_000)
    await over
    clearTimeout(late)
    process.off('exit', kill)
  }
  const until = Date.now() + LONGEST_START_S * 1000
  for (;;) {
    const open = await fetch(`http://127.0.0.1:${healthPort}/readyz`, { signal: AbortSignal.timeout(1000) }).then((answer) => answer.ok, () => false)
    if (open) return { told: JSON.parse(said), log: () => log, stop }
    if (child.exitCode !== null || Date.now() > until) {
      await stop()
      throw new Error(`the sandbox is not ready:\n${said}\n${log}`)
    }
    await new Promise((again) => setTimeout(again, 100))
  }
}

/**
 * Answers what the command said, the test people, the authorities, `call` for what a program asks of it, `restart` and
 * `stop`. `nodes`: two of them behind a round-robin, on PostgreSQL; `taken`: the connections of each.
 */
export async function startSandbox({ database = 'SQLite', nodes = 1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hygie-sandbox-'))
  const pki = makePki(folder)
  const [port, adminPort, healthPort] = await freePorts(3)
  const postgres = database === 'PostgreSQL' ? await newPostgres() : undefined
  const home = join(folder, 'sandbox')
  const words = ['sandbox', '--json', '--folder', home, '--bind', `127.0.0.1:${port}`, '--admin-bind', `127.0.0.1:${adminPort}`,
    '--health-bind', `127.0.0.1:${healthPort}`, '--allowed-host', 'localhost', '--anchors-file', pki.ca, '--local-addresses']
  if (postgres) {
    writeUrl(join(folder, 'postgres-url'), postgres.url)
    words.push('--postgres-url-file', join(folder, 'postgres-url'))
  }
  let node, other
  const stop = async () => {
    await node?.stop()
    await other?.stop()
    await postgres?.drop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    if (nodes > 1) {
      await run(program(), [...words, '--no-serve'], { timeout: LONGEST_START_S * 1000 })
      other = await besideAnother(home)
    }
    node = await serve(words, healthPort)
    const { told } = node
    return {
      ...told, pki, folder, home,
      ca: told.authority,
      // What the starters of applications look for.
      appliance: { publicUrl: told.issuer },
      people: JSON.parse(readFileSync(join(home, 'people.json'), 'utf8')),
      call: (path, options) => call(new URL(path, told.issuer), readFileSync(told.authority), options),
      taken: () => other?.taken,
      restart: async () => {
        await node.stop()
        node = await serve(words, healthPort)
      },
      log: () => node.log(),
      stop,
    }
  } catch (fault) {
    await stop()
    throw fault
  }
}

/** As a program calls, without a browser's headers. Answers { status, headers, body }, the body read when it is JSON. */
function call(url, ca, { method = 'GET', token, json, form } = {}) {
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form).toString()
  const headers = {
    accept: 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded' }),
  }
  return new Promise((done, failed) => {
    request(url, { method, headers, ca, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => { text += part })
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text }))
    }).on('error', failed).end(body)
  })
}
