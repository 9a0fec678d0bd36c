import { screen, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { openConsole } from './test-console'

afterEach(() => {
  vi.unstubAllGlobals()
  localStorage.clear()
})

test('the question mark tells the keys, of everywhere and of this page, and Escape closes', async () => {
  const { user } = openConsole('/cases')
  await screen.findByRole('heading', { level: 1, name: 'À arbitrer' })
  await user.keyboard('?')
  const help = await screen.findByRole('dialog', { name: 'Raccourcis clavier' })
  expect(within(help).getByText('Relier ce candidat, avec une preuve')).toBeTruthy()
  await user.keyboard('{Escape}')
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('single letters can be switched off, and the menu still opens the help', async () => {
  const { user } = openConsole('/sources')
  await screen.findByRole('heading', { level: 1, name: 'Sources' })
  await user.keyboard('?')
  await user.click(within(await screen.findByRole('dialog')).getByRole('checkbox'))
  await user.click(screen.getByRole('button', { name: 'Fermer l’aide' }))
  await user.keyboard('?')
  expect(screen.queryByRole('dialog')).toBeNull()
  await user.click(screen.getByRole('button', { name: /compte de Lou Delmas/ }))
  await user.click(await screen.findByRole('menuitem', { name: /Raccourcis clavier/ }))
  expect(await screen.findByRole('dialog')).toBeTruthy()
})

test('a question mark typed in a field is a letter', async () => {
  const { user } = openConsole('/applications/new')
  await user.type(await screen.findByLabelText('Nom'), 'Qui ?')
  expect(screen.queryByRole('dialog')).toBeNull()
})
