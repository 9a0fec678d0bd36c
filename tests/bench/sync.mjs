// A payroll of 50 000 people: its first reading, which makes everybody, and the same file again, which changes nothing.
// Budgets: design, section 11. On SQLite, and on PostgreSQL when HYGIE_TEST_PG names a server.
//   HYGIE_BENCH_PEOPLE=50000
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { program, startAppliance } from '../e2e/appliance.mjs'
import { newPostgres, writeUrl } from '../e2e/databases.mjs'
import { MAPPING, line, payroll } from './console/dry-run.mjs'
import { record } from './lib.mjs'

const run = promisify(execFile)
const PEOPLE = Number(process.env.HYGIE_BENCH_PEOPLE ?? 50_000)

/** Seconds of each sync, as a command on an appliance that does not serve meanwhile. */
async function measure(database) {
  const postgres = database === 'PostgreSQL' ? await newPostgres() : undefined
  const scratch = mkdtempSync(join(tmpdir(), 'hygie-bench-'))
  const urlFile = join(scratch, 'postgres-url')
  if (postgres) writeUrl(urlFile, postgres.url)
  const took = {}
  const appliance = await startAppliance({
    init: postgres ? ['--postgres-url-file', urlFile] : [],
    prepare: async (_, folder) => {
      const hygie = async (...words) => JSON.parse((await run(program(), ['--settings', join(folder, 'hygie.toml'), '--json', ...words], { maxBuffer: 64 << 20 })).stdout)
      const sync = async (what, created) => {
        const before = performance.now()
        const told = await hygie('source', 'sync', 'rh')
        took[what] = (performance.now() - before) / 1000
        const made = told.counts?.create ?? told.create
        if (made !== created) throw new Error(`${what}: ${made} people made, not ${created}: ${JSON.stringify(told)}`)
      }
      writeFileSync(join(folder, 'rh.toml'), MAPPING)
      await hygie('source', 'add', join(folder, 'rh.toml'))
      const all = Array.from({ length: PEOPLE }, (_, n) => n)
      payroll(folder, all.map((n) => line(n, false)))
      await sync('first', PEOPLE)
      await sync('again', 0)
      payroll(folder, all.map((n) => line(n, true)))
      await sync('a unit in ten renamed', 0)
    },
  })
  await appliance.stop()
  await postgres?.drop()
  rmSync(scratch, { recursive: true })
  return took
}

const figures = { 'lines of the payroll': String(PEOPLE) }
for (const database of ['SQLite', ...(process.env.HYGIE_TEST_PG ? ['PostgreSQL'] : [])]) {
  const took = await measure(database)
  figures[`${database}: first sync, s (60)`] = took.first.toFixed(1)
  figures[`${database}: the same file again, s (5)`] = took.again.toFixed(1)
  figures[`${database}: a unit in ten renamed, s`] = took['a unit in ten renamed'].toFixed(1)
}
record('sync', figures)
