// The Spring application: the snippet as it is given to copy, with what an editor has around it, compiled once and kept.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { CACHE, missingJava, mvn } from '../e2e/maven.mjs'

const run = promisify(execFile)
const here = (name) => new URL(name, import.meta.url).pathname
const copied = (name) => here(`../../crates/web/assets/editors/${name}`)
const PARTS = { project: here('pom.xml'), settings: copied('application.yml'), sources: [copied('SecurityConfiguration.java'), here('src/Application.java')] }

/** Where its classes are, and the jars that they need: { classes, jars }. */
export async function springClasses() {
  const sum = createHash('sha256')
  for (const file of [PARTS.project, PARTS.settings, ...PARTS.sources]) sum.update(`${basename(file)}\0`).update(readFileSync(file))
  const kept = join(CACHE, 'spring', sum.digest('hex').slice(0, 16))
  const found = read(kept)
  if (found) return found
  rmSync(kept, { recursive: true, force: true })
  mkdirSync(join(CACHE, 'spring'), { recursive: true })
  // Under another name until it is whole.
  const folder = mkdtempSync(join(CACHE, 'spring/new-'))
  try {
    mkdirSync(join(folder, 'src/main/java/fr/exemple/dpi'), { recursive: true })
    mkdirSync(join(folder, 'src/main/resources'), { recursive: true })
    copyFileSync(PARTS.project, join(folder, 'pom.xml'))
    copyFileSync(PARTS.settings, join(folder, 'src/main/resources/application.yml'))
    for (const file of PARTS.sources) copyFileSync(file, join(folder, 'src/main/java/fr/exemple/dpi', basename(file)))
    await mvn(['compile', 'dependency:build-classpath', `-Dmdep.outputFile=${join(folder, 'jars')}`], folder)
    if (!existsSync(kept)) renameSync(folder, kept)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return read(kept)
}

function read(kept) {
  if (!existsSync(join(kept, 'jars'))) return undefined
  const jars = readFileSync(join(kept, 'jars'), 'utf8').trim().split(delimiter)
  return jars.every(existsSync) ? { classes: join(kept, 'target/classes'), jars } : undefined
}

/** Why it can't be run here, or nothing. */
export const missingSpring = () => missingJava(springClasses)

/** What `java` is told to start it, believing the authorities `trusts` beside none of the world's. */
export async function springWords(folder, trusts) {
  const { classes, jars } = await springClasses()
  const store = join(mkdtempSync(join(folder, 'spring-')), 'trusted.p12')
  for (const [rank, file] of trusts.entries()) {
    await run('keytool', ['-importcert', '-noprompt', '-alias', `authority-${rank}`, '-file', file,
      '-keystore', store, '-storetype', 'PKCS12', '-storepass', 'authorities'], { timeout: 120_000 })
  }
  return ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Djavax.net.ssl.trustStore=${store}`,
    '-Djavax.net.ssl.trustStorePassword=authorities', '-cp', [classes, ...jars].join(delimiter), 'fr.exemple.dpi.Application']
}
