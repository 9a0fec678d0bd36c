// Import of the whole register (2.3 million lines) beside its floors on the same file in the same run: reading it once,
// and a plain SQLite import. Budget: 30 s of one core, 300 MB (design, section 11). While it runs, a reader of the
// version in use is timed. HYGIE_REGISTER names a hospital generated with --size full; without it one is made.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { record, summary } from './lib.mjs'

const hygie = process.env.HYGIE_BIN
const floor = join(dirname(process.env.HYGIE_BARE), 'register-floor')
const work = mkdtempSync(join(tmpdir(), 'hygie-register-'))
try {
  const hospital = process.env.HYGIE_REGISTER ?? join(work, 'hospital')
  if (!existsSync(hospital)) {
    execFileSync(hygie, ['demo', 'generate', '--size', 'full', '--seed', '1', '--out', hospital], { stdio: 'ignore' })
  }
  const folder = join(hospital, 'register')
  const extract = (stem) => readdirSync(folder).filter((name) => name.startsWith(stem) && name.endsWith('.txt')).sort().map((name) => join(folder, name))
  const [open] = extract('PS_LibreAcces_Personne_activite')
  const all = [open, ...extract('Extraction_ProSanteConnect').slice(0, 1), ...extract('PS_LibreAcces_SavoirFaire').slice(0, 1), ...extract('PS_LibreAcces_Dipl').slice(0, 1)]
  const rounds = Number(process.env.ROUNDS ?? 3)
  const ours = [], complete = [], reading = [], plain = []
  for (let round = 0; round < rounds; round++) {
    const floors = JSON.parse(execFileSync(floor, [open, join(work, 'plain.db')], { encoding: 'utf8' }))
    reading.push({ cpu_s: floors.read.cpu_ms / 1000, wall_s: floors.read.wall_ms / 1000 })
    plain.push({ cpu_s: floors.plain_sqlite.cpu_ms / 1000, wall_s: floors.plain_sqlite.wall_ms / 1000 })
    rmSync(join(work, 'plain.db'))
    ours.push(await imported([open]))
  }
  complete.push(await imported(all))
  const [a, r, p] = [summary(ours), summary(reading), summary(plain)]
  record('register', {
    import: a, with_all_extracts: summary(complete), reading_once: r, plain_sqlite: p,
    ratio_to_reading: (a.cpu_s.median / r.cpu_s.median).toFixed(1),
    ratio_to_plain_sqlite: (a.cpu_s.median / p.cpu_s.median).toFixed(2),
  })
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** A new appliance imports these; its own processor time and its most memory. */
async function imported(files) {
  const house = mkdtempSync(join(work, 'house-'))
  const appliance = join(house, 'appliance')
  execFileSync(hygie, ['init', '--host', 'hygie.hopital.test', '--admin-host', 'console.hopital.test', '--admin-family', 'Roy',
    '--admin-given', 'Maxime', '--bind', '127.0.0.1:0', '--admin-bind', '127.0.0.1:0', '--health-bind', '127.0.0.1:0',
    '--folder', appliance], { stdio: 'ignore' })
  const settings = join(appliance, 'hygie.toml')
  const started = performance.now()
  const child = spawn(hygie, ['--settings', settings, '--json', 'register', 'import', ...files], { stdio: ['ignore', 'ignore', 'inherit'] })
  let [most, cpu] = [0, 0]
  const look = setInterval(() => {
    try {
      most = Math.max(most, Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1024 / 1e6)
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
      cpu = (Number(fields[11]) + Number(fields[12])) / 100
    } catch {
      // it ended between two looks
    }
  }, 50)
  const code = await new Promise((ended) => child.on('exit', ended))
  clearInterval(look)
  if (code !== 0) throw new Error(`the import ended with ${code}`)
  const wall_s = (performance.now() - started) / 1000
  rmSync(house, { recursive: true, force: true })
  return { cpu_s: cpu, wall_s, memory_mb: most }
}
