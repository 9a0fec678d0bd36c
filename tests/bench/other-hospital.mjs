// A second made-up hospital, whose habits are not those of `hygie demo generate`: other names, other columns, other
// faults at other rates. It checks that the matcher was not fitted to the quirks of the first.
//   node tests/bench/other-hospital.mjs OUT SEED [hard] [STAFF] [REGISTER]
// Writes OUT/hr.csv, mapping.toml, register.txt (open extract), restricted.txt and truth.csv. Invented people only.
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'

const [out, seedText = '1', ...rest] = process.argv.slice(2)
const HARD = rest.includes('hard')
const [STAFF = 3000, REGISTER = 200000] = rest.filter((word) => /^\d+$/.test(word)).map(Number)
mkdirSync(out, { recursive: true })

/** mulberry32: the same seed gives the same hospital anywhere. */
function chanceOf(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
const random = chanceOf(Number(seedText) * 7919 + (HARD ? 1 : 0))
const hits = (share) => random() < share
const pick = (list) => list[Math.floor(random() * list.length)]
/** A few are borne by many: rank by a power law. */
const common = (list, steep) => list[Math.floor(list.length * random() ** steep)]

const FAMILIES = [
  ...'Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Müller Faure André Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier Masson Duval Denis Lemaire Noël Meyer Dumont Brun Blanchard Brunet Barbier Rivière Arnaud Aubert Leclerc Joly'.split(' '),
  'Le Gall', 'Le Roux', 'de Oliveira', 'Da Costa', 'El Amrani', "N'Guyen", "L'Hostis", "D'Angelo", 'Saint-Martin', 'De La Croix', 'Ben Salah', "O'Connor", 'Van Den Berg',
]
const HEADS = ['Ker', 'Bel', 'Mon', 'Char', 'Gui', 'Lan', 'Tre', 'Pou', 'Cas', 'Dor', 'Fer', 'Hou', 'Jou', 'Mar', 'Nou', 'Per', 'Que', 'Ras', 'Sar', 'Tan', 'Vil', 'Bou', 'Cor', 'Des']
const MIDDLES = ['be', 'ga', 'lo', 'me', 'ni', 'pa', 'ri', 'so', 'te', 'va', 'di', 'che', 'gno', 'ssa', 'lli', 'rrou']
const TAILS = ['ard', 'eau', 'et', 'ier', 'in', 'on', 'ot', 'ère', 'ac', 'ec', 'illon', 'ouin', 'ègue', 'ez', 'i', 'oux', 'elle', 'ault']
for (const head of HEADS) for (const middle of MIDDLES) for (const tail of TAILS) FAMILIES.push(head + middle + tail)
const WOMEN = 'Marie Nathalie Isabelle Sylvie Catherine Christine Sandrine Céline Stéphanie Aurélie Émilie Julie Camille Léa Manon Chloé Sarah Laura Pauline Marion Élodie Audrey Valérie Véronique Hélène Agnès Fatima Samira Inès Anaïs Maëlle Gaëlle Anne-Laure Marie-Pierre Anne-Sophie Marie-José Océane Zoé Jeanne Louise'.split(' ')
const MEN = 'Jean Philippe Michel Alain Patrick Nicolas Christophe Pierre Christian Éric Frédéric Laurent Stéphane David Pascal Daniel Alexandre Julien Thomas Antoine Maxime Kévin Mohamed Karim Yanis Hugo Lucas Louis Gaël Jean-Pierre Jean-Luc Jean-Baptiste François Benoît Cédric Jérôme Rémi Loïc Yann Mathieu'.split(' ')

const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '')
const luhn = (body) => {
  let sum = 0
  const digits = [...body].reverse().map(Number)
  digits.forEach((digit, place) => { sum += place % 2 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2 })
  return body + ((10 - (sum % 10)) % 10)
}
let lastNumber = 0
const newNumber = () => luhn(`9994${String(((lastNumber += 1) * 389111) % 1000000).padStart(6, '0')}`)

const OURS = [
  { et: luhn('99500001'), ej: luhn('99500000'), name: 'CENTRE HOSPITALIER DE BRUMEVAL', town: '99500 BRUMEVAL' },
  { et: luhn('99500002'), ej: luhn('99500000'), name: 'RESIDENCE LES GLYCINES', town: '99510 BRUMEVAL LE HAUT' },
]
const elsewhere = () => {
  const number = 10000 + Math.floor(random() * 900)
  return { et: luhn(`996${number}`), ej: luhn(`997${number}`), name: `HOPITAL ${number}`, town: '99600 AILLEURS' }
}

// label in HR, profession, role, student, share of staff, registered, women
const JOBS = [
  ['Infirmier(ère) D.E.', '60', '', false, 30, 0.97, 0.85],
  ['IDE bloc', '60', '', false, 3, 0.97, 0.8],
  ['Cadre de santé', '60', '', false, 4, 0.95, 0.8],
  ['Praticien hospitalier temps plein', '10', '', false, 9, 0.99, 0.5],
  ['Médecin attaché', '10', '', false, 3, 0.98, 0.5],
  ['Chef de service', '10', '', false, 1, 0.99, 0.4],
  ['Interne de spécialité', '10', '', true, 5, 0.98, 0.55],
  ['Pharmacien des hôpitaux', '21', '', false, 1.5, 0.99, 0.6],
  ['Sage-femme', '50', '', false, 2.5, 0.99, 0.97],
  ['Masseur kinésithérapeute', '70', '', false, 2, 0.98, 0.55],
  ['Manipulateur en électroradiologie', '98', '', false, 2, 0.98, 0.65],
  ['Technicien de laboratoire', '86', '', false, 2.5, 0.97, 0.75],
  ['Aide-soignant(e)', '', '313', false, 16, 0.35, 0.9],
  ['Secrétaire médicale', '', '331', false, 5, 0.3, 0.96],
  ['Faisant fonction infirmier', '', '', false, 1, 0, 0.85],
  ['Étudiant infirmier 3e année', '', '346', false, 2, 0.2, 0.85],
  ['Agent des services hospitaliers', '', '', false, 7, 0, 0.8],
  ['Adjoint administratif', '', '', false, 4, 0, 0.8],
]
const WEIGHT = JOBS.reduce((sum, job) => sum + job[4], 0)
function drawJob() {
  let drawn = random() * WEIGHT
  for (const job of JOBS) if ((drawn -= job[4]) < 0) return job
  return JOBS[0]
}

function drawCivil(womenShare, youngest = 22, oldest = 66) {
  const woman = hits(womenShare)
  const names = woman ? WOMEN : MEN
  const year = 2026 - youngest - Math.floor(random() * (oldest - youngest))
  const birth = family()
  const married = woman ? hits(0.45) : hits(0.02)
  return {
    woman, birth, spouse: married ? family() : '',
    style: pick(['spouse', 'spouse', 'birth', 'double']),
    givens: [common(names, 1.6), ...(hits(0.6) ? [pick(names)] : [])],
    date: [year, 1 + Math.floor(random() * 12), 1 + Math.floor(random() * 28)],
    place: `${String(1 + Math.floor(random() * 95)).padStart(2, '0')}${String(1 + Math.floor(random() * 400)).padStart(3, '0')}`,
  }
}
const family = () => common(FAMILIES, 2.2)
function usage(civil) {
  if (!civil.spouse || civil.style === 'birth') return civil.birth
  return civil.style === 'spouse' ? civil.spouse : `${civil.birth}-${civil.spouse}`
}
const two = (number) => String(number).padStart(2, '0')
const french = ([year, month, day]) => `${two(day)}/${two(month)}/${year}`

// --- who is in the register ---
const OPEN = "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|Libellé civilité d'exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|Code profession|Libellé profession|Code catégorie professionnelle|Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|Numéro FINESS établissement juridique|Identifiant technique de la structure|Raison sociale site|Bureau cedex (coord. structure)|Autorité d'enregistrement|Code rôle|Libellé rôle|Code genre activité"
const RESTRICTED = "Identification nationale PP|Nom de famille|Prénoms|Date de naissance|Code commune de naissance|Code sexe|Code civilité|Nom d'exercice|Prénom d'exercice|Code profession|Code catégorie professionnelle|Code rôle|Code mode exercice|Numéro FINESS site|Numéro FINESS établissement juridique|Identifiant technique de la structure|Raison sociale site"
const open = createWriteStream(join(out, 'register.txt'))
const restricted = createWriteStream(join(out, 'restricted.txt'))
open.write(`${OPEN}|\n`)
restricted.write(`${RESTRICTED}|\n`)

async function register({ number, civil, profession = '', role = '', student = false, places }) {
  // Each authority writes as it likes.
  const upper = hits(0.8)
  const family = upper ? plain(usage(civil)).toUpperCase() : usage(civil)
  const shown = hits(0.03) && civil.givens[1] ? civil.givens[1] : civil.givens[0]
  const given = upper ? plain(shown).toUpperCase() : shown
  const category = student ? 'E' : 'C'
  const sex = civil.woman ? 'MME' : 'M'
  for (const place of places.length ? places : [null]) {
    const finess = place && hits(0.97)
    const numbers = [finess ? place.et : '', finess ? place.ej : '', place ? `R${number.slice(-6)}` : '', place?.name ?? '']
    const line = ['8', number, `8${number}`, '', '', sex, '', family, given, profession, '', category, '', '', '', '', '', place ? 'S' : '', '', '', '', ...numbers, place?.town ?? '', '', role, '', ''].join('|')
    const civilGivens = `${[...civil.givens, '', ''].slice(0, 3).map((name) => plain(name).toUpperCase()).join("'")}`
    const birth = [`8${number}`, plain(civil.birth).toUpperCase(), civilGivens, french(civil.date), civil.place, civil.woman ? 'F' : 'M', sex, family, given, profession, category, role, place ? 'S' : '', ...numbers].join('|')
    if (!open.write(`${line}|\n`)) await once(open, 'drain')
    if (!restricted.write(`${birth}|\n`)) await once(restricted, 'drain')
  }
}

const R = HARD
  ? { last: 0.15, nowhere: 0.03, unregistered: 0.05, namesakeOfAbsent: 0.5, namesake: 0.05, copied: 0.3, formerNamesake: 0.15, homonym: 0.01, noDate: 0.07, january: 0.03, slip: 0.03, swapped: 0.015, cut: 0.03, given: 0.5 }
  : { last: 0.04, nowhere: 0.01, unregistered: 0.01, namesakeOfAbsent: 0.1, namesake: 0.01, copied: 0.05, formerNamesake: 0.02, homonym: 0.002, noDate: 0.01, january: 0.003, slip: 0.006, swapped: 0.002, cut: 0.01, given: 0.5 }

const misspelt = (text) => {
  if (text.length < 5) return text
  const place = 1 + Math.floor(random() * (text.length - 2))
  const swapped = text.slice(0, place) + text[place + 1] + text[place] + text.slice(place + 2)
  return pick([swapped, text.slice(0, place) + text.slice(place + 1), text.slice(0, place) + text[place] + text.slice(place)])
}

const hr = ['N° agent;Nom de naissance;Nom marital;Prénoms;Sexe;Date naissance;Commune naissance;N° RPPS;Emploi;Établissement;Site;Début;Fin']
const truth = ['matricule;idnat']
let models = []
for (let index = 0; index < STAFF; index++) {
  const [label, profession, role, student, , share, womenShare] = drawJob()
  const civil = drawCivil(womenShare, student ? 24 : 22, student ? 32 : 64)
  if (models.length > 50 && hits(R.homonym)) {
    const model = pick(models)
    Object.assign(civil, { woman: model.woman, birth: model.birth, spouse: model.spouse, style: model.style, givens: model.givens })
  }
  const clinical = profession !== '' || label.includes('infirmier')
  const registered = hits(share) && !(clinical && hits(R.unregistered))
  const site = pick([OURS[0], OURS[0], OURS[0], OURS[1]])
  const number = newNumber()
  let namesake = ''
  if (clinical && hits(registered ? R.namesake : R.namesakeOfAbsent)) {
    namesake = newNumber()
    const other = { ...civil, date: drawCivil(0.5).date, place: drawCivil(0.5).place }
    const at = registered && hits(R.formerNamesake) ? OURS[0] : elsewhere()
    await register({ number: namesake, civil: other, profession: profession || '60', places: [at] })
  }
  if (registered) {
    const places = hits(R.nowhere) ? [] : hits(R.last) ? [elsewhere()] : [site]
    if (profession === '10' && !student && hits(0.1)) places.push({ et: '', ej: '', name: `CABINET ${civil.birth.toUpperCase()}`, town: '99700 VILLE' })
    await register({ number, civil, profession, role, student, places })
  }
  let declared = ''
  if (namesake && hits(R.copied)) declared = namesake
  else if (registered && clinical && hits(R.given)) declared = hits(0.01) ? newNumber() : number
  let [birth, married, givens] = [civil.birth, civil.spouse && civil.style !== 'birth' ? civil.spouse : '', civil.givens.join(' ')]
  if (hits(R.slip)) { if (hits(0.5)) birth = misspelt(birth); else givens = misspelt(givens) }
  if (hits(R.swapped)) [birth, givens] = [givens, birth]
  if (hits(R.cut)) [birth, married, givens] = [birth.slice(0, 12), married.slice(0, 12), givens.slice(0, 10)]
  if (hits(0.07) && married) birth = married
  const typed = (text) => (hits(0.7) ? plain(text).toUpperCase().replace(/-/g, hits(0.5) ? ' ' : '-') : text)
  let date = french(civil.date)
  if (hits(R.noDate)) date = ''
  else if (hits(R.january)) date = `01/01/${civil.date[0]}`
  const matricule = `A${String(index + 1).padStart(5, '0')}`
  hr.push([matricule, typed(birth), typed(married), typed(givens), civil.woman ? 'F' : 'M', date, hits(0.85) ? civil.place : '', declared, label, site.ej, site.et, '01/03/2020', ''].join(';'))
  truth.push(`${matricule};${registered ? `8${number}` : ''}`)
  models.push(civil)
}
for (let index = 0; index < STAFF * (HARD ? 0.25 : 0.06); index++) {
  const job = JOBS[Math.floor(random() * 13)]
  if (job[1]) await register({ number: newNumber(), civil: drawCivil(job[6]), profession: job[1], places: [pick(OURS)] })
}
const STRANGERS = [['60', 0.87, 0.4], ['10', 0.5, 0.2], ['70', 0.52, 0.1], ['93', 0.85, 0.08], ['21', 0.65, 0.07], ['86', 0.75, 0.05], ['98', 0.7, 0.05], ['50', 0.97, 0.05]]
while (lastNumber < REGISTER) {
  let drawn = random()
  const [profession, womenShare] = STRANGERS.find((one) => (drawn -= one[2]) < 0) ?? STRANGERS[0]
  const places = hits(0.1) ? [] : hits(0.3) ? [{ et: '', ej: '', name: 'CABINET', town: '99700 VILLE' }] : [elsewhere()]
  await register({ number: newNumber(), civil: drawCivil(womenShare, 23, 80), profession, places })
}
open.end()
restricted.end()
await Promise.all([once(open, 'finish'), once(restricted, 'finish')])
writeFileSync(join(out, 'hr.csv'), `${hr.join('\n')}\n`)
writeFileSync(join(out, 'truth.csv'), `${truth.join('\n')}\n`)
const fields = { 'N° agent': 'matricule', 'Nom de naissance': 'birth_family', 'Nom marital': 'usage_family', Prénoms: 'given', Sexe: 'sex', 'Date naissance': 'birth_date', 'Commune naissance': 'birth_place_code', 'N° RPPS': 'rpps', Emploi: 'function_label', Établissement: 'finess_ej', Site: 'finess_et', Début: 'starts_on', Fin: 'ends_on' }
const mapping = ['[source]', 'name = "autre"', 'kind = "hr_csv"', 'path = "hr.csv"', 'encoding = "utf-8"', 'delimiter = ";"', '']
for (const [column, to] of Object.entries(fields)) mapping.push('[[field]]', `column = "${column}"`, `to = "${to}"`, '')
writeFileSync(join(out, 'mapping.toml'), mapping.join('\n'))
