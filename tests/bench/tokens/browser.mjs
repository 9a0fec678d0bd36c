// A browser without pages: cookies, forms, redirects, and a security key of its own (WebAuthn level 3, ES256, attestation
// none), so that one process logs in hundreds of times a second.
import { createHash, createPrivateKey, createSign, generateKeyPairSync } from 'node:crypto'
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const sha256 = (bytes) => createHash('sha256').update(bytes).digest()
const ENTITIES = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>' }
const plain = (text) => text.replace(/&(quot|amp|lt|gt);/g, (entity) => ENTITIES[entity])

/** What stands in an attribute of a page, the first of that name. */
export function attribute(page, name) {
  const found = new RegExp(`${name}="([^"]*)"`).exec(page)
  if (!found) throw new Error(`no ${name} in: ${page.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').slice(0, 400)}`)
  return plain(found[1])
}
/** What a hidden field of a page holds. */
export const field = (page, name) => attribute(page, `name="${name}" value`)

export class Browser {
  constructor(origin) { this.origin = new URL(origin); this.cookies = new Map() }

  /** One exchange, redirects not followed. */
  ask(method, path, form, headers = {}) {
    const body = form && new URLSearchParams(form).toString()
    const all = {
      ...(this.cookies.size && { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
      ...(body && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, origin: this.origin.origin }),
      ...headers,
    }
    return new Promise((done, failed) => {
      const sent = request({ host: '127.0.0.1', port: this.origin.port, method, path, headers: { host: this.origin.host, ...all }, agent }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part) => { text += part }).on('end', () => {
          for (const set of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)
            if (value) this.cookies.set(name, value)
            else this.cookies.delete(name)
          }
          done({ status: answer.statusCode, location: answer.headers.location, text })
        }).on('error', failed)
      })
      sent.once('error', failed)
      sent.end(body)
    })
  }
}

/** A key of one person at one origin. */
export class Key {
  constructor(origin) {
    this.origin = origin
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const { x, y } = publicKey.export({ format: 'jwk' })
    this.cose = Buffer.concat([
      Buffer.from('a501020326200121' + '5820', 'hex'), Buffer.from(x, 'base64url'), Buffer.from('225820', 'hex'), Buffer.from(y, 'base64url'),
    ])
    this.id = sha256(this.cose)
    this.counter = 0
  }

  #data(rpId, flags) {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(++this.counter)
    return Buffer.concat([sha256(rpId), Buffer.from([0x05 | flags]), counter])
  }

  #answer(response) {
    const id = this.id.toString('base64url')
    const coded = Object.fromEntries(Object.entries(response).map(([name, bytes]) => [name, Buffer.isBuffer(bytes) ? bytes.toString('base64url') : bytes]))
    return JSON.stringify({ id, rawId: id, type: 'public-key', authenticatorAttachment: 'cross-platform', response: coded, clientExtensionResults: {} })
  }

  #client(type, challenge) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }))
  }

  create(options) {
    const { rp, user, challenge } = options.publicKey ?? options
    this.user = Buffer.from(user.id, 'base64url')
    const length = Buffer.from([0, this.id.length])
    const data = Buffer.concat([this.#data(rp.id, 0x40), Buffer.alloc(16), length, this.id, this.cose])
    const size = Buffer.alloc(2)
    size.writeUInt16BE(data.length)
    const attestationObject = Buffer.concat([Buffer.from([0xa3]), Buffer.from('\x63fmt\x64none\x67attStmt\xa0\x68authData\x59', 'latin1'), size, data])
    return this.#answer({ attestationObject, clientDataJSON: this.#client('webauthn.create', challenge), transports: ['usb'] })
  }

  get(options) {
    const { rpId, challenge } = options.publicKey ?? options
    const authenticatorData = this.#data(rpId, 0), clientDataJSON = this.#client('webauthn.get', challenge)
    const signature = createSign('sha256').update(Buffer.concat([authenticatorData, sha256(clientDataJSON)])).sign(this.key)
    return this.#answer({ authenticatorData, clientDataJSON, signature, userHandle: this.user })
  }
}
