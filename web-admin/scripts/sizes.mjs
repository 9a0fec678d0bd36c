// What a reader downloads, from a built console (npm run build), compressed as servers do it. Exits 1 above a budget:
// kilobytes of gzip of the first load, of each script loaded later, of all of them, and of all style sheets.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const BUDGET = { first: 230, later: 60, scripts: 500, styles: 25 }
const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const weight = (path) => gzipSync(readFileSync(dist + path), { level: 9 }).length / 1000
const files = readdirSync(`${dist}assets`).map((name) => `assets/${name}`)
const text = (path) => readFileSync(dist + path, 'utf8')

/** The page's own scripts and, with them, all that they import before they run. */
function loaded(path, seen = new Set()) {
  if (seen.has(path)) return seen
  seen.add(path)
  for (const [, name] of text(path).matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g)) loaded(`assets/${name}`, seen)
  return seen
}

const scripts = files.filter((path) => path.endsWith('.js'))
const entry = [...text('index.html').matchAll(/(?:src|href)="\/(assets\/[\w.-]+\.js)"/g)].map(([, path]) => path)
const first = new Set(entry.flatMap((path) => [...loaded(path)]))
// The first page is drawn by a script of its own.
for (const path of scripts.filter((one) => /\/HomePage-/.test(one))) loaded(path, first)
const sum = (paths) => paths.reduce((all, path) => all + weight(path), 0)
const later = scripts.filter((path) => !first.has(path)).map((path) => [weight(path), path]).sort(([one], [other]) => other - one)

const told = [
  ['first load', sum([...first]), BUDGET.first],
  [`largest script loaded later (${later[0][1]})`, later[0][0], BUDGET.later],
  ['all scripts', sum(scripts), BUDGET.scripts],
  ['all style sheets', sum(files.filter((path) => path.endsWith('.css'))), BUDGET.styles],
]
for (const [what, kilobytes, budget] of told) process.stdout.write(`${what}: ${kilobytes.toFixed(1)} kB of ${budget}${kilobytes > budget ? ', TOO MUCH' : ''}\n`)
process.exit(told.some(([, kilobytes, budget]) => kilobytes > budget) ? 1 : 0)
