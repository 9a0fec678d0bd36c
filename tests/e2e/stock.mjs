// Stock clients of editors, as their users copy them (crates/web/assets/editors), each behind a proxy that ends TLS, beside
// an appliance that serves TLS itself: nothing of the exchanges is played.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { freePorts, startAppliance } from './appliance.mjs'
import { newPostgres, writeUrl } from './databases.mjs'
import { newPage, plugKey } from './browser.mjs'
import { besideAnother } from './nodes.mjs'
import { springWords } from '../spring/spring.mjs'

const run = promisify(execFile)
const snippet = (name) => new URL(`../../crates/web/assets/editors/${name}`, import.meta.url).pathname

/** An authority of the applications, and one certificate under it for this machine. */
export function makePki(folder) {
  const openssl = (...words) => execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'apps-ca.key', '-out', 'apps-ca.pem', '-days', '30', '-subj', '/CN=Applications',
    '-addext', 'keyUsage=critical,keyCertSign')
  openssl('req', ...key, '-keyout', 'app.key', '-out', 'app.csr', '-subj', '/CN=localhost')
  openssl('x509', '-req', '-in', 'app.csr', '-CA', 'apps-ca.pem', '-CAkey', 'apps-ca.key', '-out', 'app.pem', '-days', '30', '-extfile', 'names')
  return { ca: join(folder, 'apps-ca.pem'), certificate: join(folder, 'app.pem'), key: join(folder, 'app.key') }
}

const PASSWORD = 'un mot de passe que personne ne devine'

/**
 * A hospital over TLS that may call applications on this machine; `register`: its people are linked to the register;
 * `nodes`: two of them behind a round-robin, on PostgreSQL; `seed`: whose hospital. Answers the appliance, its authority, the certificates
 * of applications, the people with a part, and `register(words)` for a client: { client_id, client_secret }.
 */
export async function startHospital({ database = 'SQLite', register = false, nodes = 1, seed = 1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hygie-apps-'))
  const pki = makePki(folder)
  const postgres = database === 'PostgreSQL' ? await newPostgres() : undefined
  const init = []
  if (postgres) {
    writeUrl(join(folder, 'postgres-url'), postgres.url)
    init.push('--postgres-url-file', join(folder, 'postgres-url'))
  }
  let personas, second
  const appliance = await startAppliance({
    tls: true,
    init,
    prepare: async (hygie, home) => {
      appendFileSync(join(home, 'hygie.toml'),
        `\n[applications]\nallowed_hosts = ["localhost"]\nanchors_file = ${JSON.stringify(pki.ca)}\nlocal_addresses = true\n`)
      const hospital = join(home, 'sources', 'hospital')
      await hygie('demo', 'generate', '--seed', String(seed), '--size', 'small', '--out', hospital)
      copyFileSync(join(hospital, 'hr', 'hr-v1.csv'), join(home, 'sources', 'hr-v1.csv'))
      await hygie('source', 'add', join(hospital, 'hr', 'mapping.toml'))
      await hygie('source', 'sync', 'rh')
      const summary = JSON.parse(readFileSync(join(hospital, 'hospital.json'), 'utf8'))
      personas = summary.personas
      if (register) {
        const extracts = [summary.versions[0].register, summary.versions[0].restricted].filter(Boolean)
        await hygie('register', 'import', '--partial', ...extracts.map((file) => join(hospital, file)))
        await hygie('reconcile', 'run')
      }
      if (nodes > 1) second = await besideAnother(home)
    },
  })
  const ca = join(appliance.folder, 'tls/ca.pem')
  return {
    appliance, pki, ca, personas, folder,
    // Connections that each node took, where there are two.
    taken: () => second?.taken,
    // What every node has said.
    log: () => appliance.log() + (second?.log() ?? ''),
    register: (...words) => appliance.hygie('client', 'create', ...words),
    stop: async () => {
      await second?.stop()
      await appliance.stop()
      await postgres?.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Somebody of the hospital with a password, in a browser of her own. Who has a key too is asked for both, so that a first
 * login at the lowest level comes before `enrolKey`.
 */
export async function newPerson(hospital, browser, key) {
  const { appliance } = hospital
  const persona = hospital.personas.find((one) => one.key === key)
  const person = await appliance.hygie('person', 'show', persona.matricule)
  const page = await newPage(browser, { ignoreHTTPSErrors: false })
  await plugKey(page)
  const enrol = async (kind) => {
    const { code } = await appliance.hygie('means', 'issue', person.id, '--kind', kind)
    await page.goto(`${appliance.publicUrl}/enrol`)
    await page.getByLabel('Votre code').fill(code)
    await page.getByRole('button', { name: 'Continuer' }).click()
  }
  await enrol('password')
  await page.getByLabel('Nouveau mot de passe').fill(PASSWORD)
  await page.getByLabel('Le même, une seconde fois').fill(PASSWORD)
  await page.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByRole('heading', { name: 'Votre mot de passe est enregistré.' }).waitFor()
  return {
    ...person, persona, page, password: PASSWORD,
    enrolKey: async () => {
      await enrol('fido2')
      await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
    },
    byPassword: async () => {
      await page.getByLabel('Votre identifiant').fill(persona.matricule)
      await page.getByRole('button', { name: 'Continuer' }).click()
      await page.getByLabel('Votre mot de passe').fill(PASSWORD)
      await page.getByRole('button', { name: 'Ouvrir' }).click()
    },
    byKey: () => page.getByRole('button', { name: 'Clé' }).click(),
    leave: async () => {
      await page.goto(`${appliance.publicUrl}/portal`)
      await page.getByRole('button', { name: 'Fermer ma session' }).click()
      await page.getByRole('heading', { name: 'Session fermée sur ce poste.' }).waitFor()
    },
  }
}


// --- the applications ---------------------------------------------------------------------------------------------------

/** A program, and what it said; stopped with the test that dies. */
function start(command, words, { env, cwd }) {
  const child = spawn(command, words, { env: { ...process.env, ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const program = { child, log: '' }
  const keep = (text) => { program.log += text }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.once('error', (fault) => keep(`could not start: ${fault.message}\n`))
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const over = new Promise((done) => child.once('close', done))
  program.stop = async () => {
    child.kill('SIGTERM')
    const late = setTimeout(kill, 5_000)
    await over
    clearTimeout(late)
    process.off('exit', kill)
  }
  return program
}

/** What stands before an application in a hospital: it ends TLS, and says so. Counts the calls that came to each path. */
function startProxy(pki, publicPort, port, calls) {
  const options = { cert: readFileSync(pki.certificate), key: readFileSync(pki.key) }
  const server = createServer(options, (asked, answer) => {
    const headers = { ...asked.headers, 'x-forwarded-proto': 'https', 'x-forwarded-host': asked.headers.host, 'x-forwarded-port': String(publicPort) }
    // A connection of its own each time: one that was kept may be closed from the other side while it is written to.
    const onward = request({ host: '127.0.0.1', port, path: asked.url, method: asked.method, headers, agent: false }, (given) => {
      calls.push({ method: asked.method, path: asked.url.split('?')[0], url: asked.url, status: given.statusCode })
      answer.writeHead(given.statusCode, given.headers)
      given.pipe(answer)
    })
    // The browser may leave, and the application may close, in the middle of an answer.
    onward.on('error', (fault) => (answer.headersSent ? answer.destroy(fault) : answer.writeHead(502).end(fault.message)))
    asked.on('error', (fault) => onward.destroy(fault))
    asked.pipe(onward)
  })
  return new Promise((done) => server.listen(publicPort, '127.0.0.1', () => done({
    stop: () => new Promise((closed) => { server.closeAllConnections(); server.close(closed) }),
  })))
}

/** A virtual machine on a loaded machine takes its time. */
const LONGEST_START_S = 180

async function answering(port, program) {
  const until = Date.now() + LONGEST_START_S * 1000
  while (program.child.exitCode === null && Date.now() < until) {
    const open = await new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); done(true) }).on('error', () => done(false))
    })
    if (open) return
    await new Promise((again) => setTimeout(again, 100))
  }
  throw new Error(`the application does not answer:\n${program.log}`)
}

/** Serves one of the snippets for a registered client, at an address that was chosen before it was registered. */
export async function startApplication(hospital, { base, publicPort, port, client }, stack) {
  const env = {
    ISSUER: hospital.appliance.publicUrl,
    CLIENT_ID: client.client_id,
    CLIENT_SECRET: client.client_secret,
    BASE_URL: base,
    PORT: String(stack.ownTls ? publicPort : port),
    SESSION_SECRET: 'a secret of this application alone',
  }
  const program = await stack.launch(hospital, env)
  const proxied = []
  try {
    await answering(stack.ownTls ? publicPort : port, program)
    const proxy = stack.ownTls ? undefined : await startProxy(hospital.pki, publicPort, port, proxied)
    return {
      base,
      // Each call that came: { method, path, status }.
      calls: () => program.calls?.() ?? proxied,
      log: () => program.log,
      stop: async () => { await proxy?.stop(); await program.stop() },
    }
  } catch (fault) {
    await program.stop()
    throw fault
  }
}

/** What a DPI asks one by one to write a VIHF (AIR-04). */
export const AIR_CLAIMS = [
  'rpps', 'service', 'saml_authn_context', 'codeProfession', 'codeTypeSavoirFaire', 'codeSavoirFaire', 'codeSectionPharmacien',
  'codeRole', 'codeGenreActivite', 'finess',
]

/** The clients by name: what must be there to run them, what they register beside the address of return, how they start. */
export const STACKS = {
  'openid-client': { missing: () => undefined, callback: '/callback', logoutCalls: '/backchannel-logout', launch: nodeStack('openid-client.mjs') },
  // Written for the DMP: what a VIHF is made of is asked too, one by one beside the layout of Pro Santé Connect.
  AIR: {
    missing: () => undefined,
    callback: '/callback',
    launch: nodeStack('openid-client.mjs', (text) => [
      ["scope: 'openid profile'", `scope: 'openid scope_all', claims: ${JSON.stringify(JSON.stringify({ userinfo: Object.fromEntries(AIR_CLAIMS.map((name) => [name, null])) }))}`],
      ['const { acr, max_age } = request.query', 'const { acr, max_age, prompt } = request.query'],
      ['...(max_age && { max_age }),', '...(max_age && { max_age }), ...(prompt && { prompt }),'],
    ].reduce((before, [from, to]) => {
      if (!before.includes(from)) throw new Error(`the snippet has no « ${from} »`)
      return before.replace(from, to)
    }, text)),
  },
  passport: { missing: () => undefined, callback: '/callback', logoutCalls: '/backchannel-logout', launch: nodeStack('passport.mjs') },
  Authlib: {
    missing: () => (runs('python3', ['-c', 'import venv, ensurepip']) ? undefined : 'python3 with venv is not installed'),
    callback: '/callback',
    logoutCalls: '/backchannel-logout',
    launch: pythonStack,
  },
  // A recipe for Pro Santé Connect: nothing in it is ours but the values of ISSUER, CLIENT_ID and CLIENT_SECRET.
  'PSC recipe': {
    missing: () => STACKS.mod_auth_openidc.missing(),
    callback: '/oidc/callback',
    ownTls: true,
    launch: (hospital, env) => apacheStack(hospital, env, PSC_RECIPE),
  },
  mod_auth_openidc: {
    missing: () => (existsSync(`${MODULES}/mod_auth_openidc.so`) ? undefined : 'libapache2-mod-auth-openidc is not installed'),
    callback: '/oidc/callback',
    logoutCalls: '/oidc/callback?logout=backchannel',
    ownTls: true,
    launch: apacheStack,
  },
  // Whether it is there is asked of Maven's repository, so by its own tests.
  'Spring Security': {
    callback: '/login/oauth2/code/hygie',
    logoutCalls: '/logout/connect/back-channel/hygie',
    launch: async (hospital, env) => start('java', await springWords(hospital.folder, [hospital.ca, hospital.pki.ca]),
      { env: { ...env, SERVER_ADDRESS: '127.0.0.1', SERVER_PORT: env.PORT } }),
  },
}
const PSC_RECIPE = `
OIDCProviderMetadataURL \${ISSUER}/.well-known/wallet-openid-configuration
OIDCClientID \${CLIENT_ID}
OIDCClientSecret \${CLIENT_SECRET}
OIDCRedirectURI \${BASE_URL}/oidc/callback
OIDCCryptoPassphrase "\${SESSION_SECRET}"
OIDCScope "openid scope_all"
OIDCAuthRequestParams acr_values=eidas1
OIDCPassUserInfoAs json
OIDCPassClaimsAs environment
Header always set Cache-Control no-store
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
`
const MODULES = '/usr/lib/apache2/modules'

const runs = (command, words) => {
  try {
    execFileSync(command, words, { stdio: 'ignore' })
    return true
  } catch {
    return false // answered as such: it is not there
  }
}

/** Registers the client, then starts its application. `deaf`: it registers no address for logout calls. What is answered starts
 * again, once stopped, by `again()`. */
export async function startStack(hospital, name, words = [], { deaf = false } = {}) {
  const stack = STACKS[name]
  const [publicPort, port] = await freePorts(2)
  const base = `https://localhost:${publicPort}`
  const client = await hospital.register('--name', name, '--redirect-uri', `${base}${stack.callback}`,
    '--post-logout-redirect-uri', `${base}/`, '--refresh-seconds', '3600', '--scope', 'profile',
    ...(stack.logoutCalls && !deaf ? ['--backchannel-logout-uri', `${base}${stack.logoutCalls}`] : []), ...words)
  const place = { base, publicPort, port, client }
  const begin = async () => ({ client_id: client.client_id, ...(await startApplication(hospital, place, stack)), again: begin })
  return begin()
}

function nodeStack(name, change = (text) => text) {
  return (hospital, env) => {
    // Modules are looked for from the file's own folder upwards.
    const folder = new URL('node_modules/.editors/', import.meta.url).pathname
    mkdirSync(folder, { recursive: true })
    const copy = join(folder, `${process.pid}-${name}`)
    writeFileSync(copy, change(readFileSync(snippet(name), 'utf8')))
    return start(process.execPath, [copy], { env: { ...env, NODE_EXTRA_CA_CERTS: hospital.ca } })
  }
}

const REQUIREMENTS = new URL('requirements.txt', import.meta.url).pathname

/** The libraries are kept beside the browser tests' own, and made again when their list changes. */
async function pythonStack(hospital, env) {
  const home = new URL('node_modules/.python', import.meta.url).pathname
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  const stamp = join(home, 'requirements.txt')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(home, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', home], { timeout: 120_000 })
    await run(join(home, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS], { timeout: 300_000 })
    writeFileSync(stamp, wanted)
  }
  return start(join(home, 'bin/python'), [snippet('flask_authlib.py')], { env: { ...env, REQUESTS_CA_BUNDLE: hospital.ca, PYTHONDONTWRITEBYTECODE: '1' } })
}

/** Debian's Apache in the foreground, with the snippet in the middle of its settings. It ends TLS itself: with the page that
 * leads to a stronger login it sends more bytes than it says, which browsers bear and Node's parser does not. */
function apacheStack(hospital, env, settings = `Include ${snippet('mod_auth_openidc.conf')}`) {
  const home = mkdtempSync(join(hospital.folder, 'apache-'))
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'headers', 'env', 'socache_shmcb', 'ssl', 'auth_openidc']
  mkdirSync(join(home, 'htdocs/prescription'), { recursive: true })
  writeFileSync(join(home, 'htdocs/index.html'), 'opened')
  writeFileSync(join(home, 'htdocs/prescription/index.html'), 'prescribed')
  writeFileSync(join(home, 'apache.conf'), `
ServerRoot ${home}
PidFile ${home}/pid
Mutex file:${home}
Listen 127.0.0.1:${env.PORT}
ServerName ${env.BASE_URL}
UseCanonicalName On
SSLEngine on
SSLCertificateFile ${hospital.pki.certificate}
SSLCertificateKeyFile ${hospital.pki.key}
ErrorLog ${home}/error.log
CustomLog ${home}/access.log "%m %U %>s"
LogLevel warn auth_openidc:info
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
DocumentRoot ${home}/htdocs
DirectoryIndex index.html
OIDCCABundlePath ${hospital.ca}
# What the page shows of it, for this test.
Header always set X-Claim-Sub "expr=%{env:OIDC_CLAIM_sub}"
Header always set X-Claim-Acr "expr=%{env:OIDC_CLAIM_acr}"
Header always set X-Token "expr=%{env:OIDC_access_token}"
Header always set X-Userinfo "expr=%{env:OIDC_userinfo_json}"
${settings}
`)
  const program = start('/usr/sbin/apache2', ['-X', '-f', join(home, 'apache.conf')], { env, cwd: home })
  const lines = () => readFileSync(join(home, 'access.log'), 'utf8').split('\n').filter(Boolean)
  program.calls = () => lines().map((line) => line.split(' ')).map(([method, path, status]) => ({ method, path, status: Number(status) }))
  return program
}
