import { act, screen, waitFor, within } from '@testing-library/react'
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
  const [day, first] = (await screen.findAllByRole('row')).slice(1)
  // « Aujourd’hui » stands before it on that day alone.
  expect(day?.textContent).toMatch(/dimanche 22 novembre 2026$/)
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

test('the export says how much leaves, and asks for the filter on screen', async () => {
  const { user } = openConsole('/audit?category=login')
  await screen.findAllByRole('row')
  let asked = ''
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    asked = this.getAttribute('href') ?? ''
  })
  await user.click(screen.getByRole('button', { name: 'Exporter (CSV)' }))
  const dialog = await screen.findByRole('alertdialog', { name: /^Exporter \d+ entrées du journal/ })
  await user.click(within(dialog).getByRole('button', { name: /^Exporter \d+ entrées$/ }))
  expect(asked).toBe('/api/v1/audit.csv?category=login')
})

test('a refusal is found by the reference as it was read on the phone', async () => {
  const { user, history } = openConsole('/audit')
  await screen.findAllByRole('row')
  await user.type(screen.getByRole('textbox', { name: 'Référence de refus, six caractères' }), '7k3 p2q{Enter}')
  expect(await screen.findByRole('button', { name: /Retirer.*7K3-P2Q/ })).toBeTruthy()
  expect(history.location.search).toContain('reference=7K3-P2Q')
})

test('a text narrows the log, says since when it was looked for, and is in the address', async () => {
  const { user, history } = openConsole('/audit')
  const before = (await screen.findAllByRole('row')).length
  await user.type(screen.getByLabelText(/^Chercher un nom/), 'labo{Enter}')
  await waitFor(() => expect(history.location.search).toBe('?q=labo'))
  expect(await screen.findByText(/cherché depuis le/)).toBeTruthy()
  expect(screen.queryAllByRole('row').length).toBeLessThan(before)
})

test('a person, who acted and an application are chosen by name, kept in the address and in the export', async () => {
  const { user, history } = openConsole('/audit', (fake) => (fake.state.roles = ['security_officer']))
  await screen.findAllByRole('row')
  await user.click(screen.getByRole('button', { name: 'Filtre' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Personne concernée' }))
  await user.type(await screen.findByRole('combobox', { name: 'Personne concernée' }), 'martin durand')
  await user.click(await screen.findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  expect(await screen.findByRole('button', { name: /Retirer.*MARTIN \(née DURAND\) Marie/ })).toBeTruthy()
  expect(history.location.search).toMatch(/subject=[0-9a-f-]{36}/)
  await user.click(screen.getByRole('button', { name: 'Filtre' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Application' }))
  await user.click(await screen.findByRole('menuitem', { name: 'DPI Valmont' }))
  expect(await screen.findByRole('button', { name: /Retirer.*DPI Valmont/ })).toBeTruthy()
  expect(history.location.search).toContain('client=dpi-valmont')
  await user.click(screen.getByRole('radio', { name: 'Fait' }))
  await waitFor(() => expect(history.location.search).toContain('outcome=accepted'))
  let asked = ''
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    asked = this.getAttribute('href') ?? ''
  })
  await user.click(screen.getByRole('button', { name: 'Exporter (CSV)' }))
  const dialog = await screen.findByRole('alertdialog', { name: /^Exporter / })
  await user.click(within(dialog).getByRole('button', { name: 'Exporter 1 entrée' }))
  expect(asked).toMatch(/^\/api\/v1\/audit\.csv\?.*subject=.*client=dpi-valmont|^\/api\/v1\/audit\.csv\?.*client=dpi-valmont.*subject=/)
  expect(asked).toContain('outcome=accepted')
})

test('a filter that is chosen, left or taken off keeps the reader among the filters', async () => {
  const { user, history } = openConsole('/audit')
  await screen.findAllByRole('row')
  const here = () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent
  await user.click(screen.getByRole('button', { name: 'Filtre' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Personne concernée' }))
  const field = await screen.findByRole('combobox', { name: 'Personne concernée' })
  await waitFor(() => expect(document.activeElement).toBe(field))
  await user.keyboard('{Escape}')
  await waitFor(() => expect(here()).toBe('Filtre'))
  await user.keyboard('{Enter}')
  await user.click(await screen.findByRole('menuitem', { name: 'Personne concernée' }))
  await user.type(await screen.findByRole('combobox', { name: 'Personne concernée' }), 'martin durand')
  await user.click(await screen.findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  await waitFor(() => expect(here()).toMatch(/^Retirer.*MARTIN \(née DURAND\) Marie/))
  const martin = new URLSearchParams(history.location.search).get('subject') ?? ''
  // A chip that an address takes off and brings again takes nothing.
  act(() => history.push('/audit'))
  await waitFor(() => expect(here()).toBe('Filtre'))
  act(() => history.push(`/audit?subject=${martin}`))
  await screen.findByRole('button', { name: /^Retirer.*MARTIN/ })
  expect(here()).toBe('Filtre')
  screen.getByRole('button', { name: /^Retirer.*MARTIN/ }).focus()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(here()).toBe('Filtre'))
})

test('of two who share a name, a line says which was acted upon, and its panel too', async () => {
  const { user } = openConsole('/audit')
  const [link] = await screen.findAllByRole('link', { name: 'Fiche consultée' })
  expect(within((link as HTMLElement).closest('tr') as HTMLElement).getByRole('rowheader').textContent).toContain('Homonyme · 14/02/1988')
  await user.click(link as HTMLElement)
  const panel = await screen.findByRole('complementary', { name: 'Fiche consultée' })
  expect(await within(panel).findByRole('link', { name: 'MARTIN (née DURAND) Marie, 14/02/1988' })).toBeTruthy()
})
