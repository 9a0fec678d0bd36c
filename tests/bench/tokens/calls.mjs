// Thousands of different requests by wrk, each sent once, with the server's processor time and what it answered.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuMs, wrkFigures } from '../lib.mjs'

const SCRIPT = new URL('calls.lua', import.meta.url).pathname
const APART = '\x1e'

/** One request, as `send` takes it. */
export const request = (method, path, headers, form) => ({ method, path, headers, form })

function written({ method, path, headers, form }, host) {
  const body = form ? new URLSearchParams(form).toString() : ''
  const all = { host, ...headers, ...(form && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

/**
 * Sends them, so many connections at once; the last ones, as many as there are connections, are not counted.
 * `answers`: whether what was answered is wanted: [{ status, location, body }], in the order of answering.
 */
export async function send(url, pid, requests, { folder, connections, answers = false }) {
  const [asked, told] = [join(folder, 'calls.txt'), join(folder, 'answers.txt')]
  const { host } = new URL(url)
  writeFileSync(asked, requests.map((one) => written(one, host)).join(APART), 'latin1')
  const words = ['-t', 1, '-c', connections, '-d', '300s', '--latency', '-s', SCRIPT, url, '--', asked, answers ? told : '', connections]
  const before = cpuMs(pid)
  const stdout = await wrk(words.map(String))
  const figures = wrkFigures(url, stdout, cpuMs(pid) - before)
  if (!answers) return { figures, answers: [] }
  const texts = readFileSync(told, 'utf8').split(APART).slice(0, -1)
  return { figures, answers: texts.map(parsed) }
}

/** What wrk printed; it is interrupted when its script says that all is answered. */
function wrk(words) {
  return new Promise((done, failed) => {
    const child = spawn('wrk', words)
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text) => { printed += text })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      if (text.includes('all answered')) child.kill('SIGINT')
      else failed(new Error(`wrk: ${text}`))
    })
    child.once('error', failed)
    child.once('close', () => done(printed))
  })
}

function parsed(text) {
  const [status, location, ...body] = text.split('\n')
  return { status: Number(status), location, body: body.join('\n') }
}
