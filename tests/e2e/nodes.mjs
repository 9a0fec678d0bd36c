// A second node of an appliance, and what stands before both: each connection goes to the next node.
import { spawn } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { freePorts, program } from './appliance.mjs'

/**
 * Moves the public listener of the settings in `folder` behind a round-robin at the address that browsers type, and starts
 * another node that shares the database. Called before the first node serves. Answers { nodes, taken, stop }: `taken` counts
 * the connections of each node.
 */
export async function besideAnother(folder) {
  const file = join(folder, 'hygie.toml')
  const text = readFileSync(file, 'utf8')
  const own = Number(/\[public\]\nbind = "127\.0\.0\.1:(\d+)"/.exec(text)[1])
  const ports = await freePorts(4)
  const moved = (settings, section, port) => settings.replace(new RegExp(`(\\[${section}\\]\\nbind = "127\\.0\\.0\\.1:)\\d+`), `$1${port}`)
  writeFileSync(file, moved(text, 'public', ports[0]))
  // Its own copy of the key: on another machine it would have one too.
  cpSync(join(folder, 'keys'), join(folder, 'keys-2'), { recursive: true })
  let other = moved(moved(moved(text, 'public', ports[1]), 'admin', ports[2]), 'health', ports[3])
  other = other.replace('name = "hygie-1"', 'name = "hygie-2"').replace('keys/master.key', 'keys-2/master.key')
  writeFileSync(join(folder, 'hygie-2.toml'), other)
  const child = spawn(program(), ['--settings', join(folder, 'hygie-2.toml'), 'serve'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (said) => { log += said })
  child.stderr.setEncoding('utf8').on('data', (said) => { log += said })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const over = new Promise((done) => child.once('close', done))

  const taken = [0, 0]
  const sockets = new Set()
  let turn = 0
  const front = createServer((browser) => {
    const rank = (turn += 1) % 2
    taken[rank] += 1
    const node = connect(ports[rank], '127.0.0.1')
    sockets.add(browser)
    browser.once('close', () => sockets.delete(browser))
    for (const [from, to] of [[browser, node], [node, browser]]) {
      from.on('error', () => to.destroy()) // the other side sees the end of it
      from.pipe(to)
    }
  })
  await new Promise((done, failed) => front.once('error', failed).listen(own, '127.0.0.1', done))
  for (let tries = 0; ; tries += 1) {
    const open = await fetch(`http://127.0.0.1:${ports[3]}/readyz`, { signal: AbortSignal.timeout(1000) }).then((answer) => answer.ok, () => false)
    if (open) break
    if (tries > 300 || child.exitCode !== null) throw new Error(`the second node is not ready:\n${log}`)
    await new Promise((again) => setTimeout(again, 100))
  }
  return {
    taken,
    log: () => log,
    stop: async () => {
      front.close()
      for (const socket of sockets) socket.destroy()
      child.kill('SIGTERM')
      const late = setTimeout(kill, 10_000)
      await over
      clearTimeout(late)
      process.off('exit', kill)
    },
  }
}
