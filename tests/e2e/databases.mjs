// Scenes are played on both databases. PostgreSQL: one database a demo, on the throw-away server of HYGIE_TEST_PG.
import { execFile } from 'node:child_process'
import { describe } from 'node:test'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)
let made = 0

/** The same tests on each database; without a PostgreSQL server its half is told as skipped. */
export function onEachDatabase(tests) {
  for (const database of ['SQLite', 'PostgreSQL']) {
    const skip = database === 'PostgreSQL' && !process.env.HYGIE_TEST_PG && 'HYGIE_TEST_PG names no server'
    describe(`on ${database}`, { skip }, () => tests(database))
  }
}

/** A database of its own: answers its address, and how to throw it away. */
export async function newPostgres() {
  const server = process.env.HYGIE_TEST_PG.replace(/\/?$/, '/')
  const name = `e2e_${process.pid}_${(made += 1)}`
  const tell = (sql) => run('psql', [`${server}postgres`, '-qc', sql], { timeout: 30_000 })
  await tell(`create database ${name}`)
  return { url: `${server}${name}`, drop: () => tell(`drop database if exists ${name} with (force)`) }
}

/** The file that `--postgres-url-file` wants. */
export function writeUrl(file, url) {
  writeFileSync(file, `${url}\n`, { mode: 0o600 })
}
