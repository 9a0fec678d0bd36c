// A dry run of a large hospital as its reader meets it: everybody is known from a first payroll file; in the next one a unit
// in ten is renamed, some people left and some came. What counts is the first screen of the plan, not its computation.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { program, startAppliance } from '../../e2e/appliance.mjs'
import { launchBrowser, newPage, plugKey } from '../../e2e/browser.mjs'
import { enrolFirstKey, openConsole } from '../../e2e/console.mjs'
import { record, spread } from '../lib.mjs'
import { painted } from './browser.mjs'

const run = promisify(execFile)
const SYLLABLES = ['BA', 'COU', 'DE', 'FAR', 'GUI', 'JO', 'LAN', 'MI', 'NOR', 'PE', 'ROU', 'SAL', 'TI', 'VER', 'ZAN', 'QUE']
const COLUMNS = ['matricule', 'birth_family', 'given', 'sex', 'birth_date', 'finess_ej', 'finess_et', 'unit_code', 'unit_label', 'function_label', 'contract_kind', 'starts_on']
export const MAPPING = `[source]
name = "rh"
kind = "hr_csv"
path = "rh.csv"
encoding = "utf-8"
delimiter = ";"
${COLUMNS.map((name) => `\n[[field]]\ncolumn = "${name}"\nto = "${name}"\n`).join('')}`

export function line(n, renamed) {
  const family = [n % 16, (n >> 4) % 16, (n >> 8) % 16, (n >> 12) % 16].map((at) => SYLLABLES[at]).join('')
  const unit = n % 200
  const label = renamed && unit % 10 === 0 ? `POLE ${unit}` : `SERVICE ${unit}`
  const birth = `${10 + (n % 18)}/0${1 + (n % 9)}/19${50 + (n % 45)}`
  return [100_000 + n, family, 'CLAUDE', 'F', birth, '990000002', '990000010', 1_000 + unit, label, 'INFIRMIER', 'CDI', '01/02/2015'].join(';')
}

export const payroll = (folder, lines) => writeFileSync(join(folder, 'sources', 'rh.csv'), `${COLUMNS.join(';')}\n${lines.join('\n')}\n`)

export async function measureDryRun(name, people) {
  const took = {}
  const appliance = await startAppliance({
    prepare: async (_, folder) => {
      // The whole hospital takes longer than any command of a test.
      const hygie = async (what, ...words) => {
        const before = performance.now()
        await run(program(), ['--settings', join(folder, 'hygie.toml'), '--json', ...words], { maxBuffer: 64 << 20 })
        took[what] = performance.now() - before
      }
      const all = Array.from({ length: people }, (_, n) => n)
      payroll(folder, all.map((n) => line(n, false)))
      writeFileSync(join(folder, 'rh.toml'), MAPPING)
      await hygie('the source is added', 'source', 'add', join(folder, 'rh.toml'))
      await hygie('first sync', 'source', 'sync', 'rh')
      payroll(folder, [...all.filter((n) => n % 1_000 !== 7), ...Array.from({ length: 12 }, (_, n) => people + n)].map((n) => line(n, true)))
      await hygie('plan', 'source', 'preview', 'rh')
    },
  })
  const browser = await launchBrowser()
  try {
    const page = await newPage(browser)
    await plugKey(page)
    await enrolFirstKey(page, appliance.init.first_administrator)
    await openConsole(page, appliance.adminUrl)
    const screens = []
    for (let turn = 0; turn < 5; turn++) {
      await page.goto(`${appliance.adminUrl}/sources`)
      const plan = page.getByRole('main').locator('a[href^="/runs/"]').first()
      await plan.waitFor()
      screens.push(await painted(page, () => plan.click(), 'main table tbody input[type=checkbox]'))
    }
    // The lines under the first screen come a breath later.
    await page.locator('main table tbody[aria-hidden]').waitFor({ state: 'detached' })
    const taken = spread(screens)
    record(`console-dry-run-${name}`, {
      'lines of the payroll': String(people),
      'changes of the plan, in rows to read': `${await page.locator('main table tbody tr').count()}`,
      'first sync, s': (took['first sync'] / 1000).toFixed(1),
      'plan, s': (took.plan / 1000).toFixed(1),
      'first screen after the click, ms (500)': `median ${taken.median.toFixed(0)}  most ${taken.max.toFixed(0)}`,
    })
  } finally {
    await browser.close()
    await appliance.stop()
  }
}
