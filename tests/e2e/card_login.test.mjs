// Cards (CPS) at a login, scene S07: a listener of their own asks the browser for a certificate and judges it, and the login
// goes on where it was begun. What is wrong with a card stands in the journal alone; what was read serves one browser, once
// and soon (threats WB-09), comes from our own TLS alone (WB-10), and is judged anew each time (CP-05).
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect as dial, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { freePorts, program } from './appliance.mjs'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, shot } from './browser.mjs'
import { makeCardPki } from './card_pki.mjs'
import { onEachDatabase } from './databases.mjs'
import { startSandbox } from './sandbox.mjs'
import { STACKS, startApplication } from './stock.mjs'

const run = promisify(execFile)
const pause = (ms) => new Promise((again) => setTimeout(again, ms))

const NO_CARD = 'Aucune carte n’a été lue.'
const REFUSED = 'Connexion refusée, rien n’a été ouvert.'
const SESSION = '__Host-hygie-session'
const REFERENCE = /\b([0-9A-HJKMNP-TV-Z]{3})-([0-9A-HJKMNP-TV-Z]{3})\b/
const HOUR = 3_600_000
/** The folder of lists is looked at each minute. */
const LONGEST_LOOK_S = 90
/** Milliseconds that what was read serves. */
const HAND_OVER = 30_000

// As proxies forward a client's certificate: nginx, Apache, HAProxy, Envoy, Traefik, IIS, AWS, RFC 9440.
const CERTIFICATE_HEADERS = [
  'ssl-client-cert', 'x-ssl-client-cert', 'x-ssl-cert', 'ssl_client_cert', 'x-client-cert', 'x-forwarded-client-cert',
  'x-forwarded-tls-client-cert', 'x-arr-clientcert', 'x-amzn-mtls-clientcert', 'x-ssl-client-verify', 'x-ssl-client-s-dn', 'client-cert',
]

onEachDatabase((database) => {
  let sandbox, browser, pki, people, cardOrigin, lists, doctor, nurse, holds, wrong, revoked

  /** A person of the sandbox, as her card names her. */
  const person = async ({ id }) => {
    const { stdout } = await run(program(), ['--settings', sandbox.settings, '--json', 'person', 'show', id])
    const { national_identities: [nationalId], name } = JSON.parse(stdout)
    assert.match(nationalId, /^8\d{11}$/)
    const given = name.split(' ').at(-1)
    return { id, name, nationalId, given, family: name.slice(0, -given.length - 1) }
  }
  const cardOf = (authority, { nationalId, family, given }, more) => authority.card({ nationalId, family, given, ...more })

  /** Whole or not at all: the folder is looked at any time. */
  const publish = (name, list) => {
    writeFileSync(join(sandbox.folder, name), list)
    renameSync(join(sandbox.folder, name), join(lists, name))
  }
  const toldInLog = async (pattern) => {
    for (const until = Date.now() + 10_000; Date.now() < until; await pause(100)) {
      if (pattern.test(sandbox.log())) return
    }
    assert.fail(`${pattern} is not in the log:\n${sandbox.log().slice(-3000)}`)
  }
  /** Waits until this card is judged so: lists are looked at when the server starts, and each minute. */
  const untilJudged = async (card, reason, seconds = 10) => {
    let last
    for (const until = Date.now() + seconds * 1000; Date.now() < until; await pause(seconds * 20)) {
      last = await judged(card)
      if (last === reason) return
    }
    assert.fail(`after ${seconds} s the card is still judged ${last}, and not ${reason}`)
  }

  let exports = 0
  /** The first entry of the journal that fits. It is sealed each second. */
  const inJournal = async (fits) => {
    for (const until = Date.now() + 15_000; ; await pause(250)) {
      const file = join(sandbox.folder, `journal-${(exports += 1)}`)
      await run(program(), ['--settings', sandbox.settings, '--json', 'audit', 'export', file])
      const entries = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line))
      rmSync(file)
      const found = entries.filter(fits)
      if (found.length > 0 || Date.now() > until) return found
    }
  }
  /** Why a page that bears a reference refused. */
  const reasonOf = async (text) => {
    const [, head, tail] = REFERENCE.exec(text) ?? assert.fail(`no reference: ${text}`)
    const [entry] = await inJournal((one) => one.event === 'login_refused' && one.reference === head + tail)
    return entry?.reason
  }
  const openingsBy = async (holder, since) => inJournal((one) => one.event === 'login_succeeded' && one.person === holder.id && one.at > since)

  before(async () => {
    sandbox = await startSandbox({ database })
    const cards = join(sandbox.home, 'cards')
    lists = join(cards, 'lists')
    mkdirSync(lists, { recursive: true })
    pki = makeCardPki(join(sandbox.folder, 'cards'))
    people = pki.authority('TEST AC FICTIVE FORT PERSONNES', { key: 'RSA-2048' })
    const silent = pki.authority('TEST AC FICTIVE SANS LISTE')
    const slow = pki.authority('TEST AC FICTIVE EN RETARD')
    const other = pki.authority('TEST AC FICTIVE ELEMENTAIRE')
    const twin = pki.authority('TEST AC FICTIVE FORT PERSONNES')
    writeFileSync(join(cards, 'authorities.pem'), people.pem + silent.pem + slow.pem)
    const [port] = await freePorts(1)
    cardOrigin = `https://localhost:${port}`
    appendFileSync(sandbox.settings, `
[card]
bind = "127.0.0.1:${port}"
origin = "${cardOrigin}"
certificate = "tls/cert.pem"
private_key = "tls/key.pem"
authorities_file = "cards/authorities.pem"
revocation_folder = "cards/lists"
revocation_grace_hours = 24
tls13 = true
`)
    doctor = await person(sandbox.people[0])
    nurse = await person(sandbox.people[1])
    holds = cardOf(people, doctor)
    revoked = cardOf(people, doctor)
    people.revoke(revoked)
    wrong = {
      'of an authority that is not pinned, under the same root': ['card_authority_unknown', cardOf(other, doctor)],
      'of an authority that bears the name of a pinned one': ['card_signature_wrong', cardOf(twin, doctor)],
      'of an authority whose list never came': ['card_revocation_unknown', cardOf(silent, doctor)],
      'of an authority whose list is late beyond the grace': ['card_revocation_too_old', cardOf(slow, doctor)],
      expired: ['card_expired', cardOf(people, doctor, { from: -48 * HOUR, until: -HOUR })],
      'not yet valid': ['card_not_yet_valid', cardOf(people, doctor, { from: HOUR })],
      revoked: ['card_revoked', revoked],
      'for tests': ['card_test', cardOf(people, doctor, { category: 0x80 })],
      'that does not say whether it is for tests': ['card_category_missing', cardOf(people, doctor, { category: null })],
      'of a program': ['card_of_no_card', cardOf(people, doctor, { category: 0x03 })],
      'for signatures': ['card_not_for_login', cardOf(people, doctor, { use: 'signature' })],
      'that does not say that it is for logins': ['card_not_for_login', cardOf(people, doctor, { use: 'unsaid' })],
      'of a post in a structure': ['card_of_no_person', cardOf(people, { ...doctor, nationalId: '3990000010/000000018' }, { type: 2 })],
      'whose number nobody bears': ['card_of_nobody', cardOf(people, { ...doctor, nationalId: '899900000007' })],
      'of one name and the number of another': ['card_names_differ', cardOf(people, { ...doctor, nationalId: nurse.nationalId })],
    }
    publish('people.crl', people.list())
    publish('slow.crl', slow.list({ last: -72 * HOUR, next: -25 * HOUR }))
    await sandbox.restart()
    await untilJudged(holds)
    await untilJudged(wrong['of an authority whose list is late beyond the grace'][1], 'card_revocation_too_old')
    browser = await launchBrowser({ trusts: [sandbox.ca, sandbox.pki.ca] })
  })

  after(async () => {
    await browser?.close()
    await sandbox?.stop()
  })

  // --- in a browser -----------------------------------------------------------------------------------------------------

  /** A browser with this card in its reader, or none. `page.errors`: what its console says is wrong with our pages. */
  const atDesk = async (card, options = {}) => {
    const clientCertificates = card && [{ origin: cardOrigin, certPath: card.certPath, keyPath: card.keyPath }]
    const page = await newPage(browser, { ...(clientCertificates && { clientCertificates }), ...options })
    page.errors = []
    page.on('console', (line) => {
      const ours = [sandbox.issuer, cardOrigin].some((origin) => line.location().url.startsWith(origin))
      if (line.type() === 'error' && ours) page.errors.push(line.text())
    })
    return page
  }
  const quiet = (page, name) => assert.deepEqual([page.faults, page.errors], [[], []], name)
  const chooseCard = async (page) => {
    await page.getByRole('button', { name: 'Carte CPS' }).click()
    await page.getByRole('heading', { name: 'Gardez votre carte dans le lecteur, tapez son code dans la fenêtre.' }).waitFor()
  }
  const readCard = (page) => page.getByRole('link', { name: 'Lire la carte' }).click()

  test('a CPS opens the login in a browser, and the application hears of a card and of its code', async () => {
    const card = cardOf(people, doctor)
    const page = await atDesk(card)
    const since = new Date().toISOString()
    await page.goto(`${sandbox.issuer}/login`)
    await assertAccessible(page, 'choice of means')
    await shot(page, `card-choice-${database}`)
    // The step goes on by itself after a second: it is looked at while the way to the cards is closed.
    await page.route(`${cardOrigin}/**`, (route) => route.fulfill({ status: 204 }))
    await chooseCard(page)
    await assertAccessible(page, 'card step')
    await shot(page, `card-step-${database}`)
    await page.unroute(`${cardOrigin}/**`)
    await readCard(page)
    await page.waitForURL(`${sandbox.issuer}/portal`)
    await page.getByRole('heading', { name: doctor.name }).waitFor()
    quiet(page, 'login by card')
    const [opened] = await openingsBy(doctor, since)
    assert.deepEqual([[...opened.amr].sort(), opened.level], [['hwk', 'mfa', 'pin', 'sc'], 'substantiel'])

    const [publicPort, port] = await freePorts(2)
    const base = `https://localhost:${publicPort}`
    const wish = { client_name: 'DPI', redirect_uris: [`${base}/callback`], grant_types: ['authorization_code', 'refresh_token'] }
    const { status, body: client } = await sandbox.call('/oauth2/register', { method: 'POST', token: sandbox.initial_access_token, json: wish })
    assert.equal(status, 201, JSON.stringify(client))
    const application = await startApplication(sandbox, { base, publicPort, port, client }, STACKS['openid-client'])
    try {
      // Another browser, without script: the page moves by itself.
      const plain = await atDesk(card, { javaScriptEnabled: false })
      await plain.goto(`${base}/login?acr=eidas2`)
      await chooseCard(plain)
      await plain.waitForURL(`${base}/`)
      const { claims } = JSON.parse(await plain.locator('body').innerText())
      assert.deepEqual([claims.sub, claims.acr, [...claims.amr].sort()], [doctor.id, 'eidas2', ['hwk', 'mfa', 'pin', 'sc']])
      quiet(plain, 'login by card without script')
    } finally {
      await application.stop()
    }
  })

  test('without a card nothing is refused: the page says so, and leads to another try and to other means', async () => {
    const page = await atDesk()
    await page.goto(`${sandbox.issuer}/login`)
    const login = page.url()
    await chooseCard(page)
    await page.getByRole('heading', { name: NO_CARD }).waitFor()
    assert.ok(page.url().startsWith(`${cardOrigin}/card?t=`), page.url())
    await assertAccessible(page, 'no card')
    await shot(page, `card-none-${database}`)
    await readCard(page)
    await page.getByRole('heading', { name: NO_CARD }).waitFor()
    await page.getByRole('link', { name: 'Autre moyen' }).click()
    await page.waitForURL(login)
    quiet(page, 'no card')
    await page.getByLabel('Votre identifiant').fill(sandbox.login)
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByLabel('Votre mot de passe').fill(sandbox.password)
    await page.getByRole('button', { name: 'Ouvrir' }).click()
    await page.waitForURL(`${sandbox.issuer}/portal`)
  })

  // --- on the wire ------------------------------------------------------------------------------------------------------

  /** A browser as far as the wire goes: its cookies, and the certificate that it shows where cards are read. */
  const onTheWire = (card, tls = {}) => {
    const jar = new Map()
    const ask = (address, { form, headers = {}, ...more } = {}) => new Promise((done, failed) => {
      const url = new URL(address, sandbox.issuer)
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const shown = url.origin === cardOrigin && card ? { cert: card.cert, key: card.key } : {}
      const asked = request(url, {
        method: form ? 'POST' : 'GET',
        headers: {
          accept: 'text/html', ...(cookie && { cookie }),
          ...(form && { origin: url.origin, 'content-type': 'application/x-www-form-urlencoded' }), ...headers,
        },
        ca: readFileSync(sandbox.ca), agent: false, ...shown, ...(url.origin === cardOrigin && tls), ...more,
      }, (answer) => {
        const set = answer.headers['set-cookie'] ?? []
        for (const line of set) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
          jar.set(name, value)
        }
        const met = { reused: answer.socket.isSessionReused(), protocol: answer.socket.getProtocol(), session: answer.socket.getSession() }
        let body = ''
        answer.setEncoding('utf8').on('data', (text) => { body += text })
        answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body, met, sets: set.map((line) => line.split('=')[0]) }))
      })
      asked.on('error', failed).end(form && new URLSearchParams(form).toString())
    })
    const t = async () => {
      const { status, headers } = await ask('/login')
      assert.equal(status, 303)
      return new URL(headers.location, sandbox.issuer).searchParams.get('t')
    }
    /** « Carte CPS »: where this login's card is read. */
    const wait = async (login) => {
      const { status, body } = await ask('/login/card', { form: { t: login, next: '/portal' } })
      assert.equal(status, 200, body)
      const [, at] = /href="(https:[^"]+\/card\?[^"]+)"/.exec(body) ?? assert.fail(body)
      return at.replaceAll('&amp;', '&')
    }
    /** The way back with what was read. */
    const read = async (login) => {
      const { status, headers, body } = await ask(await wait(login))
      assert.equal(status, 303, body)
      const back = new URL(headers.location)
      assert.deepEqual([back.origin, back.pathname, back.searchParams.get('t')], [sandbox.issuer, '/login/card/back', login])
      assert.match(back.searchParams.get('code'), /^hk_[\w-]{43}$/)
      return back.href
    }
    const isIn = async () => (await ask('/portal')).status === 200
    return { ask, t, wait, read, isIn, jar }
  }
  /** A connection to the listener of cards, by hand: `closed` tells what came, once the other side has hung up. */
  const connection = (card) => new Promise((done, failed) => {
    const { port, host } = new URL(cardOrigin)
    const trusted = { ca: readFileSync(sandbox.ca), cert: card.cert, key: card.key }
    const socket = connect({ host: 'localhost', port, ...trusted, ALPNProtocols: ['h2', 'http/1.1'] }, () => done({
      send: (address, name = host) => {
        const { pathname, search } = new URL(address)
        socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${name}\r\n\r\n`)
      },
      answered: async (count) => { while (answers().length < count) await pause(20) },
      closed,
    }))
    let text = '', tickets = 0
    const answers = () => Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status))
    socket.on('session', () => { tickets += 1 }).on('error', failed)
    socket.setEncoding('utf8').on('data', (part) => { text += part })
    const closed = new Promise((over) => socket.on('close', () => over({ answers: answers(), tickets, protocol: socket.alpnProtocol })))
  })
  /** Why the card is refused where it is read; nothing where it is not. */
  const judged = async (card) => {
    const wire = onTheWire(card)
    const { status, body } = await wire.ask(await wire.wait(await wire.t()))
    return status === 303 ? undefined : reasonOf(body)
  }
  const withCode = (address, from) => {
    const url = new URL(address)
    url.searchParams.set('code', new URL(from).searchParams.get('code'))
    return url.href
  }
  /** Nothing was opened by this answer, in this browser. */
  const nothing = async (wire, answer, what) => {
    assert.ok(!answer.sets.includes(SESSION), `${what}: ${answer.sets}`)
    assert.ok(answer.status >= 400, `${what}: ${answer.status}`)
    assert.equal(await wire.isIn(), false, what)
  }

  // What takes its time is waited for once: each of these has cards and browsers of its own.
  describe('side by side', { concurrency: true }, () => {
    test('each wrong card is refused with its reason in the log and the same sentence on screen', async () => {
      const said = {}
      for (const [name, [reason, card]] of Object.entries(wrong)) {
        const page = await atDesk(card)
        await page.goto(`${sandbox.issuer}/login`)
        await chooseCard(page)
        await readCard(page)
        const refusal = page.getByRole('region', { name: REFUSED })
        await refusal.waitFor()
        const text = await refusal.innerText()
        assert.equal(await reasonOf(text), reason, `a card ${name}`)
        said[name] = [text.replace(REFERENCE, '…')]
        const atCards = page.url().startsWith(cardOrigin)
        if (atCards) said[name].push((await page.locator('main').innerText()).replace(REFERENCE, '…'))
        assert.equal(atCards, !['card_of_nobody', 'card_names_differ'].includes(reason), `${name}: ${page.url()}`)
        if (reason === 'card_expired' || reason === 'card_of_nobody') {
          await assertAccessible(page, reason)
          await shot(page, `${reason}-${database}`)
        }
        assert.deepEqual(page.faults, [], name)
        // The browser itself says that it was refused.
        assert.deepEqual(page.errors.filter((error) => !/status of 403/.test(error)), [], name)
        assert.ok(!(await page.context().cookies()).some((cookie) => cookie.name === SESSION), name)
        await page.context().close()
      }
      for (const rank of [0, 1]) {
        const texts = new Set(Object.values(said).flatMap((texts) => texts[rank] ?? []))
        assert.equal(texts.size, 1, [...texts].join('\n---\n'))
      }
    })

    test('wb_09 what the card listener hands over serves one browser, once, within its half minute', async () => {
      // The time that passes is waited for beside the rest.
      const late = onTheWire(holds)
      const tooLate = await late.read(await late.t())
      const readAt = Date.now()

      const [a, b] = [onTheWire(holds), onTheWire()]
      const [ofA, ofB] = [await a.t(), await b.t()]
      await b.wait(ofB)
      // All that A was given, in the browser of B.
      const first = await a.read(ofA)
      await nothing(b, await b.ask(first), 'what A was given, at B')
      await nothing(a, await a.ask(first), 'and then at A')
      // The code of A in the login of B.
      const second = await a.read(ofA)
      await nothing(b, await b.ask(withCode(`${sandbox.issuer}/login/card/back?t=${ofB}`, second)), 'the code of A in the login of B')
      await nothing(a, await a.ask(second), 'and then in the login of A')
      // A browser without anything.
      const third = await a.read(ofA)
      const nobody = onTheWire()
      await nothing(nobody, await nobody.ask(third), 'what A was given, in a browser without cookies')
      await nothing(a, await a.ask(third), 'and then at A')

      const since = new Date().toISOString()
      const good = await a.read(ofA)
      const opened = await a.ask(good)
      assert.deepEqual([opened.status, opened.sets.includes(SESSION), await a.isIn()], [200, true, true], opened.body)
      const session = a.jar.get(SESSION)
      const again = await a.ask(good)
      assert.ok(!again.sets.includes(SESSION) && again.status >= 400, `twice: ${again.status}`)
      assert.equal(a.jar.get(SESSION), session)

      // Many at once: one of them opens.
      const c = onTheWire(cardOf(people, nurse))
      const hurried = await c.read(await c.t())
      const answers = await Promise.all(Array.from({ length: 5 }, () => c.ask(hurried)))
      assert.deepEqual(answers.map(({ sets }) => sets.includes(SESSION)).filter(Boolean), [true])

      await pause(readAt + HAND_OVER + 1_000 - Date.now())
      const old = await late.ask(tooLate)
      await nothing(late, old, 'after 31 seconds')
      assert.equal(await reasonOf(old.body), 'card_code_too_old')
      const fresh = await late.ask(await late.read(new URL(tooLate).searchParams.get('t')))
      assert.deepEqual([fresh.status, fresh.sets.includes(SESSION), await late.isIn()], [200, true, true])
      for (const [holder, times] of [[doctor, 2], [nurse, 1]]) {
        const openings = (await openingsBy(holder, since)).filter(({ amr }) => amr.includes('sc'))
        assert.equal(openings.length, times, JSON.stringify(openings))
      }
      const refused = await inJournal((one) => one.event === 'login_refused' && /^card_(for_another_login|code_unknown)$/.test(one.reason))
      assert.ok(refused.filter(({ reason }) => reason === 'card_for_another_login').length >= 3, JSON.stringify(refused))
      assert.ok(refused.filter(({ reason }) => reason === 'card_code_unknown').length >= 3, JSON.stringify(refused))
    })

    test('cp_05 a card revoked meanwhile is refused at the next reading', async () => {
      const versions = ['TLSv1.2', 'TLSv1.3']
      const card = cardOf(people, doctor)
      const wires = versions.map((version) => onTheWire(card, { minVersion: version, maxVersion: version }))
      const sessions = []
      for (const [rank, wire] of wires.entries()) {
        const login = await wire.t()
        const { status, headers, met } = await wire.ask(await wire.wait(login))
        assert.deepEqual([status, met.protocol, headers.connection], [303, versions[rank], 'close'])
        assert.equal((await wire.ask(headers.location)).sets.includes(SESSION), true)
        sessions.push(met.session)
      }
      // A ticket of the listener beside it, for the same name: it serves once, and there alone.
      const ticket = () => new Promise((done, failed) => {
        const { port } = new URL(sandbox.issuer)
        const socket = connect({ host: 'localhost', servername: 'localhost', port, ca: readFileSync(sandbox.ca) })
        socket.once('session', (session) => { done(session); socket.destroy() }).once('error', failed)
      })
      assert.equal((await wires[0].ask('/login', { session: await ticket() })).met.reused, true)
      // Made while the card was good: it is let go before anything else is read of it.
      const kept = await connection(card)
      people.revoke(card)
      publish('people.crl', people.list())
      await untilJudged(card, 'card_revoked', LONGEST_LOOK_S)
      assert.deepEqual((await kept.closed).answers, [])
      for (const [rank, wire] of wires.entries()) {
        for (const session of [sessions[rank], await ticket(), undefined]) {
          const at = await wire.wait(await wire.t())
          const { status, headers, body, met } = await wire.ask(at, { session })
          assert.deepEqual([status, headers.location, met.reused], [403, undefined, false], versions[rank])
          assert.equal(await reasonOf(body), 'card_revoked')
        }
      }
      // Those that were not revoked are read as before.
      const other = onTheWire(holds)
      assert.equal((await other.ask(await other.read(await other.t()))).sets.includes(SESSION), true)
    })
  })

  test('a code may be typed slowly: the handshake waits', async () => {
    const { port, host } = new URL(cardOrigin)
    // What the browser says after its first words waits for twelve seconds, as it does for whoever looks for her code.
    const slow = createServer((browser) => {
      const server = dial(Number(port), '127.0.0.1', () => server.pipe(browser))
      browser.once('data', (first) => {
        browser.pause()
        server.write(first)
        setTimeout(() => browser.pipe(server), 12_000)
      })
      for (const socket of [browser, server]) socket.on('error', () => { browser.destroy(); server.destroy() })
    })
    await new Promise((ready) => slow.listen(0, '127.0.0.1', ready))
    try {
      const wire = onTheWire(holds)
      const { status, headers, body } = await wire.ask(await wire.wait(await wire.t()), { port: slow.address().port, headers: { host } })
      assert.equal(status, 303, body)
      assert.ok((await wire.ask(headers.location)).sets.includes(SESSION))
    } finally {
      slow.close()
    }
  })

  test('cp_05 a connection reads one card: it is asked once, keeps no ticket, and speaks HTTP/1.1', async () => {
    const wire = onTheWire(holds)
    const at = await wire.wait(await wire.t())
    const one = await connection(holds)
    one.send(at)
    one.send(at)
    assert.deepEqual(await one.closed, { answers: [303], tickets: 0, protocol: 'http/1.1' })
    // Whatever is asked, and of whichever host.
    const other = await connection(holds)
    other.send(at, 'elsewhere.test')
    assert.deepEqual((await other.closed).answers, [421])
  })

  test('cp_06 an older list put back is not taken, nor after a restart', async () => {
    const card = cardOf(people, doctor)
    const older = people.list()
    people.revoke(card)
    const newer = people.list()
    publish('people.crl', older)
    await sandbox.restart()
    await untilJudged(card)
    // Read one after the other by their names.
    publish('people.crl', newer)
    publish('people.older.crl', older)
    await sandbox.restart()
    await untilJudged(card, 'card_revoked')
    assert.equal(await judged(holds), undefined)
    await toldInLog(/people\.older\.crl.*was not taken|was not taken.*people\.older\.crl/)
    assert.deepEqual([await judged(card), await judged(holds)], ['card_revoked', undefined])
    // Alone: no card of that authority is let in, rather than one that was revoked.
    publish('people.crl', older)
    rmSync(join(lists, 'people.older.crl'))
    await sandbox.restart()
    await toldInLog(/people\.crl.*was not taken|was not taken.*people\.crl/)
    assert.deepEqual([await judged(card), await judged(holds)], ['card_revocation_unknown', 'card_revocation_unknown'])
    publish('people.crl', newer)
    await sandbox.restart()
    await untilJudged(holds)
    assert.equal(await judged(card), 'card_revoked')
  })

  test('wb_08 wb_13 the listener of cards has its own name, strict headers, and a page for a login that waits alone', async () => {
    const wire = onTheWire(holds)
    const idle = await wire.t()
    const over = new URL(await wire.wait(await wire.t()))
    assert.ok((await wire.ask((await wire.ask(over.href)).headers.location)).sets.includes(SESSION))
    for (const [path, status] of [
      ['/card', 410], ['/card?t=hl_x', 410], [`/card?t=hl_${'A'.repeat(43)}`, 410], [`/card?t=${idle}`, 410], [over.pathname + over.search, 410],
      ['/accessibility', 303], ['/', 404], ['/login', 404], ['/portal', 404], ['/oauth2/jwks', 404], ['/api/v1/me', 404], ['/readyz', 404],
    ]) {
      const { headers, body, ...answer } = await wire.ask(cardOrigin + path)
      assert.deepEqual([answer.status, headers.connection, answer.sets], [status, 'close', []], path)
      if (status === 410) assert.ok(body.includes(`href="${sandbox.issuer}/login"`), path)
      if (status === 303) assert.equal(headers.location, sandbox.issuer + path)
      assert.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/, path)
      assert.ok(!/unsafe-inline|unsafe-eval|\*/.test(headers['content-security-policy']), path)
      assert.deepEqual(['x-content-type-options', 'x-frame-options', 'cache-control'].map((name) => headers[name]), ['nosniff', 'DENY', 'no-store'], path)
      assert.match(headers['strict-transport-security'], /^max-age=\d{8}/, path)
      for (const host of ['elsewhere.test', 'localhost', new URL(sandbox.issuer).host]) {
        assert.equal((await wire.ask(cardOrigin + path, { headers: { host }, servername: 'localhost' })).status, 421, `${host} at ${path}`)
      }
    }
  })

  test('the card of whoever has left opens nothing', async () => {
    const hygie = async (...words) => JSON.parse((await run(program(), ['--settings', sandbox.settings, '--json', ...words])).stdout)
    const bearers = []
    for (const { id } of await hygie('person', 'list', 'MARTIN')) {
      if ((await hygie('person', 'show', id)).national_identities.length > 0) bearers.push(await person({ id }))
    }
    const [leaver] = bearers
    const card = cardOf(people, leaver)
    const wire = onTheWire(card)
    const back = await wire.read(await wire.t())
    await hygie('person', 'close', leaver.id, '--motive', 'departure')
    const refused = await wire.ask(back)
    await nothing(wire, refused, 'closed between the reading and the way back')
    assert.equal(await reasonOf(refused.body), 'person_closed')
  })

  test('wb_10 a certificate in a header is no card', async () => {
    const wire = onTheWire()
    const at = await wire.wait(await wire.t())
    // In percents, on one line, and as RFC 9440 writes it.
    const values = [encodeURIComponent(holds.cert), holds.cert.trim().replaceAll('\n', ' '), `:${new X509Certificate(holds.cert).raw.toString('base64')}:`]
    const none = (answer, what) => {
      assert.deepEqual([answer.status, answer.headers.location, answer.sets], [200, undefined, []], what)
      assert.ok(answer.body.includes(NO_CARD), what)
    }
    none(await wire.ask(at), 'without any')
    for (const name of CERTIFICATE_HEADERS) {
      for (const value of values) none(await wire.ask(at, { headers: { [name]: value } }), name)
    }
    const all = Object.fromEntries(CERTIFICATE_HEADERS.map((name) => [name, values[0]]))
    none(await wire.ask(at, { headers: { ...all, 'x-ssl-client-verify': 'SUCCESS', 'ssl-client-verify': 'SUCCESS' } }), 'all at once')
    // The certificate of the connection is judged, whatever stands beside it.
    const bad = onTheWire(revoked)
    const refused = await bad.ask(await bad.wait(await bad.t()), { headers: all })
    assert.deepEqual([refused.status, await reasonOf(refused.body)], [403, 'card_revoked'])
    // Nor does the way back read one.
    const back = await wire.ask(`/login/card/back?t=${new URL(at).searchParams.get('t')}&code=hk_${'A'.repeat(43)}`, { headers: all })
    await nothing(wire, back, 'a header on the way back')
  })

  test('a card of the older kind opens too: RSA, TLS 1.2, and no PSS', async () => {
    const wire = onTheWire(cardOf(people, doctor, { key: 'RSA-2048' }), { maxVersion: 'TLSv1.2', sigalgs: 'ECDSA+SHA256:RSA+SHA256' })
    const { status, headers, body, met } = await wire.ask(await wire.wait(await wire.t()))
    assert.deepEqual([status, met.protocol], [303, 'TLSv1.2'], body)
    assert.ok((await wire.ask(headers.location)).sets.includes(SESSION))
    assert.ok(await wire.isIn())
  })

  test('unless the settings say otherwise TLS 1.2 alone is offered, so that every card can answer', async () => {
    writeFileSync(sandbox.settings, readFileSync(sandbox.settings, 'utf8').replace('tls13 = true', ''))
    await sandbox.restart()
    await untilJudged(holds)
    const wire = onTheWire(holds)
    const at = await wire.wait(await wire.t())
    await assert.rejects(wire.ask(at, { minVersion: 'TLSv1.3' }))
    const { status, met } = await wire.ask(at)
    assert.deepEqual([status, met.protocol], [303, 'TLSv1.2'])
  })
})
