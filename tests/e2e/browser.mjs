// The browser of the tests: Debian's Chromium, headless, with a FIDO2 key made of software where a test wants one.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.hopital.test 127.0.0.1',
]

/** `trusts`: files of authorities (PEM) that this browser believes, in a HOME of its own. A key (WebAuthn) works on no page
 * whose certificate is merely ignored. */
export async function launchBrowser({ headless = true, trusts = [] } = {}) {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync)
  if (!executablePath) throw new Error('no /usr/bin/chromium: `tests/run install` brings it')
  // Chromium refuses its own sandbox to root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const home = trusts.length > 0 ? trustingHome(trusts) : undefined
  const env = home ? { ...process.env, HOME: home } : process.env
  const browser = await chromium.launch({ executablePath, headless, args: [...ARGUMENTS, ...sandbox], timeout: 30_000, env })
  if (home) browser.on('disconnected', () => rmSync(home, { recursive: true, force: true }))
  return browser
}

/** Chromium on Linux reads authorities from the NSS database of its HOME. */
function trustingHome(files) {
  const home = mkdtempSync(join(tmpdir(), 'hygie-home-'))
  const database = join(home, '.pki/nssdb')
  mkdirSync(database, { recursive: true })
  const certutil = (...words) => execFileSync('certutil', ['-d', `sql:${database}`, ...words])
  certutil('-N', '--empty-password')
  files.forEach((file, rank) => certutil('-A', '-t', 'C,,', '-n', `authority ${rank}`, '-i', file))
  return home
}

/** A page of its own context (own cookies), in French as the wards see it. What it asks outside loopback is a fault, as is a failed request. */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    ignoreHTTPSErrors: true,
    viewport: { width: 1366, height: 768 },
    ...options,
  })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  page.faults = []
  page.on('pageerror', (fault) => page.faults.push(`script: ${fault.message}`))
  page.on('console', (line) => {
    if (line.type() === 'error' && /Content Security Policy/i.test(line.text())) page.faults.push(line.text())
  })
  page.on('response', (response) => {
    if (response.status() >= 500) page.faults.push(`${response.status()} from ${response.url()}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    const here = /^(localhost|127\.\d+\.\d+\.\d+|[\w.-]*\.?hopital\.test)$/.test(url.hostname)
    if (url.protocol.startsWith('http') && !here) page.faults.push(`asked outside: ${url.origin}`)
  })
  return page
}

/**
 * Plugs a FIDO2 key into this page's tab. It holds its credentials as long as the tab lives.
 * transport: 'usb' is a roaming key, 'internal' one of the machine.
 */
export async function plugKey(page, { transport = 'usb', userVerified = true, ctap2Version = 'ctap2_1' } = {}) {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version,
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: userVerified,
      automaticPresenceSimulation: true,
    },
  })
  return {
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    // The same key in another tab or, with a lower count, its clone.
    insert: (credential) => session.send('WebAuthn.addCredential', { authenticatorId, credential }),
    remove: (credentialId) => session.send('WebAuthn.removeCredential', { authenticatorId, credentialId }),
    verifiesUser: (isUserVerified) =>
      session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    // In reach, or not: an answer that nobody gives yet.
    touched: (enabled) => session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    unplug: () => session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
  }
}

/** A picture of the page when the run asks for pictures (HYGIE_SHOTS names the folder). */
export async function shot(page, name) {
  const folder = process.env.HYGIE_SHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
