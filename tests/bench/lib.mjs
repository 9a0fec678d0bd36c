// What the benchmarks share: load by wrk, the server's own processor time, figures as median with extremes.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = new URL('../..', import.meta.url).pathname
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor time that a process has used so far, all its threads, in milliseconds. */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS
}

/** Memory that a process holds now, in MB (10^6 bytes). */
export function rssMb(pid) {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]
  return (Number(kilobytes) * 1024) / 1e6
}

/**
 * Loads one address of loopback for some seconds; answers requests a second, latencies in ms, and the server's
 * processor time a request in microseconds. An answer other than 2xx makes the whole figure worthless: it throws.
 */
export async function load(url, pid, { seconds = 5, connections = 32, threads = 1 } = {}) {
  if (!/^http:\/\/(localhost|127\.\d+\.\d+\.\d+)[:/]/.test(url)) throw new Error(`load goes to loopback only: ${url}`)
  const before = cpuMs(pid)
  const { stdout } = await run('wrk', ['-t', threads, '-c', connections, '-d', `${seconds}s`, '--latency', url].map(String))
  return wrkFigures(url, stdout, cpuMs(pid) - before)
}

/** What wrk printed, beside the processor time (ms) that the server used meanwhile. */
export function wrkFigures(url, stdout, used) {
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url}:\n${stdout}`)
  const requests = Number(/^\s*(\d+) requests in/m.exec(stdout)[1])
  return {
    per_second: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]),
    cpu_us: (used * 1000) / requests,
    p50_ms: latency(stdout, '50%'),
    p99_ms: latency(stdout, '99%'),
  }
}

function latency(stdout, share) {
  const [, value, unit] = new RegExp(`^\\s*${share}\\s+([\\d.]+)(us|ms|s)$`, 'm').exec(stdout)
  return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit]
}

/** Several measures of one thing: { per_second: { median, min, max }, ... }. */
export function summary(measures) {
  const names = Object.keys(measures[0])
  return Object.fromEntries(names.map((name) => {
    const values = measures.map((measure) => measure[name]).sort((a, b) => a - b)
    const middle = values.length / 2
    const median = values.length % 2 ? values[Math.floor(middle)] : (values[middle - 1] + values[middle]) / 2
    return [name, { median, min: values[0], max: values.at(-1) }]
  }))
}

/** Many figures of one thing, in order. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return { median: at(0.5), min: sorted[0], max: sorted.at(-1), p95: at(0.95) }
}

/** The floor: a bare handler that answers these bytes; `rows`: a folder, for the paths that sign and commit too. */
export async function startBare(body, port, rows) {
  const folder = join(ROOT, 'target/bench')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `bare-${port}.body`)
  writeFileSync(file, body)
  const child = spawn(process.env.HYGIE_BARE, [String(port), file, ...rows ? [rows] : []], { stdio: 'inherit' })
  process.once('exit', () => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}/`
  for (let tries = 0; tries < 200 && child.exitCode === null; tries++) {
    try {
      if ((await fetch(url)).ok) return { url, pid: child.pid, stop: () => child.kill('SIGKILL') }
    } catch {
      await new Promise((again) => setTimeout(again, 25)) // not listening yet
    }
  }
  throw new Error(`the bare handler does not answer on port ${port}`)
}

/** Prints the figures and keeps them in target/bench/NAME.json, with the machine that they were taken on. */
export function record(name, figures) {
  const folder = join(ROOT, 'target/bench')
  mkdirSync(folder, { recursive: true })
  const machine = { cores: cpus().length, processor: cpus()[0].model, memory_gb: Math.round(totalmem() / 1e9) }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ name, machine, figures }, null, 2)}\n`)
  for (const [what, values] of Object.entries(figures)) {
    const words = typeof values === 'object'
      ? Object.entries(values).map(([key, v]) => `${key} ${v.median.toFixed(2)} [${v.min.toFixed(2)}, ${v.max.toFixed(2)}]`).join('  ')
      : values
    console.log(`${name}: ${what}: ${words}`)
  }
}
