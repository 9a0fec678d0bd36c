// The console on a large hospital: 50 000 people, 1 000 000 entries of the journal, filled in bulk. Budgets: design,
// section 11 (a page of the list, p95 100 ms) and the console's own (section 11), whose number stands in each figure's name.
// On SQLite, and on PostgreSQL when HYGIE_TEST_PG names a server.
import { createHash, randomUUID } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAppliance } from '../e2e/appliance.mjs'
import { launchBrowser, newPage, plugKey } from '../e2e/browser.mjs'
import { enrolFirstKey, openConsole } from '../e2e/console.mjs'
import { inBrowser } from './console/browser.mjs'
import { measureDryRun } from './console/dry-run.mjs'
import { cpuMs, record, rssMb, spread } from './lib.mjs'

const PEOPLE = Number(process.env.HYGIE_BENCH_PEOPLE ?? 50_000)
const ENTRIES = Number(process.env.HYGIE_BENCH_ENTRIES ?? 1_000_000)
const FAMILIES = ['MARTIN', 'BERNARD', 'DUBOIS', 'THOMAS', 'ROBERT', 'RICHARD', 'PETIT', 'DURAND', 'LEROY', 'MOREAU', 'SIMON', 'LAURENT', 'LEFEBVRE', 'MICHEL', 'GARCIA', 'DAVID', 'BERTRAND', 'ROUX', 'VINCENT', 'FOURNIER', 'MOREL', 'GIRARD', 'ANDRE', 'MERCIER', 'DUPONT', 'LAMBERT', 'BONNET', 'FRANCOIS', 'MARTINEZ', 'LEGRAND', 'GARNIER', 'FAURE', 'ROUSSEAU', 'BLANC', 'GUERIN', 'MULLER', 'HENRY', 'ROUSSEL', 'NICOLAS', 'PERRIN']
const GIVENS = ['Marie', 'Jeanne', 'Françoise', 'Monique', 'Catherine', 'Nathalie', 'Isabelle', 'Jacqueline', 'Anne', 'Sylvie', 'Jean', 'Pierre', 'Michel', 'André', 'Philippe', 'René', 'Louis', 'Alain', 'Jacques', 'Bernard', 'Zoé', 'Élodie', 'Noël', 'Chloé']
const FUNCTIONS = ['INFIRMIER', 'AIDE-SOIGNANT', 'PRATICIEN HOSPITALIER', 'AGENT DES SERVICES', 'ADJOINT ADMINISTRATIF']
const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
const SUFFIXES = 'abcdefghijklmnopqrstuvwxyz'

/** Version 7, so that ids sort as ours do. */
function id(millis) {
  const time = millis.toString(16).padStart(12, '0')
  const chance = randomUUID().replaceAll('-', '')
  return `${time}7${chance.slice(0, 3)}8${chance.slice(3, 6)}${chance.slice(6, 18)}`
}
const dashed = (hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

async function csv(file, rows) {
  const out = createWriteStream(file)
  let text = ''
  for (const row of rows) {
    text += `${row.map((cell) => (cell === null ? '' : `"${String(cell).replaceAll('"', '""')}"`)).join(',')}\n`
    if (text.length > 1 << 20) {
      if (!out.write(text)) await once(out, 'drain')
      text = ''
    }
  }
  out.end(text)
  await once(out, 'finish')
}

function* people(ids, source) {
  for (let n = 0; n < PEOPLE; n++) {
    const family = `${FAMILIES[n % FAMILIES.length]}${n % 7 === 0 ? '' : ` ${SUFFIXES[n % 26].toUpperCase()}${SUFFIXES[(n * 7) % 26]}${SUFFIXES[(n * 11) % 26]}`}`
    const given = GIVENS[(n * 5) % GIVENS.length]
    const birth = `19${50 + (n % 50)}-0${1 + (n % 9)}-1${n % 10}`
    const key = `${fold(family).replaceAll(' ', '')} ${fold(given)}`
    const tokens = [...new Set([...fold(family).split(' '), fold(given)])].sort().join(' ')
    const post = [id(1_700_000_000_000 + n), ids[n], source, String(100_000 + n), '990000001', `99000000${2 + (n % 3)}`, String(1_000 + (n % 200)), `SERVICE ${n % 200}`, FUNCTIONS[n % 5], n % 5 === 2 ? '10' : null, 'CDI', '2015-01-01', n % 40 === 0 ? '2026-12-15' : null]
    yield { person: [ids[n], 'active', family, null, given, null, `${key} ${birth}`, ` ${tokens}`, key, 'F', birth, null, null, `agent${n}@ch-valmont.test`, null, null, null, '2026-01-01T00:00:00Z', 1], post }
  }
}

/** Canonical records, as the audit writes them, with their leaf hashes. */
function* entries(ids) {
  const begun = Date.parse('2026-01-01T00:00:00Z')
  for (let n = 0; n < ENTRIES; n++) {
    const at = new Date(begun + n * 20_000).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z')
    const person = ids[n % PEOPLE]
    const by = { kind: 'job', name: 'sync' }
    const body = JSON.stringify({ at, node: 'hygie-1', event: 'person_read', by, person: dashed(person) })
    const hash = createHash('sha256').update(Buffer.from([0])).update(body).digest('hex')
    yield [at, 'people', 'person_read', 'read', JSON.stringify(by), person, null, body, hash]
  }
}

const COLUMNS = {
  person: 'id,state,birth_family,usage_family,given,usual_given,sort_key,search_key,homonym_key,sex,birth_date,birth_insee,birth_label,mail,declared_rpps,closed_at,close_motive,created_at,version',
  post: 'id,person_id,source_id,matricule,finess_ej,finess_et,unit_code,unit_label,function_label,profession,contract_kind,starts_on,ends_on',
  audit_entry: 'at,category,event,outcome,actor,person_id,reference,body,leaf_hash',
}
const BINARY = { person: ['id'], post: ['id', 'person_id', 'source_id'], audit_entry: ['person_id', 'leaf_hash'] }
const DATES = new Set(['birth_date', 'starts_on', 'ends_on'])
const MOMENTS = new Set(['closed_at', 'created_at', 'at'])

async function fill(folder, postgres) {
  const ids = Array.from({ length: PEOPLE }, (_, n) => id(1_600_000_000_000 + n))
  const source = id(1_500_000_000_000)
  const both = [...people(ids, source)]
  const scratch = mkdtempSync(join(tmpdir(), 'hygie-bench-'))
  const tables = [['person', both.map((one) => one.person)], ['post', both.map((one) => one.post)], ['audit_entry', entries(ids)]]
  const commands = join(scratch, 'fill.sql')
  if (postgres) {
    const file = (table) => join(scratch, `${table}.csv`)
    for (const [table, rows] of tables) await csv(file(table), rows)
    writeFileSync(commands, `${tables.map(([table]) => copy(table, file(table))).join('\n')}\n`)
    execFileSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-f', commands, postgres], { stdio: ['ignore', 'ignore', 'inherit'] })
  } else {
    await statements(commands, tables)
    execFileSync('sqlite3', ['-bail', join(folder, 'hygie.db'), `.read ${commands}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  rmSync(scratch, { recursive: true })
}

/** Rows as statements, since the command line of SQLite reads binary values in no other way. */
async function statements(file, tables) {
  const out = createWriteStream(file)
  const literal = (name, binary) => (value) => {
    if (value === null) return 'NULL'
    if (binary.includes(name)) return `X'${value}'`
    return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`
  }
  out.write('PRAGMA synchronous=OFF; BEGIN;\n')
  for (const [table, rows] of tables) {
    const cells = COLUMNS[table].split(',').map((name) => literal(name, BINARY[table]))
    let batch = []
    const flush = async () => {
      if (batch.length && !out.write(`INSERT INTO ${table} (${COLUMNS[table]}) VALUES ${batch.join(',')};\n`)) await once(out, 'drain')
      batch = []
    }
    for (const row of rows) {
      batch.push(`(${row.map((value, n) => cells[n](value)).join(',')})`)
      if (batch.length === 400) await flush()
    }
    await flush()
  }
  out.end('COMMIT; ANALYZE;\n')
  await once(out, 'finish')
}

const AT_ONCE = 500

function copy(table, file) {
  const columns = COLUMNS[table].split(',')
  const value = (name) => {
    if (name === 'leaf_hash') return `decode(${name}, 'hex')`
    if (BINARY[table].includes(name)) return `${name}::uuid`
    if (name === 'version') return `${name}::bigint`
    if (DATES.has(name)) return `${name}::date`
    return MOMENTS.has(name) ? `${name}::timestamptz` : name
  }
  return [
    `CREATE TEMP TABLE raw_${table} (${columns.map((name) => `${name} TEXT`).join(', ')}, raw_row SERIAL PRIMARY KEY);`,
    `\\copy raw_${table} (${columns.join(', ')}) FROM '${file}' WITH (FORMAT csv, NULL '')`,
    // As a sync writes them: the triggers of lists look at so many people at once.
    `DO $$ BEGIN FOR part IN 0..(SELECT max(raw_row) / ${AT_ONCE} FROM raw_${table}) LOOP
       INSERT INTO ${table} (${columns.join(', ')}) SELECT ${columns.map(value).join(', ')} FROM raw_${table}
       WHERE raw_row > part * ${AT_ONCE} AND raw_row <= (part + 1) * ${AT_ONCE};
     END LOOP; END $$;`,
    `DROP TABLE raw_${table};`,
    `ANALYZE ${table};`,
  ].join('\n')
}

async function times(count, act) {
  const taken = []
  for (let n = 0; n < count; n++) {
    const before = performance.now()
    await act(n)
    taken.push(performance.now() - before)
  }
  return spread(taken)
}

async function measure(name, postgres) {
  const appliance = await startAppliance({ init: postgres ? ['--postgres-url-file', postgres.file] : [], prepare: (_, folder) => fill(folder, postgres?.url) })
  const browser = await launchBrowser()
  try {
    const page = await newPage(browser)
    page.context().setDefaultTimeout(120_000)
    await plugKey(page)
    await enrolFirstKey(page, appliance.init.first_administrator)
    await openConsole(page, appliance.adminUrl)
    await sealed(page, appliance)
    const get = async (path) => {
      const answer = await page.request.get(`${appliance.adminUrl}${path}`)
      if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
      return answer.json()
    }
    const figures = {}
    const note = (what, taken) => { figures[`${what}, ms`] = `median ${taken.median.toFixed(1)}  p95 ${taken.p95.toFixed(1)}  most ${taken.max.toFixed(1)}` }
    let cursor = ''
    note('people, next page of 100', await times(60, async () => {
      cursor = (await get(`/api/v1/people${cursor ? `?cursor=${cursor}` : ''}`)).next_cursor
    }))
    for (const sort of ['contract_end', 'unit', 'function', 'state']) {
      note(`people, sorted by ${sort}`, await times(10, () => get(`/api/v1/people?sort=${sort}`)))
    }
    for (const [what, filter] of [['one unit', 'unit=1042'], ['no RPPS', 'identity=missing'], ['ending', 'contract_ending_days=60'], ['by name', 'q=martin%20zoe']]) {
      note(`people, filtered: ${what}`, await times(20, () => get(`/api/v1/people?${filter}`)))
    }
    note('people, values of the filters', await times(5, () => get('/api/v1/people/facets')))
    const words = ['martin', 'zoe dupont', 'dupont zoé', '100042', 'moreau je', 'lefeb', 'systeme', 'elodie girard', 'xyz', 'agent42@ch-valmont.test']
    note('search', await times(60, (n) => get(`/api/v1/search?q=${encodeURIComponent(words[n % words.length])}`)))
    cursor = ''
    note('journal, next page of 100', await times(30, async () => {
      cursor = (await get(`/api/v1/audit${cursor ? `?cursor=${cursor}` : ''}`)).next_cursor
    }))
    note('journal, one person', await times(10, async () => {
      const one = (await get('/api/v1/people?limit=1')).items[0].id
      await get(`/api/v1/audit?subject=${one}`)
    }))
    note('journal, proof of one entry', await times(5, (n) => get(`/api/v1/audit/${1 + n * 7919}`)))
    note('home', await times(10, () => get('/api/v1/home')))
    figures.browser = await inBrowser(page, appliance)
    figures['memory, MB'] = rssMb(appliance.pid).toFixed(0)
    const before = cpuMs(appliance.pid)
    await times(50, () => get('/api/v1/people'))
    figures['people, processor a page, ms'] = ((cpuMs(appliance.pid) - before) / 50).toFixed(1)
    record(`console-${name}`, Object.fromEntries(Object.entries(figures).flatMap(([what, told]) => (typeof told === 'object' ? Object.entries(told) : [[what, told]]))))
  } finally {
    await browser.close()
    await appliance.stop()
  }
}

/** The journal that was filled is numbered and signed before anything is measured. */
async function sealed(page, appliance) {
  const until = Date.now() + 30 * 60_000
  while (Date.now() < until) {
    const answer = await page.request.get(`${appliance.adminUrl}/api/v1/audit?limit=1`)
    if (answer.ok() && (await answer.json()).waiting_seal < 10) return
    await new Promise((again) => setTimeout(again, 3_000))
  }
  throw new Error('the journal is not sealed after half an hour')
}

const stores = (process.env.HYGIE_BENCH_STORES ?? 'sqlite,postgres').split(',')
if (stores.includes('sqlite')) {
  await measure('sqlite')
  await measureDryRun('sqlite', PEOPLE)
}
if (stores.includes('postgres') && process.env.HYGIE_TEST_PG) {
  const name = `console_bench_${process.pid}`
  const server = process.env.HYGIE_TEST_PG
  execFileSync('psql', ['-q', '-c', `CREATE DATABASE ${name}`, `${server}postgres`])
  const folder = mkdtempSync(join(tmpdir(), 'hygie-bench-pg-'))
  const file = join(folder, 'url')
  writeFileSync(file, `${server}${name}\n`, { mode: 0o600 })
  try {
    await measure('postgres', { url: `${server}${name}`, file })
  } finally {
    execFileSync('psql', ['-q', '-c', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, `${server}postgres`])
    rmSync(folder, { recursive: true })
  }
} else if (stores.includes('postgres')) console.log('console-postgres: not run, HYGIE_TEST_PG names no server')
