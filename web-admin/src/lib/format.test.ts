import { expect, test } from 'vitest'
import { ago, before, byName, day, daysAgo, digitGroups, exactly, next, number, on, personName, share, signed, since, until, waiting, when } from './format'
import { eventText, speak, t, word } from './i18n'

const now = new Date('2026-11-22T14:12:08')

test.each([
  [{ family: 'Martin', birth_family: 'Durand', given: 'Marie', sex: 'female' }, 'MARTIN (née DURAND) Marie'],
  [{ family: 'Martin', birth_family: 'Durand', given: 'Marc', sex: 'male' }, 'MARTIN (né DURAND) Marc'],
  [{ family: 'd’Almeida', given: 'Éric' }, 'D’ALMEIDA Éric'],
  [{ family: 'Lefèvre', birth_family: null, given: 'Zoé' }, 'LEFÈVRE Zoé'],
  [{ family: 'LE GOFF', given: 'MARIE-ANGE D’ARC' }, 'LE GOFF Marie-Ange D’Arc'],
  [{ family: 'Petit', given: 'JEAN luc' }, 'PETIT JEAN luc'],
])('%j is written %s', (person, text) => {
  expect(personName(person)).toBe(text)
})

test.each([
  ['2026-11-22T14:08:00', 'il y a 4\u00A0min (14:08)'.replace('\u00A0', ' ')],
  ['2026-11-22T14:11:50', 'à l’instant (14:11)'],
  ['2026-11-22T05:00:00', 'à 05:00'],
  ['2026-11-21T18:44:00', 'hier à 18:44'],
  ['2026-11-20T18:44:00', 'le 20/11/2026'],
])('%s was %s', (moment, text) => {
  expect(ago(moment, now)).toBe(text)
})

test('a day has no time zone', () => {
  expect(day('1988-02-14')).toBe('14/02/1988')
  expect(daysAgo('2026-11-19T23:59:00', now)).toBe(3)
  expect(when('2026-11-22T00:01:00', now)).toBe('00:01')
})

test.each([
  [30, '30 min'],
  [200, '3 h'],
  [2900, '2 j'],
])('%d minutes of waiting are %s', (minutes, text) => {
  expect(waiting(now.getTime() - minutes * 60_000, { now })).toBe(text)
})

test('numbers are French', () => {
  expect(number(12_041)).toBe('12\u202F041')
  expect(number(0.94, 2)).toBe('0,94')
  expect(signed(-0.04)).toBe('−\u00A00,04')
  expect(signed(0.61)).toBe('+\u00A00,61')
  expect(digitGroups('10003456789')).toEqual(['10', '003', '456', '789'])
})

test('one and many, numbers kept as text by the appliance, unknown words', () => {
  expect(t('audit.total', { count: 1 })).toBe('1 entrée')
  expect(t('audit.total', { count: 1284 })).toBe('1\u202F284 entrées')
  expect(word('event', 'register_imported', { lines: '2300412' })).toContain('2\u202F300\u202F412')
  expect(word('event', 'something_new')).toBe('something new')
})

test('a last day is the hospital’s own, its withdrawal another sentence, the kind of event neither', () => {
  const from = '2026-12-31T23:00:00Z'
  expect(eventText('person_closing_planned', { from, last_day: '2026-12-31' })).toBe('Dernier jour fixé au 31/12/2026')
  expect(eventText('person_closing_planned', {})).toBe('Fermeture prévue retirée')
  expect(eventText('person_closing_planned')).toBe('Fermeture prévue')
})

/** The server computes the order; the client must agree on the hard ones. */
const ordered = [
  'Adam', 'Ælfric', 'Alamein', 'D’Almeida', 'Dalmeidas', 'de La Tour', 'Delatoure', 'El Amri', 'Elamria', 'Étienne', 'Etiennes', 'L’Hôte', 'Lhotel', 'Martin', 'Martin-Roux', 'Martinsen', 'N’Diaye', 'Ndiayes', 'Œuvrard', 'Oeuvrardi', 'Strauß', 'Straussi',
]

test('names are sorted as the server sorts them', () => {
  const shuffled = [...ordered].reverse().map((family) => ({ family, given: 'Lou' }))
  expect(shuffled.sort(byName).map((person) => person.family)).toEqual(ordered)
})

test.each([
  ['Adam', 'd’ADAM'],
  ['Émile', 'd’ÉMILE'],
  ['Œuvrard', 'd’ŒUVRARD'],
  ['Hugo', 'de HUGO'],
  ['Martin', 'de MARTIN'],
  ['Yves', 'd’YVES'],
  ['Ybert', 'd’YBERT'],
  ['Yanis', 'de YANIS'],
  ['Yéléna', 'de YÉLÉNA'],
])('« de » before %s', (family, text) => {
  expect(t('case.titleRpps', { name: personName({ family, given: 'Zoé' }) })).toBe(`RPPS ${text} Zoé`)
})

test('« que » gives its vowel up too, and a number never takes one away', () => {
  expect(t('case.same', { letter: 'A' })).toBe('Même personne qu’A…')
  expect(t('case.same', { letter: 'B' })).toBe('Même personne que B…')
  expect(t('confirm.others', { count: 11 })).toBe('et 11 autres')
  expect(t('selection.tooWide', { limit: 11 })).toContain('Plus de 11')
})

test.each([
  ['2026-11-22T05:12:00', 'à 05:12', '05:12', '05:12', 'à 05:12'],
  ['2026-11-21T05:12:00', 'hier à 05:12', 'hier 05:12', 'hier à 05:12', 'au 21/11/2026'],
  ['2026-11-23T05:12:00', 'demain à 05:12', undefined, 'demain à 05:12', 'à demain 05:12'],
  ['2026-11-19T05:12:00', 'le 19/11/2026', 'le 19/11/2026', 'le 19/11/2026', 'au 19/11/2026'],
])('an hour of another day is never told alone: %s', (moment, said, from, coming, end) => {
  expect(on(moment, now)).toBe(said)
  if (from) expect(since(moment, now)).toBe(from)
  expect(next(moment, now)).toBe(coming)
  expect(until(moment, now)).toBe(end)
})

test('what is proven by its hour has its day too, when it is another', () => {
  expect(exactly('2026-11-22T14:12:08', now)).toBe('à 14:12:08')
  expect(exactly('2026-11-23T02:14:00', now)).toBe('le 23/11/2026 à 02:14:00')
})

test('a share has one digit after the comma, a thin space, and is never rounded up to the whole', () => {
  expect(share(24, 60)).toBe('40,0\u202F%')
  expect(share(9999, 10_000)).toBe('99,9\u202F%')
  expect(t('source.percent', { count: 40 })).toBe('40\u202F%')
})

test('in English « since » and « before » take a day as it is', async () => {
  await speak('en')
  try {
    expect(t('health.unreachable', { time: since('2026-11-19T05:12:00', now) })).toBe('unreachable since 19/11/2026')
    expect(before('2026-11-27T05:12:00', now)).toBe('27/11/2026')
    expect(on('2026-11-19T05:12:00', now)).toBe('on 19/11/2026')
  } finally {
    await speak('fr')
  }
})
