// Matching, against a truth that it never reads: five seeds, normal and hard, with birth data and on the open extract
// alone; then a second hospital and a third, whose habits are others. Each figure is one run of `hygie reconcile evaluate`.
//   HYGIE_BENCH_LAGGING=1 for a register that lags far behind the house (decision 0008), without the other two
//   HYGIE_BENCH_SIZE=default|full  HYGIE_BENCH_SEEDS=11,12,13,14,15  HYGIE_BENCH_DIR=folder for the hospitals (kept)
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { record } from './lib.mjs'

const run = promisify(execFile)
const ROOT = new URL('../..', import.meta.url).pathname
const HYGIE = process.env.HYGIE_BIN
const SIZE = process.env.HYGIE_BENCH_SIZE ?? 'default'
const LAGGING = Boolean(process.env.HYGIE_BENCH_LAGGING)
const SEEDS = (process.env.HYGIE_BENCH_SEEDS ?? '11,12,13,14,15').split(',').map(Number)
const DIR = process.env.HYGIE_BENCH_DIR ?? join(ROOT, 'target/bench/hospitals')

/** Files of one hospital, generated when absent; later versions of the register are not needed and are large. */
async function hospital(seed, hard) {
  const out = join(DIR, `${SIZE}-${seed}${hard ? '-hard' : ''}${LAGGING ? '-lagging' : ''}`)
  if (!existsSync(join(out, 'hospital.json'))) {
    mkdirSync(out, { recursive: true })
    await run(HYGIE, ['demo', 'generate', '--seed', seed, '--size', SIZE, '--out', out, ...(hard ? ['--hard'] : []), ...(LAGGING ? ['--lagging'] : [])].map(String), { maxBuffer: 1 << 26 })
  }
  const register = join(out, 'register')
  const first = (stem) => readdirSync(register).filter((name) => name.startsWith(stem) && name.endsWith('.txt')).sort()
  for (const name of [...first('PS_LibreAcces_Personne').slice(1), ...first('PS_LibreAcces_Dipl'), ...first('PS_LibreAcces_Savoir')]) rmSync(join(register, name))
  return {
    hr: join(out, 'hr/hr-v1.csv'), mapping: join(out, 'hr/mapping.toml'), truth: join(out, 'truth/truth.csv'),
    register: join(register, first('PS_LibreAcces_Personne')[0]),
    restricted: join(register, first('Extraction_ProSanteConnect')[0]),
  }
}

/** One of a generator of its own: tests/bench/NAME-hospital.mjs. */
const made = (name) => async (seed, hard) => {
  const out = join(DIR, `${name}-${seed}${hard ? '-hard' : ''}`)
  if (!existsSync(join(out, 'truth.csv'))) await run('node', [join(ROOT, `tests/bench/${name}-hospital.mjs`), out, seed, ...(hard ? ['hard'] : [])].map(String))
  return { hr: join(out, 'hr.csv'), mapping: join(out, 'mapping.toml'), truth: join(out, 'truth.csv'), register: join(out, 'register.txt'), restricted: join(out, 'restricted.txt') }
}

async function evaluate(files, birthData) {
  const given = ['hr', 'mapping', 'register', 'truth', ...(birthData ? ['restricted'] : [])]
  const { stdout } = await run(HYGIE, ['reconcile', 'evaluate', '--json', ...given.flatMap((name) => [`--${name}`, files[name]])], { maxBuffer: 1 << 26 })
  return JSON.parse(stdout)
}

function wilson(hits, n) {
  if (!n) return [0, 1]
  const [z, share] = [1.959964, hits / n]
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n)
  return [centre - half, Math.min(1, centre + half)]
}

const sum = (list, read) => list.reduce((total, one) => total + read(one), 0)
const figures = {}
const families = { [SIZE + (LAGGING ? ', lagging' : '')]: hospital, ...(LAGGING ? {} : { other: made('other'), third: made('third') }) }
for (const [family, make] of Object.entries(families)) {
  for (const hard of [false, true]) {
    const files = []
    for (const seed of SEEDS) files.push(await make(seed, hard))
    for (const birthData of [true, false]) {
      const reports = []
      for (const one of files) reports.push(await evaluate(one, birthData))
      const registered = sum(reports, (one) => one.recall.n)
      const [linked, wrong] = [sum(reports, (one) => one.linked), sum(reports, (one) => one.wrong_links)]
      const absent = sum(reports, (one) => one.populations.absent_from_register?.wrong_links ?? 0)
      const seconds = reports.map((one) => one.seconds.link).sort((a, b) => a - b)
      const words = [family, hard ? 'hard' : 'normal', birthData ? 'birth data' : 'open alone'].join(', ')
      figures[words] = [
        `linked ${linked}`, `wrong ${wrong}`, `absent wrongly linked ${absent}`,
        `precision ${((linked - wrong) / linked).toFixed(5)} [${wilson(linked - wrong, linked)[0].toFixed(5)}, 1]`,
        `recall ${((linked - wrong) / registered).toFixed(4)}`,
        `doubts ${((100 * sum(reports, (one) => one.doubts)) / sum(reports, (one) => one.staff)).toFixed(2)} %`,
        `link ${seconds[Math.floor(seconds.length / 2)].toFixed(2)} s [${seconds[0].toFixed(2)}, ${seconds.at(-1).toFixed(2)}]`,
      ].join('  ')
      console.log(`${words}: ${figures[words]}`)
      mkdirSync(join(ROOT, 'target/bench'), { recursive: true })
      writeFileSync(join(ROOT, 'target/bench/reconcile-seeds.json'), JSON.stringify(reports, null, 1))
    }
  }
}
record('reconcile', figures)
