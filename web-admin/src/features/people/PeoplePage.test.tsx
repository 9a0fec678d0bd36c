import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

test('a filter goes into the address and comes out of it', async () => {
  const { user, history } = openConsole('/people')
  await screen.findByRole('table')
  await user.click(screen.getByRole('button', { name: 'Filtre' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Identité nationale' }))
  await user.click(await screen.findByRole('menuitemcheckbox', { name: /À arbitrer/ }))
  await waitFor(() => expect(history.location.search).toBe('?identity=to_decide'))
  await user.keyboard('{Escape}{Escape}')
  await user.click(await screen.findByRole('button', { name: /^Retirer le filtre Identité nationale\s: À arbitrer$/ }))
  await waitFor(() => expect(history.location.search).toBe(''))
})

test('an address opens the list it describes', async () => {
  openConsole('/people?q=martin&sort=-name')
  const table = await screen.findByRole('table')
  await waitFor(() => expect(within(table).getAllByRole('row').length).toBeGreaterThan(3))
  const names = within(table).getAllByRole('rowheader').map((cell) => cell.textContent)
  expect(names.every((name) => name.startsWith('MARTIN'))).toBe(true)
  expect(within(table).getByRole('columnheader', { name: 'Nom' }).getAttribute('aria-sort')).toBe('descending')
})

test('homonyms are told apart by their birth, the others are not', async () => {
  openConsole('/people?q=martin')
  const both = await screen.findAllByText(/^Homonyme · /)
  expect(both.map((one) => one.textContent)).toEqual(['Homonyme · 02/09/1971', 'Homonyme · 14/02/1988'])
})

test('closing for good needs a reason, and says what is kept', async () => {
  let at = ''
  const opened = openConsole('/nowhere', (fake) => (at = `/people/${fake.state.souls[0]?.row.id ?? ''}`))
  opened.history.push(at)
  await opened.user.click(await screen.findByRole('button', { name: 'Fermer d’urgence' }))
  const dialog = await screen.findByRole('alertdialog')
  expect(dialog.textContent).toContain('Le dossier est conservé.')
  await opened.user.type(within(dialog).getByRole('textbox'), 'Départ immédiat')
  await opened.user.click(within(dialog).getByRole('button', { name: 'Fermer l’accès' }))
  await screen.findByText('Accès fermé. Le dossier est conservé.')
  const close = opened.sent.find(({ path }) => path.endsWith('/close'))
  expect(close?.body).toEqual({ motive: 'Départ immédiat' })
  expect(close?.headers.get('idempotency-key')).toMatch(/^[0-9a-f]{32}$/)
})

test('search finds people by name, accents and order indifferent, and opens the record', async () => {
  const { user, history, fake } = openConsole('/')
  const marie = fake.state.souls.find((one) => one.row.birth_family)
  await user.type(await screen.findByRole('combobox', { name: 'Rechercher dans Hygie' }), 'marie durand')
  await user.click(await screen.findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  await waitFor(() => expect(history.location.pathname).toBe(`/people/${marie?.row.id ?? ''}`))
})

test('a refusal reference opens its entry in the log', async () => {
  const { user, history } = openConsole('/')
  await user.type(await screen.findByRole('combobox', { name: 'Rechercher dans Hygie' }), '7k3-p2q')
  await user.click(await screen.findByRole('option', { name: /7K3-P2Q/ }))
  await waitFor(() => expect(history.location.href).toMatch(/^\/audit\?entry=\d+$/))
})
