// A real Keycloak, from Maven Central, as an identity broker before an appliance: what Pro Santé Connect itself is. It is
// kept, built, under the cache; each test run has data of its own.
import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CACHE, REPOSITORY, missingJava, mvn } from '../e2e/maven.mjs'

const run = promisify(execFile)
const VERSION = '26.7.3'
const HOME = join(CACHE, `keycloak/${VERSION}`)

/** Fetches it once and builds it for these tests: 170 MB, then nothing more. */
export async function fetchKeycloak() {
  if (existsSync(HOME)) return
  mkdirSync(join(CACHE, 'keycloak'), { recursive: true })
  // Under another name until it is whole.
  const folder = mkdtempSync(join(CACHE, 'keycloak/new-'))
  try {
    const words = [`-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`, '-Dtransitive=false']
    await mvn(['org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get', ...words], folder)
    const fetched = join(REPOSITORY, 'org/keycloak/keycloak-quarkus-dist', VERSION)
    await run('unzip', ['-q', join(fetched, `keycloak-quarkus-dist-${VERSION}.zip`), '-d', folder], { timeout: 300_000 })
    const unpacked = join(folder, `keycloak-${VERSION}`)
    await run(join(unpacked, 'bin/kc.sh'), ['build', '--db=dev-file', '--http-relative-path=/auth', '--health-enabled=false'],
      { timeout: 600_000, env: { ...process.env, JAVA_OPTS_APPEND: SMALL } })
    if (!existsSync(HOME)) renameSync(unpacked, HOME)
    rmSync(fetched, { recursive: true, force: true })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Why it can't be run here, or nothing. */
export const missingKeycloak = () => missingJava(fetchKeycloak)

const SMALL = '-XX:-UseG1GC -XX:+UseSerialGC -XX:TieredStopAtLevel=1'

/** Starts it with a realm. `pki`: its certificate; `trusts`: the authority of those that it calls. */
export async function startKeycloak({ realm, port, pki, trusts }) {
  const folder = mkdtempSync(join(tmpdir(), 'hygie-keycloak-'))
  const base = `https://localhost:${port}/auth`
  // The program is shared, its data are not.
  for (const part of ['bin', 'conf', 'lib', 'providers', 'themes']) cpSync(join(HOME, part), join(folder, part), { recursive: true })
  mkdirSync(join(folder, 'data/import'), { recursive: true })
  writeFileSync(join(folder, `data/import/${realm.realm}-realm.json`), JSON.stringify(realm))
  const words = ['start', '--optimized', '--import-realm', '--cache=local', '--http-host=127.0.0.1', `--https-port=${port}`,
    `--hostname=${base}`, `--https-certificate-file=${pki.certificate}`, `--https-certificate-key-file=${pki.key}`,
    `--truststore-paths=${trusts}`]
  const env = { ...process.env, JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx384m', JAVA_OPTS_APPEND: SMALL }
  const child = spawn(join(folder, 'bin/kc.sh'), words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const server = { log: '', ended: false }
  const keep = (text) => { server.log += text }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  const over = new Promise((done) => child.once('close', () => { server.ended = true; done() }))
  process.once('exit', () => child.kill('SIGKILL'))
  const stop = async () => {
    child.kill('SIGTERM')
    await over
    rmSync(folder, { recursive: true, force: true })
  }
  const ready = `${base}/realms/${realm.realm}/.well-known/openid-configuration`
  const until = Date.now() + 240_000
  while (!server.ended && Date.now() < until) {
    try {
      await run('curl', ['-sf', '--cacert', pki.ca, '--max-time', '5', ready])
      return { base: `${base}/realms/${realm.realm}`, log: () => server.log, stop }
    } catch {
      await new Promise((again) => setTimeout(again, 500)) // not listening yet
    }
  }
  await stop()
  throw new Error(`Keycloak is not ready:\n${server.log.slice(-3000)}`)
}

// What the sandbox's page gives to copy: it is this file that is tried.
const COPIED = readFileSync(new URL('../../crates/web/assets/editors/keycloak.json', import.meta.url), 'utf8')

/** The realm: a service of its own, and providers that are `clients` of an appliance, by alias. */
export function realmOf({ issuer, clients, service }) {
  const provider = ([alias, { client, byServer }]) => {
    const words = { ISSUER: issuer, CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret }
    const copied = JSON.parse(COPIED.replace(/\$\{(\w+)\}/g, (_, name) => words[name]))
    const config = { ...copied.config, backchannelSupported: String(byServer) }
    // People of the test are known at the first login, whatever their mail.
    return { ...copied, alias, config, trustEmail: true, firstBrokerLoginFlowAlias: 'known at once' }
  }
  return {
    realm: 'sante', enabled: true, sslRequired: 'external',
    requiredActions: [{ alias: 'VERIFY_PROFILE', name: 'Verify Profile', providerId: 'VERIFY_PROFILE', enabled: false }],
    authenticationFlows: [{
      alias: 'known at once', providerId: 'basic-flow', topLevel: true, builtIn: false,
      authenticationExecutions: [
        { authenticator: 'idp-create-user-if-unique', requirement: 'ALTERNATIVE', priority: 10, authenticatorFlow: false },
        { authenticator: 'idp-auto-link', requirement: 'ALTERNATIVE', priority: 20, authenticatorFlow: false },
      ],
    }],
    identityProviders: Object.entries(clients).map(provider),
    clients: [{
      clientId: 'service', protocol: 'openid-connect', publicClient: false, secret: service.secret, standardFlowEnabled: true,
      redirectUris: [`${service.base}/callback`],
      attributes: {
        'post.logout.redirect.uris': `${service.base}/left`,
        'backchannel.logout.url': `${service.base}/backchannel-logout`, 'backchannel.logout.session.required': 'true',
      },
    }],
  }
}
