import { act, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { FakeAppliance } from '../../../mock-api/server'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

async function source(prepare?: (fake: FakeAppliance) => void) {
  let at = ''
  const opened = openConsole('/nowhere', (fake) => {
    prepare?.(fake)
    at = `/sources/${fake.state.sources[0]?.id ?? ''}`
  })
  opened.history.push(at)
  await screen.findByRole('heading', { name: /^Correspondance/ })
  return opened
}

const text = () => screen.getByRole('textbox', { name: 'Texte de la correspondance' }) as HTMLTextAreaElement

async function edit(opened: Awaited<ReturnType<typeof source>>, change: (before: string) => string) {
  await opened.user.click(screen.getByRole('button', { name: 'Corriger' }))
  await opened.user.click(screen.getByRole('radio', { name: 'Texte' }))
  const after = change(text().value)
  await opened.user.clear(text())
  text().focus()
  await opened.user.paste(after)
}

async function save(opened: Awaited<ReturnType<typeof source>>) {
  await opened.user.click(screen.getByRole('button', { name: 'Enregistrer la version' }))
  await opened.user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer la version' }))
}

test('a corrected mapping shows what changes before it is saved, as the next version', async () => {
  const opened = await source()
  await edit(opened, (before) => before.replace('column = "UF"', 'column = "CODE_UF"'))
  const changes = screen.getByRole('region', { name: 'Ce qui change' })
  expect(within(changes).getByText('column = "UF"').tagName).toBe('DEL')
  expect(within(changes).getByText('column = "CODE_UF"').tagName).toBe('INS')
  expect(screen.getByText('1 modification non enregistrée')).toBeTruthy()
  await save(opened)
  expect(await screen.findByText(/^version 4,/)).toBeTruthy()
  expect(opened.fake.state.sources[0]?.mapping?.toml).toContain('CODE_UF')
})

test('a field takes another column and another rule from the closed lists, and the text follows', async () => {
  const { user, fake } = await source()
  await user.click(screen.getByRole('button', { name: 'Corriger' }))
  const table = within(screen.getByRole('table', { name: 'Champs de la correspondance' }))
  expect(table.getAllByRole('row').length).toBe(8)
  const column = table.getByRole('textbox', { name: 'Colonne de\u00a0: Matricule' })
  await user.clear(column)
  await user.type(column, 'MATR_AGENT')
  await user.selectOptions(table.getByRole('combobox', { name: 'Règle de\u00a0: Naissance' }), 'date aaaa-mm-jj')
  // Another field does not keep a rule that does not suit it.
  await user.selectOptions(table.getByRole('combobox', { name: 'Champ que remplit la colonne DT_FIN' }), 'RPPS')
  await user.click(screen.getByRole('button', { name: 'Retirer le champ UF, colonne UF' }))
  await user.click(screen.getByRole('button', { name: 'Ajouter un champ' }))
  const added = table.getAllByRole('textbox').at(-1) as HTMLElement
  expect(document.activeElement).toBe(added)
  await user.type(added, 'SEXE')
  await user.selectOptions(table.getByRole('combobox', { name: 'Champ que remplit la colonne SEXE' }), 'Sexe')
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(expect.arrayContaining(['Matricule\u00a0: colonne MATRICULE → MATR_AGENT', 'UF\u00a0: colonne UF retirée', 'Sexe\u00a0: colonne SEXE ajoutée', 'RPPS\u00a0: colonne DT_FIN ajoutée']))
  await user.click(screen.getByRole('radio', { name: 'Texte' }))
  expect(text().value).toContain('column = "DT_FIN"\nto = "rpps"\n')
  await user.click(screen.getByRole('button', { name: 'Enregistrer la version' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer la version' }))
  await waitFor(() => expect(fake.state.sources[0]?.mapping?.version).toBe(4))
  const saved = fake.state.sources[0]?.mapping?.toml ?? ''
  expect(saved).toContain('column = "MATR_AGENT"\nto = "matricule"')
  expect(saved).toContain('to = "birth_date"\ntransform = "date_iso"')
  expect(saved).not.toContain('unit_code')
  expect(saved).toMatch(/\[\[field\]\]\ncolumn = "SEXE"\nto = "sex"\n$/)
})

test('a field that goes hands the focus to the one that takes its place; a list of values goes and comes with its rule', async () => {
  const { user } = await source((fake) => {
    const mapping = fake.state.sources[0]?.mapping
    if (mapping) mapping.toml += '\n[[field]]\ncolumn = "GRADE"\nto = "profession"\ntransform = "table"\ntable = { "PH" = "10" }\n'
  })
  await user.click(screen.getByRole('button', { name: 'Corriger' }))
  const rule = screen.getByRole('combobox', { name: 'Règle de\u00a0: Profession' })
  await user.selectOptions(rule, screen.getByRole('option', { name: 'code de profession' }))
  const look = (name: string) => user.click(screen.getByRole('radio', { name }))
  await look('Texte')
  expect(text().value).toContain('column = "GRADE"\nto = "profession"\n')
  expect(text().value).not.toContain('PH')
  await look('Champ par champ')
  const gone = screen.getByRole('button', { name: 'Retirer le champ UF, colonne UF' })
  const names = screen.getAllByRole('button', { name: /^Retirer le champ/ }).map((one) => one.getAttribute('aria-label'))
  gone.focus()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe(names[names.indexOf('Retirer le champ UF, colonne UF') + 1]))
  expect(document.contains(gone)).toBe(false)
})

test('a text that the fields cannot show is corrected as a text', async () => {
  const opened = await source((fake) => {
    const mapping = fake.state.sources[0]?.mapping
    if (mapping) mapping.toml += '\n[[field]]\ncolumn = "A\\u00c9"\nto = "mail"\n'
  })
  await opened.user.click(screen.getByRole('button', { name: 'Corriger' }))
  expect(text().value).toContain('A\\u00c9')
  await opened.user.click(screen.getByRole('radio', { name: 'Champ par champ' }))
  expect(screen.getByText(/^Ce texte est écrit d’une façon/)).toBeTruthy()
})

test('a text that cannot be read is refused with its line, and stays', async () => {
  const opened = await source()
  await edit(opened, (before) => before.replace('name = "RH"', 'name = "RH"\npath2 = "'))
  await save(opened)
  expect(await screen.findByText('ligne 3 : un guillemet manque')).toBeTruthy()
  expect(text().getAttribute('aria-invalid')).toBe('true')
  expect(opened.fake.state.sources[0]?.mapping?.version).toBe(3)
})

test('a colleague saved first: both texts are shown, nothing is overwritten unseen', async () => {
  const opened = await source()
  await edit(opened, (before) => before.replace('column = "UF"', 'column = "CODE_UF"'))
  const [hr] = opened.fake.state.sources
  if (hr?.mapping) Object.assign(hr, { etag: '"9"', mapping: { ...hr.mapping, version: 9, toml: hr.mapping.toml.replace('delimiter = ";"', 'delimiter = ","') } })
  await save(opened)
  const theirs = await screen.findByRole('region', { name: 'Ce qui a été enregistré' })
  expect(within(theirs).getByText('delimiter = ","')).toBeTruthy()
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('alert')))
  expect(text().value).toContain('CODE_UF')
  expect(hr?.mapping?.toml).not.toContain('CODE_UF')
  expect(screen.getByRole('button', { name: /^Enregistrer la version/ }).getAttribute('aria-disabled')).toBe('true')
})

test('what a colleague saves while the question stands is shown too, and not overwritten', async () => {
  const opened = await source()
  await edit(opened, (before) => before.replace('column = "UF"', 'column = "CODE_UF"'))
  await opened.user.click(screen.getByRole('button', { name: /^Enregistrer la version/ }))
  const question = await screen.findByRole('alertdialog')
  const [hr] = opened.fake.state.sources
  if (hr?.mapping) Object.assign(hr, { etag: '"9"', mapping: { ...hr.mapping, version: 9, toml: hr.mapping.toml.replace('delimiter = ";"', 'delimiter = ","') } })
  await act(() => opened.client.invalidateQueries())
  await opened.user.click(within(question).getByRole('button', { name: /^Enregistrer la version/ }))
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
  expect(within(await screen.findByRole('region', { name: 'Ce qui a été enregistré' })).getByText('delimiter = ","')).toBeTruthy()
  expect(hr?.mapping?.version).toBe(9)
  expect(text().value).toContain('CODE_UF')
})

test('an earlier version is compared, and brought back as the next one', async () => {
  const opened = await source()
  await opened.user.click(screen.getByRole('button', { name: 'Versions' }))
  await opened.user.click(await screen.findByRole('button', { name: 'Comparer la version 2 à celle en vigueur' }))
  expect(within(screen.getByRole('region', { name: /^Comparer la version 2/ })).getByText('column = "MATR_AGENT"').tagName).toBe('DEL')
  await opened.user.click(screen.getByRole('button', { name: 'Revenir à la version 2…' }))
  await opened.user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Revenir à cette version' }))
  await waitFor(() => expect(opened.fake.state.sources[0]?.mapping?.version).toBe(4))
  expect(opened.fake.state.sources[0]?.mapping?.toml).toContain('MATR_AGENT')
})

test('who may not manage sources is told so', async () => {
  await source((fake) => (fake.state.roles = ['auditor']))
  expect(screen.getByRole('button', { name: /^Corriger/ }).getAttribute('aria-disabled')).toBe('true')
})
