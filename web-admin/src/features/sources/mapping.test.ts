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
