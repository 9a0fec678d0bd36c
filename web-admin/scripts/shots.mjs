// Draws every page on the fake appliance, light and dark, at 1366 × 768, into target/shots, and asks axe about each
// (also at 320 px). Exits 1 when axe finds anything. Needs /usr/bin/chromium and a built console (npm run build).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { preview } from 'vite'
import { pages } from './pages.mjs'

// The fake computes « today at 05:00 » in the zone of the reader.
process.env.TZ = 'Europe/Paris'
const root = fileURLToPath(new URL('..', import.meta.url))
const out = fileURLToPath(new URL('../../target/shots/', import.meta.url))
const now = '2026-11-22T14:12:08+01:00'
const only = process.argv.slice(2)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'RGAAv4']

mkdirSync(out, { recursive: true })
const server = await preview({ root, preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' })
const base = server.resolvedUrls.local[0].replace(/\/$/, '')
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })

const order = (body) => fetch(`${base}/mock`, { method: 'POST', body: JSON.stringify(body) })
const findings = []
const faults = []

async function draw(name, { path, orders = [], then }, { theme, width, height, keep }) {
  await order({ reset: true, now })
  for (const one of orders) await order(one)
  const context = await browser.newContext({ viewport: { width, height }, locale: 'fr-FR', timezoneId: 'Europe/Paris', reducedMotion: 'reduce' })
  await context.addInitScript((wanted) => localStorage.setItem('hygie.theme', wanted), theme)
  const page = await context.newPage()
  page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(`${name}: ${message.text()}`)
  })
  await page.clock.setFixedTime(now)
  const address = typeof path === 'function' ? await path(base) : path
  await page.goto(base + address)
  await page.waitForSelector('h1, [role=alert], [aria-busy]', { timeout: 10_000 }).catch(() => faults.push(`${name}: nothing drawn`))
  await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined)
  if (then) await then(page).catch((error) => faults.push(`${name}: ${error.message.split("\n")[0]}`))
  await page.waitForTimeout(150)
  if (keep) await page.screenshot({ path: `${out}${name}.png` })
  await page.evaluate(axe)
  const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly }), tags)
  for (const { id, nodes } of violations) findings.push({ page: name, theme, width, id, nodes: nodes.slice(0, 3).map((node) => `${node.target.join(' ')} · ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`) })
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (sideways > 0) faults.push(`${name} at ${width}: ${sideways} px sideways`)
  await context.close()
}

for (const [name, page] of Object.entries(pages)) {
  if (only.length && !only.some((one) => name.startsWith(one))) continue
  await draw(name, page, { theme: 'light', width: 1366, height: 768, keep: true })
  await draw(`${name}-dark`, page, { theme: 'dark', width: 1366, height: 768, keep: true })
  await draw(`${name}-320`, page, { theme: 'light', width: 320, height: 640, keep: true })
}
await browser.close()
await server.close()
writeFileSync(`${out}axe.json`, JSON.stringify({ findings, faults }, null, 1))
for (const one of findings) process.stdout.write(`axe: ${one.page} ${one.width} ${one.id}\n  ${one.nodes.join('\n  ')}\n`)
for (const one of faults) process.stdout.write(`fault: ${one}\n`)
process.stdout.write(`${Object.keys(pages).length} pages, ${findings.length} axe findings, ${faults.length} faults\n`)
process.exit(findings.length || faults.length ? 1 : 0)
