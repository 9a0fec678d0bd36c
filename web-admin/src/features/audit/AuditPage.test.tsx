import { screen, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

test('an entry proves that it was not altered', async () => {
  const { user } = openConsole('/audit')
  const [link] = await screen.findAllByRole('link', { name: 'Jeton remis à l’application' })
  await user.click(link as HTMLElement)
  const panel = await screen.findByRole('complementary', { name: 'Jeton remis à l’application' })
  await user.click(await within(panel).findByRole('button', { name: 'Vérifier la preuve' }))
  expect(await within(panel).findByText('Intact.')).toBeTruthy()
})

test('an unsealed entry is told apart by a word', async () => {
  openConsole('/audit')
  const [first] = (await screen.findAllByRole('row')).slice(1)
  expect(first?.textContent).toContain('en attente de sceau')
  expect(screen.getByText(/1 entrée en attente de sceau/)).toBeTruthy()
})

test('the whole log is verified, and the answer stays', async () => {
  const { user } = openConsole('/audit')
  await screen.findAllByRole('row')
  await user.click(screen.getByRole('button', { name: 'Vérifier tout le journal' }))
  expect(await screen.findByText('Journal intact.')).toBeTruthy()
})

test('a break is named', async () => {
  const { user, fake } = openConsole('/audit')
  await screen.findAllByRole('row')
  fake.state.brokenAt = 4812
  await user.click(screen.getByRole('button', { name: 'Vérifier tout le journal' }))
  const alert = await screen.findByRole('alert')
  expect(alert.textContent).toMatch(/Entrée 4\s812 altérée ou manquante\. Les entrées précédentes sont intactes\./)
})
