// Cards that nobody ever held: authorities as those of the CPS (`TEST … FICTIF`), the certificates of their cards, and their
// lists of what was revoked. Made by the command `openssl`, without a network.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const KEYS = {
  'P-256': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'RSA-2048': ['-newkey', 'rsa:2048'],
}

/** What a card's certificate says of its uses. */
const USES = {
  login: ['keyUsage = critical,digitalSignature', 'extendedKeyUsage = clientAuth'],
  signature: ['keyUsage = critical,nonRepudiation', 'extendedKeyUsage = emailProtection'],
  // It signs and nothing says that it logs in.
  unsaid: ['keyUsage = critical,digitalSignature'],
}

/** As `openssl ca` reads a moment: 20261124020000Z. */
const moment = (ms) => new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')
const byte = (number) => number.toString(16).padStart(2, '0').toUpperCase()

/**
 * A root, and `authority(name, options)` under it. Each authority answers { pem, card(words), revoke(card), list(times) }.
 * `folder`: where their keys and books are kept.
 */
export function makeCardPki(folder) {
  const openssl = (home, ...words) => execFileSync('openssl', words, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] })
  const root = join(folder, 'root')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'root.cnf'), request(['C = FR', 'O = ORGANISME FICTIF', 'CN = TEST AC RACINE FICTIVE FORT'],
    ['basicConstraints = critical,CA:TRUE', 'keyUsage = critical,keyCertSign,cRLSign']))
  openssl(root, 'req', '-x509', '-utf8', ...KEYS['P-256'], '-nodes', '-config', 'root.cnf', '-extensions', 'more', '-keyout', 'key.pem',
    '-out', 'certificate.pem', '-days', '30')
  let made = 0

  const authority = (name, { key = 'P-256' } = {}) => {
    const home = join(folder, `authority-${(made += 1)}`)
    mkdirSync(join(home, 'cards'), { recursive: true })
    writeFileSync(join(home, 'own.cnf'), request(['C = FR', 'O = ORGANISME FICTIF', `CN = ${name}`]))
    openssl(home, 'req', '-new', '-utf8', ...KEYS[key], '-nodes', '-config', 'own.cnf', '-keyout', 'key.pem', '-out', 'own.csr')
    writeFileSync(join(home, 'own.ext'), 'basicConstraints = critical,CA:TRUE,pathlen:0\nkeyUsage = critical,keyCertSign,cRLSign\nsubjectKeyIdentifier = hash\n')
    openssl(home, 'x509', '-req', '-in', 'own.csr', '-CA', join(root, 'certificate.pem'), '-CAkey', join(root, 'key.pem'),
      '-extfile', 'own.ext', '-out', 'certificate.pem', '-days', '20')
    // The book of what it issued.
    writeFileSync(join(home, 'index.txt'), '')
    writeFileSync(join(home, 'index.txt.attr'), 'unique_subject = no\n')
    writeFileSync(join(home, 'crlnumber'), '01\n')
    writeFileSync(join(home, 'ca.cnf'), BOOK)
    let cards = 0

    /**
     * A card: { number, certPath, keyPath, cert, key }. `nationalId`: 8 and the RPPS; `category`: table G01, nothing where
     * it is null; `type`: table G02; `from`, `until`: milliseconds from now.
     */
    const card = ({
      nationalId, family, given, title = 'Médecin', profession = 10, category = 0x00, type = 0, use = 'login', key: kind = 'P-256',
      number = `8025000001/${String(9_000_000_000 + made * 1_000_000 + (cards + 1))}`, from = -DAY, until = 10 * DAY,
    }) => {
      const own = join(home, 'cards', String((cards += 1)))
      mkdirSync(own)
      // One part of the subject holds number, surname and given name.
      writeFileSync(join(own, 'card.cnf'), request(['C = FR', `title = ${title}`, `CN = ${nationalId}`, `+SN = ${family}`, `+GN = ${given}`]))
      writeFileSync(join(own, 'card.ext'), ['basicConstraints = CA:FALSE', ...USES[use],
        ...(category === null ? [] : [`1.2.250.1.71.1.2.5 = DER:04:01:${byte(category)}`]),
        `1.2.250.1.71.1.2.2 = DER:02:01:${byte(type)}`,
        `1.2.250.1.71.1.2.3 = ASN1:PRINTABLESTRING:${number}`,
        `1.2.250.1.71.1.2.7 = DER:02:01:${byte(profession)}`, ''].join('\n'))
      openssl(own, 'req', '-new', '-utf8', ...KEYS[kind], '-nodes', '-config', 'card.cnf', '-keyout', 'key.pem', '-out', 'card.csr')
      const now = Date.now()
      openssl(home, 'ca', '-batch', '-notext', '-preserveDN', '-config', 'ca.cnf', '-in', join(own, 'card.csr'), '-extfile', join(own, 'card.ext'),
        '-startdate', moment(now + from), '-enddate', moment(now + until), '-out', join(own, 'card.pem'))
      const [certPath, keyPath] = [join(own, 'card.pem'), join(own, 'key.pem')]
      return { number, certPath, keyPath, cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') }
    }

    return {
      pem: readFileSync(join(home, 'certificate.pem'), 'utf8'),
      card,
      revoke: ({ certPath }) => void openssl(home, 'ca', '-config', 'ca.cnf', '-revoke', certPath, '-crl_reason', 'keyCompromise'),
      /** Its next list (DER), one number higher than the last. `last`, `next`: milliseconds from now. */
      list: ({ last = -HOUR, next = DAY } = {}) => {
        const now = Date.now()
        openssl(home, 'ca', '-gencrl', '-config', 'ca.cnf', '-crl_lastupdate', moment(now + last), '-crl_nextupdate', moment(now + next),
          '-out', 'list.pem')
        return openssl(home, 'crl', '-in', 'list.pem', '-outform', 'DER')
      },
    }
  }
  return { authority }
}

/** What `openssl req` reads: a name, its parts outermost first, and extensions. */
function request(name, extensions = []) {
  return `[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = name
[name]
${name.join('\n')}
[more]
${extensions.join('\n')}
`
}

const BOOK = `[ca]
default_ca = book
[book]
dir = .
database = index.txt
new_certs_dir = cards
certificate = certificate.pem
private_key = key.pem
crlnumber = crlnumber
rand_serial = yes
unique_subject = no
default_md = sha256
policy = whatever
crl_extensions = list
[whatever]
commonName = optional
[list]
authorityKeyIdentifier = keyid:always
`
