// A whole appliance for a test: `hygie init`, then `hygie serve`, in a temporary folder, on free ports of loopback.
// The command line that tests rely on is in COMMANDS, and nowhere else.
import { spawn, execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const COMMANDS = {
  settings: (folder) => join(folder, 'hygie.toml'),
  init: ({ folder, publicPort, adminPort, healthPort, tls }) => [
    'init', '--json', ...(tls ? [] : ['--demo-http']), '--folder', folder, '--host', 'localhost',
    '--bind', `127.0.0.1:${publicPort}`,
    '--admin-bind', `127.0.0.1:${adminPort}`,
    '--health-bind', `127.0.0.1:${healthPort}`,
    '--admin-family', 'Roy', '--admin-given', 'Maxime',
  ],
  serve: (settings) => ['--settings', settings, 'serve'],
  any: (settings, words) => ['--settings', settings, '--json', ...words],
}

/** The program under test. */
export function program() {
  const path = process.env.HYGIE_BIN
  if (!path) throw new Error('HYGIE_BIN names no program: start the browser tests by `tests/run e2e`')
  return path
}

/**
 * Starts an appliance. `prepare(hygie, folder, init)` acts before it serves (imports, clients...); `init`: more words for
 * `hygie init`; `tls`: with certificates of its own (`tls/ca.pem` in its folder) instead of the demo's plain http.
 * Answers { publicUrl, adminUrl, healthUrl, pid, startMs, init, hygie, log, stop }: `init` is what `hygie init` said (it holds the
 * first administrator's one-time link, `first_administrator`), `hygie(...words)` runs a command on the same store and answers its JSON.
 */
export async function startAppliance({ prepare, init: more = [], tls = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hygie-e2e-'))
  const settings = COMMANDS.settings(folder)
  const [publicPort, adminPort, healthPort] = await freePorts(3)
  const hygie = async (...words) => parse(await hygieRaw(COMMANDS.any(settings, words)))
  let server
  try {
    const init = parse(await hygieRaw([...COMMANDS.init({ folder, publicPort, adminPort, healthPort, tls }), ...more]))
    await prepare?.(hygie, folder, init)
    server = serve(COMMANDS.serve(settings))
    const healthUrl = `http://127.0.0.1:${healthPort}`
    const startMs = await ready(`${healthUrl}/readyz`, server)
    return {
      pid: server.child.pid,
      startMs,
      publicUrl: `${tls ? 'https' : 'http'}://localhost:${publicPort}`,
      adminUrl: `${tls ? 'https' : 'http'}://localhost:${adminPort}`,
      healthUrl,
      folder,
      init,
      hygie,
      log: () => server.log,
      stop: async () => {
        await end(server)
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (fault) {
    if (server) await end(server)
    rmSync(folder, { recursive: true, force: true })
    throw fault
  }
}

async function hygieRaw(words) {
  try {
    const { stdout } = await run(program(), words, { timeout: 120_000, maxBuffer: 64 << 20 })
    return stdout
  } catch (fault) {
    throw new Error(`hygie ${words.join(' ')}: ${fault.stderr || fault.message}`, { cause: fault })
  }
}

function parse(stdout) {
  try {
    return JSON.parse(stdout)
  } catch (fault) {
    throw new Error(`not one JSON document: ${stdout.slice(0, 400)}`, { cause: fault })
  }
}

function serve(words) {
  const child = spawn(program(), words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const server = { child, log: '', ended: false, began: performance.now() }
  const keep = (text) => { server.log += text }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  server.over = new Promise((done) => child.once('close', () => { server.ended = true; done() }))
  child.once('error', (fault) => keep(`could not start: ${fault.message}\n`))
  // A test run that dies takes its servers along.
  process.once('exit', () => child.kill('SIGKILL'))
  return server
}

/** Milliseconds from the start of the process to the first good answer. */
async function ready(url, server, seconds = 30) {
  const until = Date.now() + seconds * 1000
  while (Date.now() < until && !server.ended) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1000) })
      if (answer.ok) return performance.now() - server.began
    } catch {
      // Not listening yet: asked again below, until the time is over.
    }
    await new Promise((again) => setTimeout(again, 10))
  }
  throw new Error(`the appliance is not ready${server.ended ? ', it ended' : ` after ${seconds} s`}:\n${server.log.slice(-4000)}`)
}

async function end(server) {
  if (server.ended) return
  server.child.kill('SIGTERM')
  const late = setTimeout(() => server.child.kill('SIGKILL'), 10_000)
  await server.over
  clearTimeout(late)
}

export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((done, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '127.0.0.1', () => done(server))
  })))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}

/** The text of a file of the appliance's folder. */
export const readFrom = (appliance, name) => readFileSync(join(appliance.folder, name), 'utf8')
