// What comes from Maven's repository, kept in the cache: after a first run nothing is asked of the network.
import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hygie')
/** Where Maven keeps what it fetched. */
export const REPOSITORY = join(CACHE, 'm2')

/** The repository does not answer: told as such, for it is no fault of what is tried. */
export class Unreachable extends Error {}

// An artifact that the repository answers not to have, or a source that does not compile, is none of these.
const UNREACHABLE = /(?:Could not transfer|Failure to transfer) .*? \(\S+\)|Unknown host \S+|Connection refused|Network is unreachable/

/** Maven in the folder `cwd`; what the repository did not answer is asked a second time. */
export async function mvn(words, cwd) {
  const quick = ['-Dmaven.wagon.rto=120000', `-Dmaven.repo.local=${REPOSITORY}`]
  let said
  for (const again of [[], ['-U']]) {
    try {
      return await run('mvn', ['-q', '-B', ...again, ...quick, ...words], { cwd, timeout: 900_000, maxBuffer: 1 << 26 })
    } catch (fault) {
      said = [fault.stdout, fault.stderr].join('\n').trim() || fault.message
      if (!UNREACHABLE.test(said)) throw new Error(`mvn ${words.join(' ')}:\n${said}`)
    }
  }
  throw new Unreachable(`Maven's repository can't be reached: ${UNREACHABLE.exec(said)[0]}`)
}

/** Why what `fetch` brings can't be run here, or nothing. Any other fault of it is thrown. */
export async function missingJava(fetch) {
  try {
    await run('java', ['-version'])
  } catch {
    return 'Java is not installed'
  }
  try {
    await fetch()
  } catch (fault) {
    if (fault instanceof Unreachable) return fault.message
    throw fault
  }
  return undefined
}
