import { screen, waitFor, within } from '@testing-library/react'
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
  expect(text().value).toContain('CODE_UF')
  expect(hr?.mapping?.toml).not.toContain('CODE_UF')
  expect(screen.getByRole('button', { name: /^Enregistrer la version/ }).getAttribute('aria-disabled')).toBe('true')
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
