import type { Api } from '../src/api/types.ts'

/** The invented hospital of tests and development. No real person. */
export interface Soul extends Record<string, unknown> {
  row: Api['PersonRow']
  posts: Api['Post'][]
  means: Api['Means'][]
  sessions: Api['SessionView'][]
  mail: string
  birth: string
  rpps: string | null
  /** Moves with each change of the record. */
  version: number
  /** A last day was set. */
  closesAt?: string | null
}

export interface Clock {
  now: Date
  /** RFC 3339, so many minutes before now. */
  ago(minutes: number): string
  /** A calendar day, so many days from now. */
  day(offset: number): string
  /** Today at an hour. */
  at(hour: number, minute?: number, second?: number): string
}

export function clockAt(now: Date): Clock {
  return {
    now,
    ago: (minutes) => new Date(now.getTime() - minutes * 60_000).toISOString(),
    day: (offset) => {
      const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset, 12)
      return date.toISOString().slice(0, 10)
    },
    at: (hour, minute = 0, second = 0) => new Date(now.getFullYear(), now.getMonth(), now.getDate(), hour, minute, second).toISOString(),
  }
}

/** A small generator of our own: same seed, same hospital. */
function dice(seed: number) {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

let counter = 0
export function uuid(): string {
  counter += 1
  return `0193a5b0-0000-7000-8000-${counter.toString(16).padStart(12, '0')}`
}

const families = 'Adam Aubert Bailly Barbier Benali Bernard Blanc Blanchet Bonnet Boucher Bourgeois Brunet Caron Charpentier Chevalier Clément Colin Cousin Da_Costa Delattre Delmas Diallo Dubois Dumas Dupont Dupuis Durand El_Amri Fabre Faure Ferreira Fleury Fournier Garnier Gauthier Girard Guérin Guillot Hamel Hervé Huet Jacquet Kaya Klein Lacroix Lambert Laurent Leblanc Lefèvre Lemaire Leroy L’Hôte Lucas Maillard Mallet Marchand Maréchal Marie Marquet Martel Martin Martineau Masson Mendy Mercier Messaoudi Meunier Morel Morvan N’Diaye Ngo Nguyen Noël Olivier Ouali Perret Petit Picard Poirier Prévost Rey Riou Robin Rolland Roux Roy Sanchez Simon Tanguy Tessier Traoré Vasseur Vidal Wagner Weber Yildiz Zimmer'.split(' ').map((name) => name.replace('_', ' '))
const women = 'Ana Anaïs Camille Chloé Claire Élodie Emma Fatou Inès Jeanne Julie Léa Linh Lou Louise Manon Marie Nadia Océane Pauline Sana Sophie Yasmine Zoé'.split(' ')
const men = 'Adrien Ali Bruno Éric Hugo Jean-Luc Karim Léo Luc Lucas Mathieu Mehdi Nathan Noé Olivier Paul Pierre Samuel Théo Thomas Yann'.split(' ')
const trades: [function_: string, registered: boolean][] = [
  ['Infirmier', true], ['Médecin', true], ['Aide-soignant', false], ['Manip. radio', true], ['Cadre de santé', false], ['Interne', true],
  ['Brancardier', false], ['Kinésithérapeute', true], ['Pharmacien', true], ['Technicien labo', false], ['Sage-femme', true], ['Secrétaire médical', false],
]
export const units: [code: string, name: string, site: string][] = [
  ['3412', 'Cardiologie 3A', 'Valmont'], ['2110', 'Urgences', 'Valmont'], ['5020', 'Imagerie', 'Valmont'], ['4105', 'Pédiatrie', 'Valmont'], ['6010', 'Pharmacie', 'Valmont'],
  ['7001', 'Biologie', 'Valmont'], ['3110', 'Maternité', 'Les Tilleuls'], ['8200', 'Logistique', 'Valmont'], ['3600', 'Rééducation', 'Les Tilleuls'], ['2500', 'Bloc', 'Valmont'],
]

export function means(kind: Api['MeansKind'], clock: Clock, roll: (sides: number) => number): Api['Means'] {
  const labels = { fido2: 'Clé', password: 'Mot de passe', badge: 'Badge', cps: 'CPS', totp: 'Code' }
  return {
    id: uuid(),
    kind,
    label: labels[kind],
    serial: kind === 'password' ? null : `…${(4096 + roll(60_000)).toString(16).toUpperCase()}`,
    state: 'active',
    issued_at: clock.ago(60 * 24 * (20 + roll(400))),
    issued_by: 'L. Delmas',
    last_used_at: clock.ago(roll(4000)),
    last_used_where: 'Console',
    expires_at: kind === 'cps' ? clock.ago(-60 * 24 * 21) : null,
    etag: '1',
  }
}

export interface Special {
  family: string
  given: string
  sex?: 'female' | 'male'
  birth_family?: string
  birth?: string
  function_?: string
  unit?: number
  matricule?: string
  identity?: Api['NationalIdentityState']
  homonym?: boolean
  end?: number | null
  rpps?: string | null
}

function soul(special: Special, clock: Clock, roll: (sides: number) => number): Soul {
  const [trade, registered] = trades[roll(trades.length)] ?? ['Infirmier', true]
  const [unit, unitName, site] = units[special.unit ?? roll(units.length)] ?? ['3412', 'Cardiologie 3A', 'Valmont']
  const identity = special.identity ?? (registered ? (['verified', 'verified', 'verified', 'declared', 'to_recheck'] as const)[roll(5)] ?? 'verified' : 'not_applicable')
  const end = special.end === undefined ? (roll(5) === 0 ? 5 + roll(300) : null) : special.end
  const kinds: Api['MeansKind'][] = registered && roll(3) > 0 ? ['password', 'fido2'] : ['password']
  const owned = kinds.map((kind) => means(kind, clock, roll))
  const matricule = special.matricule ?? String(100_000 + roll(130_000))
  const id = uuid()
  const birth = special.birth ?? `${1960 + roll(42)}-${String(1 + roll(12)).padStart(2, '0')}-${String(1 + roll(28)).padStart(2, '0')}`
  const function_ = special.function_ ?? trade
  const row: Api['PersonRow'] = {
    id, family: special.family, birth_family: special.birth_family ?? null, given: special.given, sex: special.sex ?? 'female',
    birth_date: special.homonym ? birth : null, homonym: special.homonym ?? false, function: function_, unit, unit_name: unitName, site_name: site,
    matricules: [matricule], national_identity: identity, means: kinds.map((kind) => ({ kind, count: 1 })),
    contract_end: end === null ? null : clock.day(end), contract_over_soon: end !== null && end < 15, last_login_at: clock.ago(roll(5000)), state: 'active',
  }
  return {
    row, birth, means: owned, sessions: [], version: 1,
    mail: `${special.given[0]?.toLowerCase() ?? 'x'}.${special.family.toLowerCase().replace(/[^a-z]/g, '')}@ch-valmont.example`,
    rpps: identity === 'not_applicable' ? null : special.rpps !== undefined ? special.rpps : `9990${String(1_000_000 + roll(8_999_999))}`,
    posts: [{ id: uuid(), entity: 'CH de Valmont', site: '990000001', site_name: site, unit, unit_name: unitName, function: function_, contract: end === null ? 'Titulaire' : 'CDD', from: clock.day(-400), to: row.contract_end ?? null, current: true, source_name: 'RH', line: 100 + roll(9000) }],
  }
}

const known: Special[] = [
  { family: 'Martin', given: 'Marie', birth: '1971-09-02', function_: 'Pharmacienne', unit: 4, matricule: '097512', identity: 'verified', homonym: true, end: null },
  { family: 'Martin', birth_family: 'Durand', given: 'Marie', birth: '1988-02-14', function_: 'Infirmière', unit: 0, matricule: '212094', identity: 'to_decide', homonym: true, end: 129, rpps: null },
  { family: 'Martin', given: 'Marie-Anne', function_: 'Infirmière', unit: 3, matricule: '215566', identity: 'verified' },
  { family: 'Martin', given: 'Mathieu', sex: 'male', function_: 'Technicien labo', unit: 5, matricule: '198120', identity: 'not_applicable', end: 8 },
  { family: 'Martin', given: 'Lucas', sex: 'male', function_: 'Kinésithérapeute', unit: 8, matricule: '208815', identity: 'verified', end: 39 },
  { family: 'Martel', given: 'Océane', function_: 'Infirmière', unit: 3, matricule: '219340', identity: 'to_recheck' },
  { family: 'Martin-Roux', given: 'Claire', function_: 'Médecin', unit: 3, matricule: '131240', identity: 'verified', end: null },
  { family: 'Bernard', given: 'Ana', function_: 'Infirmière', unit: 0, identity: 'verified', end: 0 },
  { family: 'Petit', given: 'Luc', sex: 'male', function_: 'Infirmier', unit: 1, identity: 'declared', end: 39 },
]

export function hospital(clock: Clock, size: number): Soul[] {
  const roll = dice(7)
  const souls = known.map((special) => soul(special, clock, roll))
  while (souls.length < size) {
    const woman = roll(2) === 0
    const pool = woman ? women : men
    souls.push(soul({ family: families[roll(families.length)] ?? 'Roux', given: pool[roll(pool.length)] ?? 'Lou', sex: woman ? 'female' : 'male' }, clock, roll))
  }
  for (const one of souls.slice(-6)) one.row.state = 'closed'
  for (const one of souls.slice(-9, -6)) one.row.state = 'coming'
  for (const one of souls.slice(-18, -16)) one.row.national_identity = 'missing'
  tellApart(souls)
  return souls.sort(byName)
}

/** Who bears another's name is shown with a birth date, and has a login of her own. */
function tellApart(souls: Soul[]) {
  const seen = new Map<string, Soul[]>()
  for (const one of souls) {
    const name = fold(`${one.row.family} ${one.row.given}`)
    seen.set(name, [...(seen.get(name) ?? []), one])
  }
  for (const same of seen.values()) {
    if (same.length > 1) for (const { row, birth } of same) Object.assign(row, { homonym: true, birth_date: birth })
  }
  const mails = new Map<string, number>()
  for (const one of souls) {
    const times = (mails.get(one.mail) ?? 0) + 1
    mails.set(one.mail, times)
    if (times > 1) one.mail = one.mail.replace('@', `${times}@`)
  }
}

const sorter = new Intl.Collator('fr', { sensitivity: 'base', ignorePunctuation: true })
export function byName(left: Soul, right: Soul): number {
  return sorter.compare(left.row.family, right.row.family) || sorter.compare(left.row.given, right.row.given)
}

export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/œ/g, 'oe').replace(/æ/g, 'ae').replace(/[^a-z0-9 ]/g, '')
}

export function ref({ row }: Soul): Api['PersonRef'] {
  return { id: row.id, family: row.family, birth_family: row.birth_family ?? null, given: row.given, sex: row.sex ?? null, birth_date: row.homonym ? (row.birth_date ?? null) : null }
}

/** Names that break careless pages: ten thousand letters, written from right to left, long without a place to cut. */
export function hardNames(souls: Soul[]) {
  const names = [
    { family: `Aa${'a'.repeat(9998)}`, given: 'Zoé' },
    { family: 'الحسيني', given: 'فاطمة الزهراء' },
    { family: 'Abrakotoarimananjatovoandriamanantenasoarabemananjara', given: 'Marie-Antoinette Joséphine Bernadette Emmanuelle', birth_family: 'de Villeneuve-Lacroix de Montmorency-Laval d’Estrées' },
  ]
  names.forEach((name, index) => {
    const one = souls[index]
    if (one) Object.assign(one.row, name)
  })
}
