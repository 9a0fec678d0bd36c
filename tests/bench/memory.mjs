// Two million tokens, two to a row, given to one client by refreshes: resident memory of the last tenth against the second (budget:
// 1.10 times); then some of the rows are made to have ended two days ago, and calls go on while the sweep removes them: what
// a call waits for then, against what it waits for before. HYGIE_BENCH_TOKENS: how many, for a shorter look.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { record, rssMb, summary } from './lib.mjs'
import { request, send } from './tokens/calls.mjs'
import { CALLBACK, authorizePath, codeOf, login, startHospital } from './tokens/doctor.mjs'

const TOKENS = Number(process.env.HYGIE_BENCH_TOKENS ?? 2_000_000)
const AGED = Math.min(60_000, TOKENS / 4), CONNECTIONS = 64, BATCH = Math.max(500, Math.ceil(TOKENS / 400))
const { appliance, clients: { ES256: client }, doctor } = await startHospital({ algorithms: ['ES256'], client: ['--refresh-seconds', '50400'] })
const { folder, pid, publicUrl } = appliance
const database = join(folder, 'hygie.db')

const posted = (form) => request('POST', '/oauth2/token', { authorization: client.basic }, form)
const told = ({ status, body }) => {
  if (status !== 200) throw new Error(`${status} ${body}`)
  return JSON.parse(body).refresh_token
}
const options = { folder, connections: CONNECTIONS, answers: true }

/** Refreshes each chain once; the chains as they are then. Those whose answer was not counted are left behind. */
async function refreshed(chains) {
  const { figures, answers } = await send(publicUrl, pid, chains.map((token) => posted({ grant_type: 'refresh_token', refresh_token: token })), options)
  return { figures, chains: answers.map(told) }
}

/** Chains that begin: a code each. */
async function begun(cookie, count) {
  const asked = Array.from({ length: count + 3 * (CONNECTIONS + 1) }, (_, number) => request('GET', authorizePath(client, number), { cookie }))
  const codes = (await send(publicUrl, pid, asked, options)).answers.map(codeOf)
  const redeemed = await send(publicUrl, pid, codes.map((code) => posted({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK })), options)
  return redeemed.answers.map(told)
}

/** A statement on the file beside the server, as another process; what it answered. */
const sqlite = (text) => execFileSync('python3', ['-c', `
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
print(base.execute(sys.argv[2]).fetchone())`, database, text], { encoding: 'utf8' }).trim()
const PAST = new Date(Date.now() - 2 * 86_400_000).toISOString().replace('Z', '000Z')
const left = () => Number(/\d+/.exec(sqlite(`SELECT count(*) FROM token WHERE ends_at = '${PAST}'`))[0])

try {
  const cookie = await login(appliance, doctor)
  const memory = [], waits = []
  let given = 0, chains = []
  while (given < TOKENS) {
    if (chains.length < BATCH / 2) chains = [...chains, ...await begun(cookie, BATCH - chains.length)]
    const turn = await refreshed(chains)
    chains = turn.chains
    given += 2 * chains.length
    memory.push({ given, rss_mb: rssMb(pid) })
    waits.push(turn.figures)
    if (memory.length % 10 === 0) console.log(`memory: ${given} tokens, ${rssMb(pid).toFixed(1)} MB, ${turn.figures.per_second.toFixed(0)} a second`)
  }
  const tenth = (number) => summary(memory.filter(({ given: at }) => at > (TOKENS * (number - 1)) / 10 && at <= (TOKENS * number) / 10).map(({ rss_mb }) => ({ rss_mb })))
  const [second, last] = [tenth(2), tenth(10)]
  const figures = {
    [`${given} tokens: second tenth`]: second, [`${given} tokens: last tenth`]: last,
    'last tenth against the second': (last.rss_mb.median / second.rss_mb.median).toFixed(3),
    'while they were given': summary(waits),
  }
  // What ended two days ago, as tomorrow's sweep will find it: in steps, so that the server is not kept waiting for it.
  for (let from = 1; from <= AGED; from += 5000) sqlite(`UPDATE token SET (ends_at, access_ends_at, refresh_ends_at) = ('${PAST}', '${PAST}', '${PAST}') WHERE number >= ${from} AND number < ${Math.min(from + 5000, AGED + 1)} RETURNING 1`)
  const quiet = [], swept = []
  chains = [...chains, ...await begun(cookie, 4000)].slice(-4000)
  for (let before = left(), turn; before > 0;) {
    if (chains.length < 2000) chains = await begun(cookie, 4000)
    turn = await refreshed(chains)
    chains = turn.chains
    const after = left()
    ;(after < before ? swept : quiet).push(turn.figures)
    before = after
  }
  record('memory', { ...figures, [`calls while nothing is removed`]: summary(quiet), [`calls while ${AGED} ended rows are removed`]: summary(swept) })
} finally {
  await appliance.stop()
}
