// The made-up hospital, its sources read, served with its demo DPI: `hygie demo run`, in a folder and a HOME of its own.
// What a test needs of it is read from what the demo prints and writes, as a person would.
import { execFile, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { program } from './appliance.mjs'
import { newPostgres, writeUrl } from './databases.mjs'

const run = promisify(execFile)

/** The demo makes a hospital and imports the register; a loaded machine takes minutes to it. */
const LONGEST_START_S = 240

/**
 * Answers { loginUrl, consoleUrl, adminLink, dpiUrl, report, hospital, persona(key), editHr(change), deliver(file), hygie(...words), log, stop }.
 * The sources are read and reconciled, the doctor has logged in once already; `adminLink` is still unused.
 */
export async function startDemo({ size = 'small', seed = 1, database = 'SQLite' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hygie-demo-'))
  const home = join(folder, 'home')
  const out = join(folder, 'demo')
  mkdirSync(home)
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: '', XDG_CONFIG_HOME: '', XDG_DATA_HOME: '' }
  const words = ['demo', 'run', '--size', size, '--seed', String(seed), '--out', out]
  const postgres = database === 'PostgreSQL' ? await newPostgres() : undefined
  if (postgres) {
    const file = join(folder, 'postgres-url')
    writeUrl(file, postgres.url)
    words.push('--postgres-url-file', file)
  }
  // A group of its own: the appliance is a child of the demo, and must not outlive a test that dies.
  const child = spawn(program(), words, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const killAll = () => {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (fault) {
      if (fault.code !== 'ESRCH') throw fault // already over
    }
  }
  process.once('exit', killAll)
  let log = ''
  const over = new Promise((done) => child.once('close', done))
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGINT')
    const late = setTimeout(killAll, 20_000)
    await over
    clearTimeout(late)
    process.off('exit', killAll)
    await postgres?.drop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await new Promise((ready, failed) => {
      const late = setTimeout(() => failed(new Error(`the demo does not serve after ${LONGEST_START_S} s:\n${log}`)), LONGEST_START_S * 1000)
      const keep = (text) => {
        log += text
        // Printed on stdout after all addresses.
        if (/^demo DPI\s+\S+\n/m.test(log)) clearTimeout(late), ready()
      }
      child.stdout.setEncoding('utf8').on('data', keep)
      child.stderr.setEncoding('utf8').on('data', keep)
      child.once('error', failed)
      over.then(() => failed(new Error(`the demo ended:\n${log}`)))
    })
    const said = (pattern) => {
      const found = pattern.exec(log)
      if (!found) throw new Error(`the demo does not say ${pattern}:\n${log}`)
      return found[1]
    }
    const hospital = JSON.parse(readFileSync(join(out, 'hospital/hospital.json'), 'utf8'))
    return {
      loginUrl: said(/^login\s+(\S+)/m),
      consoleUrl: said(/^console\s+(\S+)/m),
      adminLink: said(/^console.*?(\S+\/first\/\S+)/m),
      dpiUrl: said(/^demo DPI\s+(\S+)/m),
      report: JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')),
      hospital,
      persona: (key) => hospital.personas.find((one) => one.key === key),
      // The payroll sends its next file: each line as { COLUMN: value }, changed, or dropped (nothing answered).
      editHr: (change) => editCsv(join(out, 'hospital/hr/hr-v1.csv'), change),
      // A delivery of the hospital's folder `hr` takes the place of the last one.
      deliver: (file) => copyFileSync(join(out, 'hospital/hr', file), join(out, 'hospital/hr/hr-v1.csv')),
      hygie: async (...more) => {
        const { stdout } = await run(program(), ['--settings', join(out, 'appliance/hygie.toml'), '--json', ...more], { env, timeout: 60_000 })
        return JSON.parse(stdout)
      },
      log: () => log,
      stop,
    }
  } catch (fault) {
    await stop()
    throw fault
  }
}

/** Windows-1252, as payrolls write; all its letters that matter here are those of Latin-1. */
function editCsv(file, change) {
  const [head, ...lines] = readFileSync(file, 'latin1').trimEnd().split(/\r?\n/)
  const columns = head.split(';')
  const changed = lines.flatMap((line) => {
    const values = line.split(';')
    const next = change(Object.fromEntries(columns.map((column, rank) => [column, values[rank] ?? ''])))
    return next ? [columns.map((column) => next[column]).join(';')] : []
  })
  writeFileSync(file, `${[head, ...changed].join('\r\n')}\r\n`, 'latin1')
}
