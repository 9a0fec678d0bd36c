// The listeners as they run: what no header may say to them, and what every answer of theirs says to browsers.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { startAppliance } from './appliance.mjs'

let appliance

before(async () => {
  appliance = await startAppliance({
    prepare: async (hygie) => {
      await hygie('client', 'create', '--name', 'DPI', '--client-id', 'dpi', '--redirect-uri', 'https://dpi.test/cb')
    },
  })
})

after(() => appliance?.stop())

// One line of what base64 leaves of a certificate; its content never matters, since nothing may read it.
const PEM = '-----BEGIN CERTIFICATE-----\nMIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw\n-----END CERTIFICATE-----\n'
// As proxies forward a client's certificate: nginx, Apache, HAProxy, Envoy, Traefik, IIS, AWS, RFC 9440.
const CERTIFICATE_HEADERS = [
  'ssl-client-cert', 'x-ssl-client-cert', 'x-ssl-cert', 'ssl_client_cert', 'x-client-cert', 'x-forwarded-client-cert',
  'x-forwarded-tls-client-cert', 'x-arr-clientcert', 'x-amzn-mtls-clientcert', 'x-ssl-client-verify',
  'x-ssl-client-s-dn', 'client-cert',
]
const ADDRESS_HEADERS = {
  'x-forwarded-for': '10.0.0.1',
  forwarded: 'for=10.0.0.1;host=evil.test;proto=https',
  'x-real-ip': '10.0.0.1',
  'x-forwarded-host': 'evil.test',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '443',
  'x-original-url': '/api/v1/people',
  'x-rewrite-url': '/api/v1/people',
  via: `${'1.1 hop, '.repeat(49)}1.1 hop`,
}

const good = 'response_type=code&client_id=dpi&redirect_uri=https%3A%2F%2Fdpi.test%2Fcb&scope=openid&state=s&nonce=n'

/** Each kind of answer of each listener: [listener, path, status]. */
const answers = () => [
  [appliance.publicUrl, '/login', 303],
  [appliance.publicUrl, '/enrol', 200],
  [appliance.publicUrl, '/portal', 303],
  [appliance.publicUrl, '/accessibility', 200],
  [appliance.publicUrl, '/.well-known/openid-configuration', 200],
  [appliance.publicUrl, '/oauth2/jwks', 200],
  [appliance.publicUrl, `/oauth2/authorize?${good}`, 303],
  [appliance.publicUrl, '/oauth2/authorize?client_id=nobody', 400],
  [appliance.publicUrl, '/oauth2/userinfo', 401],
  [appliance.publicUrl, '/oauth2/token', 405],
  [appliance.publicUrl, '/oauth2/logout', 200],
  [appliance.publicUrl, '/nothing/here', 404],
  [appliance.adminUrl, '/', 404],
  [appliance.adminUrl, '/login', 404],
  [appliance.adminUrl, '/api/v1/me', 404],
  [appliance.adminUrl, '/.well-known/openid-configuration', 404],
  [appliance.adminUrl, new URL(appliance.init.first_administrator).pathname, 200],
]

const ask = (base, path, headers = {}, method = 'GET') => new Promise((done, failed) => {
  const url = new URL(path, base)
  request({ host: '127.0.0.1', port: url.port, path, method, headers: { host: url.host, ...headers } }, (answer) => {
    let body = ''
    answer.setEncoding('utf8').on('data', (text) => { body += text })
    answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body }))
  }).on('error', failed).end()
})

/** An answer without what is drawn anew each time: handles, nonces, references, times, numbers of exchanges. */
const told = ({ status, headers, body }) => {
  const drawn = /h[a-z]_[\w-]{43}|nonce-[\w-]+|nonce="[^"]+"|hygie_resume=[\d.a-f]+|[0-9A-HJKMNP-TV-Z]{3}-?[0-9A-HJKMNP-TV-Z]{3}\b|\d{10,}\.[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !['date', 'content-length'].includes(name)))
  return JSON.stringify({ status, headers: kept, body }).replaceAll(drawn, '…')
}

test('wb_10 twelve names of a certificate header change no answer of any listener', async () => {
  assert.equal(CERTIFICATE_HEADERS.length, 12)
  for (const [base, path, status] of answers()) {
    const plain = await ask(base, path)
    assert.equal(plain.status, status, `${path}: ${plain.body.slice(0, 200)}`)
    for (const name of CERTIFICATE_HEADERS) {
      for (const value of [encodeURIComponent(PEM), `:${Buffer.from(PEM).toString('base64')}:`]) {
        assert.equal(told(await ask(base, path, { [name]: value })), told(plain), `${name} at ${path}`)
      }
    }
  }
  const health = await ask(appliance.healthUrl, '/livez')
  for (const name of CERTIFICATE_HEADERS) {
    assert.equal(told(await ask(appliance.healthUrl, '/livez', { [name]: encodeURIComponent(PEM) })), told(health))
  }
})

test('wb_07 no forwarded address or host changes an answer of any listener', async () => {
  for (const [base, path] of answers()) {
    const plain = told(await ask(base, path))
    for (const [name, value] of Object.entries(ADDRESS_HEADERS)) {
      assert.equal(told(await ask(base, path, { [name]: value })), plain, `${name} at ${path}`)
    }
    assert.equal(told(await ask(base, path, ADDRESS_HEADERS)), plain, `all at ${path}`)
    assert.ok(!plain.includes('evil.test'))
  }
})

test('wb_08 another name gets nothing of any page', async () => {
  for (const [base, path] of answers()) {
    for (const host of ['evil.test', `evil.test:${new URL(base).port}`, 'localhost', '']) {
      assert.equal((await ask(base, path, { host })).status, 421, `${host} at ${path}`)
    }
  }
})

test('wb_13 every answer forbids frames, sniffing, referrers and what it does not need', async () => {
  for (const [base, path] of answers()) {
    const { headers } = await ask(base, path)
    const policy = headers['content-security-policy']
    assert.match(policy, /default-src 'none'/, path)
    assert.match(policy, /frame-ancestors 'none'/, path)
    assert.ok(!/unsafe-inline|unsafe-eval|\*/.test(policy), `${path}: ${policy}`)
    assert.equal(headers['x-content-type-options'], 'nosniff', path)
    assert.equal(headers['x-frame-options'], 'DENY', path)
    assert.match(headers['referrer-policy'], /^(no-referrer|same-origin)$/, path)
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path)
    assert.match(headers['permissions-policy'], /camera=\(\)/, path)
    const open = ['/.well-known/openid-configuration', '/oauth2/jwks'].includes(path) && base === appliance.publicUrl
    assert.equal(headers['cache-control'], open ? 'public, max-age=300' : 'no-store', path)
    assert.equal(headers['access-control-allow-origin'], open ? '*' : undefined, path)
  }
})

test('TLS 1.3 is chosen, 1.2 serves by forward secrecy alone, and nothing older', async () => {
  const served = await startAppliance({ tls: true })
  try {
    const { port } = new URL(served.publicUrl)
    const ca = readFileSync(join(served.folder, 'tls/ca.pem'))
    /** The version that both agree on, or how it failed. */
    const met = (options) => new Promise((done) => {
      const socket = connect({ host: 'localhost', port, ca, minVersion: 'TLSv1', ...options }, () => { done(socket.getProtocol()); socket.destroy() })
      socket.once('error', (fault) => done(fault.code))
    })
    // Old ones are refused by the caller's own OpenSSL unless the level says otherwise.
    const of = (version, ciphers) => met({ minVersion: version, maxVersion: version, ciphers: `${ciphers}@SECLEVEL=0` })
    assert.equal(await met({}), 'TLSv1.3')
    assert.equal(await of('TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:'), 'TLSv1.2')
    for (const weak of ['AES128-GCM-SHA256:AES128-SHA:', 'ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:']) {
      assert.match(await of('TLSv1.2', weak), /ALERT|ECONNRESET/, weak)
    }
    for (const old of ['TLSv1.1', 'TLSv1']) assert.match(await of(old, 'DEFAULT:'), /ALERT|ECONNRESET/, old)
  } finally {
    await served.stop()
  }
})
