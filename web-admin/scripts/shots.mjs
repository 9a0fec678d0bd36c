// Draws every page and state on the fake appliance, light and dark, at 1366 × 768, into target/shots/console, and asks axe
// about each (also at 320 px). Exits 1 when axe finds anything. Needs /usr/bin/chromium and a built console (npm run build).
//   node scripts/shots.mjs [--light] [NAME...]     the pages whose name begins so; --light: the light picture only
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { preview } from 'vite'
import { pages } from './pages.mjs'

// The fake computes « today at 05:00 » in the zone of the reader.
process.env.TZ = 'Europe/Paris'
const root = fileURLToPath(new URL('..', import.meta.url))
const out = fileURLToPath(new URL('../../target/shots/console/', import.meta.url))
const now = '2026-11-22T14:12:08+01:00'
const words = process.argv.slice(2)
const only = words.filter((word) => !word.startsWith('--'))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'RGAAv4']
const WORKERS = 3

const light = { suffix: '', theme: 'light', width: 1366, height: 768 }
const looks = words.includes('--light')
  ? [light]
  : [light, { suffix: '-dark', theme: 'dark', width: 1366, height: 768 }, { suffix: '-320', theme: 'light', width: 320, height: 640 }]

mkdirSync(out, { recursive: true })
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...sandbox, '--disable-gpu', '--disable-dev-shm-usage'] })
const findings = []
const faults = []

/** A fake appliance of its own, and what it may be told. */
async function stage() {
  const server = await preview({ root, preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' })
  const base = server.resolvedUrls.local[0].replace(/\/$/, '')
  const order = (body) => fetch(`${base}/mock`, { method: 'POST', body: JSON.stringify(body) })
  return { base, order, close: () => server.close() }
}

async function draw({ base, order }, name, { path, orders = [], then, loads = false }, { suffix, theme, width, height }) {
  const picture = `${name}${suffix}`
  const fault = (text) => faults.push(`${picture}: ${text}`)
  await order({ reset: true, now })
  const address = typeof path === 'function' ? await path(base) : path
  for (const one of orders) await order(one)
  const context = await browser.newContext({ viewport: { width, height }, locale: 'fr-FR', timezoneId: 'Europe/Paris', reducedMotion: 'reduce' })
  await context.addInitScript((wanted) => localStorage.setItem('hygie.theme', wanted), theme)
  const page = await context.newPage()
  page.on('pageerror', (error) => fault(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) fault(message.text())
  })
  await page.clock.setFixedTime(now)
  // Icons come from one file of their own; a page whose clock is set tells nothing of what it loaded.
  const icons = page.waitForResponse((answer) => /sprite/.test(answer.url()), { timeout: 60_000 }).then((answer) => answer.finished()).catch(() => fault('no icon came'))
  // Signs of a list are cut out of another, asked for by the first line that bears one.
  const signs = page.waitForResponse((answer) => /signs/.test(answer.url()), { timeout: 60_000 }).then((answer) => answer.finished()).then(() => true, () => false)
  await page.goto(base + address)
  // Between the shell and its page nothing is busy yet, and nothing is drawn: only a page with its title has been read.
  if (!loads) await page.waitForFunction(() => document.querySelector('main h1') && !document.querySelector('main [aria-busy=true]'), undefined, { timeout: 60_000 }).catch(() => fault('not drawn, or still loading'))
  if (then) await then(page, order).catch((error) => fault(error.message.split('\n')[0]))
  await icons
  if ((await page.locator('main [class*="cut"]').count()) > 0 && !(await signs)) fault('no sign came')
  await page.waitForTimeout(200)
  await page.screenshot({ path: `${out}${picture}.png` })
  await page.evaluate(axe)
  const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly }), tags)
  for (const { id, nodes } of violations) {
    findings.push({ page: picture, width, id, nodes: nodes.slice(0, 3).map((node) => `${node.target.join(' ')} · ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`) })
  }
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (sideways > 0) fault(`${sideways} px sideways`)
  await context.close()
}

const wanted = Object.entries(pages).filter(([name]) => !only.length || only.some((one) => name.startsWith(one)))
const tasks = wanted.flatMap(([name, page]) => looks.map((look) => [name, page, look]))
async function work() {
  const own = await stage()
  for (let task = tasks.shift(); task; task = tasks.shift()) {
    const [name, page, look] = task
    await draw(own, name, page, look).catch((error) => faults.push(`${name}${look.suffix}: ${error.message.split('\n')[0]}`))
  }
  await own.close()
}
const drawn = tasks.length
await Promise.all(Array.from({ length: Math.min(WORKERS, drawn) }, work))
await browser.close()
writeFileSync(`${out}axe.json`, JSON.stringify({ findings, faults }, null, 1))
for (const one of findings) process.stdout.write(`axe: ${one.page} ${one.id}\n  ${one.nodes.join('\n  ')}\n`)
for (const one of faults) process.stdout.write(`fault: ${one}\n`)
process.stdout.write(`${wanted.length} pages and states, ${drawn} pictures, ${findings.length} axe findings, ${faults.length} faults\n`)
process.exit(drawn === 0 || findings.length || faults.length ? 1 : 0)
