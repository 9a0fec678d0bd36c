import { expect, test } from 'vitest'
import { mappingChanges } from './mapping'

const field = (column: string, to: string, transform = 'text') => `[[field]]\ncolumn = "${column}"\nto = "${to}"\ntransform = "${transform}"\n`
const text = (...fields: string[]) => ['[source]\nname = "rh"\nkind = "hr_csv"\n', ...fields].join('\n')

test('a field that takes another column, another rule, that comes and that goes is said in words', () => {
  const before = text(field('MATRICULE', 'matricule'), field('DT', 'birth_date', 'date_fr'), field('TEL', 'phone'))
  const after = text(field('MATR_AGENT', 'matricule'), field('DT', 'birth_date', 'date_iso'), field('UF', 'unit_code'))
  expect(mappingChanges(before, after)).toEqual([
    'Matricule\u00A0: colonne MATRICULE → MATR_AGENT',
    'Naissance\u00A0: règle «\u00A0date jj/mm/aaaa\u00A0» → «\u00A0date aaaa-mm-jj\u00A0»',
    'Téléphone\u00A0: colonne TEL retirée',
    'UF\u00A0: colonne UF ajoutée',
  ])
})

test('the same fields, and what a table or a brake says, are no change of a field', () => {
  const fields = text(field('MATRICULE', 'matricule'), field('GRADE', 'profession', 'table'))
  expect(mappingChanges(fields, fields)).toEqual([])
  expect(mappingChanges(fields, `${fields}\n[brakes]\nclosings = { share = 0.02, count = 10 }\n`)).toEqual([])
})

test('two columns of one field are met each in its turn', () => {
  const before = text(field('P1', 'given'), field('P2', 'given'))
  expect(mappingChanges(before, text(field('P1', 'given'), field('P3', 'given')))).toEqual(['Prénom\u00A0: colonne P2 → P3'])
})

test('another way of writing says the same, and each value of a list counts', () => {
  const plain = text(field('MATRICULE', 'matricule'), '[[field]]\ncolumn = "GRADE"\nto = "profession"\ntransform = "table"\ntable = { "PH" = "10", IDE = "60" }\n')
  const other = text("# la clé\n[[field]] # remarque\n  column = 'MATR_AGENT' # depuis mars\nto='matricule'\ntransform = \"text\"\n", '[[field]]\ncolumn = "GRADE"\nto = "profession"\ntransform = "table"\n\n[field.table]\n"PH" = "10"\nIDE = "61"\n\'SAGE FEMME\' = "50"\n')
  expect(mappingChanges(plain, other)).toEqual(['Matricule\u00A0: colonne MATRICULE → MATR_AGENT', 'Profession\u00A0: 2 valeurs de la liste changent'])
})

test.each([
  ['a word that no field has', '[[field]]\ncolumn = "X"\nto = "rpps"\ndefault = "0"\n'],
  ['an escaped sign', '[[field]]\ncolumn = "X\\t"\nto = "rpps"\n'],
  ['a text over several lines', '[[field]]\ncolumn = """X"""\nto = "rpps"\n'],
  ['a field written as a list', 'field = [{ column = "X", to = "rpps" }]\n[source]\n'],
  ['a header of another form', '[["field"]]\ncolumn = "X"\nto = "rpps"\n'],
  ['a word said twice', '[[field]]\ncolumn = "X"\ncolumn = "Y"\nto = "rpps"\n'],
])('%s: nothing is said in words rather than half of it', (_, odd) => {
  const before = text(field('MATRICULE', 'matricule'))
  expect(mappingChanges(before, odd + text(field('MATR_AGENT', 'matricule')))).toEqual([])
  expect(mappingChanges(odd + text(field('MATR_AGENT', 'matricule')), before)).toEqual([])
})

test('what changes beside the fields is said to change, without being put into words', () => {
  const before = text(field('MATRICULE', 'matricule'))
  const after = `${text(field('MATR_AGENT', 'matricule'))}\n[brakes]\nclosings = { share = 0.02, count = 10 }\n`
  expect(mappingChanges(before, after)).toEqual(['Matricule\u00A0: colonne MATRICULE → MATR_AGENT', 'D’autres lignes changent aussi\u00A0: lisez le texte ci-dessous.'])
})
