// The whole code flow with a security key, without password hashing: authorize, login page, key, code, tokens; the server on
// two cores, its callers on the others. Budgets: 500 logins a second; 5 ms of processor a login (design, section 11). The
// keys are of the bench itself (tokens/browser.mjs), so that no browser stands between.
import { execFileSync, fork } from 'node:child_process'
import { cpus } from 'node:os'
import { cpuMs, record, summary } from './lib.mjs'
import { Browser, Key, attribute, field } from './tokens/browser.mjs'
import { CALLBACK, authorizePath, codeOf, startHospital } from './tokens/doctor.mjs'

const PEOPLE = 48, CALLERS = 2, SECONDS = 10, ROUNDS = 5, EACH = 24

/** Somebody enrols a key with a code of the desk. */
async function enrol(url, code) {
  const browser = new Browser(url), key = new Key(new URL(url).origin)
  await browser.ask('GET', '/enrol')
  const page = (await browser.ask('POST', '/enrol', { code })).text
  const answer = key.create(JSON.parse(attribute(page, 'data-options')))
  const done = await browser.ask('POST', '/enrol/key', { t: field(page, 't'), answer })
  if (!done.text.includes('Votre clé est enregistrée')) throw new Error(`not enrolled: ${done.status} ${done.text.replace(/<[^>]+>/g, ' ').slice(0, 300)}`)
  return key
}

/** One login in a browser that nobody knows, from the application to its tokens. */
async function walk(url, client, key, number) {
  const browser = new Browser(url), path = authorizePath(client, number)
  const { location } = await browser.ask('GET', path)
  const asked = (await browser.ask('GET', location)).text
  const held = (page) => ({ t: field(page, 't'), next: field(page, 'next') })
  const page = (await browser.ask('POST', '/login/key', held(asked))).text
  const answer = key.get(JSON.parse(attribute(page, 'data-options')))
  const passed = await browser.ask('POST', '/login/key/answer', { ...held(page), answer })
  const next = passed.location ?? attribute(passed.text, 'href')
  const code = codeOf(await browser.ask('GET', next))
  const tokens = await browser.ask('POST', '/oauth2/token', { grant_type: 'authorization_code', code, redirect_uri: CALLBACK }, { authorization: client.basic })
  if (tokens.status !== 200) throw new Error(`${tokens.status} ${tokens.text}`)
}

/** A caller: told whom to enrol, then to log in for so long; each person one login at a time. */
async function caller() {
  let keys = [], given
  process.on('message', async (told) => {
    if (told.codes) {
      given = told
      for (const code of told.codes) keys.push(await enrol(told.url, code))
      return process.send({ ready: true })
    }
    const until = performance.now() + told.seconds * 1000, waits = []
    await Promise.all(keys.slice(0, EACH).map(async (key, place) => {
      for (let number = 0; performance.now() < until; number++) {
        const began = performance.now()
        await walk(given.url, given.client, key, `${place}.${number}`)
        waits.push(performance.now() - began)
      }
    }))
    process.send({ waits })
  })
}

const answered = (child) => new Promise((done, failed) => {
  child.once('message', done)
  child.once('exit', (status) => failed(new Error(`a caller ended: ${status}`)))
})

async function main() {
  const { appliance, clients: { ES256: client } } = await startHospital({ algorithms: ['ES256'], client: [] })
  const callers = Array.from({ length: CALLERS }, () => fork(new URL(import.meta.url).pathname, ['caller']))
  try {
    const pin = (pid, cores) => execFileSync('taskset', ['-a', '-p', '-c', cores, String(pid)])
    pin(appliance.pid, '0,1')
    if (cpus().length > 2) callers.forEach((child) => pin(child.pid, `2-${cpus().length - 1}`))
    const people = (await appliance.hygie('person', 'list')).slice(0, PEOPLE)
    const codes = []
    for (const { id } of people) codes.push((await appliance.hygie('means', 'issue', id)).code)
    await Promise.all(callers.map((child, place) => {
      child.send({ url: appliance.publicUrl, client, codes: codes.filter((_, at) => at % CALLERS === place) })
      return answered(child)
    }))
    const measures = []
    for (let round = 0; round < ROUNDS; round++) {
      const before = cpuMs(appliance.pid), began = performance.now()
      const told = await Promise.all(callers.map((child) => { child.send({ seconds: SECONDS }); return answered(child) }))
      const waits = told.flatMap(({ waits: of }) => of).sort((a, b) => a - b)
      const wall = performance.now() - began, used = cpuMs(appliance.pid) - before
      measures.push({
        logins_per_second: (waits.length * 1000) / wall, cpu_ms_a_login: used / waits.length,
        cores_busy: used / wall, p50_ms: waits[waits.length >> 1], p99_ms: waits[Math.floor(waits.length * 0.99)],
      })
    }
    record('logins', { [`code flow with a key, ${EACH * CALLERS} at once, server on two cores`]: summary(measures) })
  } finally {
    for (const child of callers) child.kill()
    await appliance.stop()
  }
}

await (process.argv[2] === 'caller' ? caller() : main())
