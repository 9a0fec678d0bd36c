import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { heldVersion } from '../../../mock-api/register'
import { openConsole } from '../../app/test-console'

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T14:12:08+01:00'), toFake: ['Date'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const row = (table: HTMLElement, name: RegExp) => within(table).getByRole('row', { name }).textContent

test('from all staff to those linked, with the share of those concerned, and where it lags first', async () => {
  openConsole('/register')
  const funnel = await screen.findByRole('table', { name: 'Du personnel aux liens' })
  expect(row(funnel, /^Personnel en poste/)).toMatch(/4\s812/)
  expect(row(funnel, /^Reliés/)).toMatch(/2\s555.*97,8\s%/)
  const units = screen.getByRole('table', { name: 'Reliés par unité' })
  expect(within(units).getAllByRole('rowheader')[0]?.textContent).toBe('Bloc opératoire')
  expect(row(units, /^Bloc/)).toMatch(/176 \/ 200.*88,0\s%/)
  expect(row(screen.getByRole('table', { name: 'Reliés par profession' }), /^Orthophoniste/)).toMatch(/2 \/ 4< 5/)
})

test('what is not whole is never shown as 100 %', async () => {
  openConsole('/register')
  const card = await screen.findByRole('region', { name: /^Indicateurs HospiConnect/ })
  expect(card.textContent).toMatch(/^Indicateurs.*Soignants de la RH actifs dans Hygie I-0199,7\s%2\s604 \/ 2\s610/)
})

test('a change is settled once, and found again among those seen', async () => {
  const { user, fake } = openConsole('/register?tab=changes')
  const table = await screen.findByRole('table', { name: /^Ce que l’Annuaire Santé change/ })
  const before = within(table).getAllByRole('row').length
  const [first] = within(table).getAllByRole('button', { name: /^C’est vu/ })
  if (first) await user.click(first)
  await waitFor(() => expect(screen.getAllByRole('row').length).toBe(before - 1))
  expect(fake.state.register.changes[0]?.settled_by).toBe('L. Delmas')
  await user.click(screen.getByRole('radio', { name: 'Déjà vus' }))
  await waitFor(() => expect(screen.getAllByRole('row').length).toBe(3))
})

test('a held version waits for two people, and says until when', async () => {
  const { user, sent } = openConsole('/register', (fake) => (fake.state.register.held = heldVersion(fake.state.clock)))
  await user.click(await screen.findByRole('button', { name: 'Prendre cette version…' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Demander un second accord' }))
  expect(await screen.findByText(/^En attente d’un second accord \(jusqu’à \d\d:27\)/)).toBeTruthy()
  expect(sent.some(({ method, path }) => method === 'POST' && path === '/api/v1/register/accept')).toBe(true)
})

test('a held version says how many people here it changes, where it is judged and where it is asked', async () => {
  const { user } = openConsole('/register', (fake) => (fake.state.register.held = heldVersion(fake.state.clock)))
  const told = /^Sur 2\s555 personnes reliées ici\s: 61 changent de profession, 14 de nom, aucune ne disparaît\.$/
  await screen.findByText(told)
  await user.click(screen.getByRole('button', { name: 'Écarter cette version…' }))
  expect(within(await screen.findByRole('alertdialog')).getByText(told)).toBeTruthy()
})

test('an accord that waits blocks the version that it is about, and no other; whoever asked for it is told so', async () => {
  const asked = { id: '0193a5b0-3333-7000-8000-000000000001', act: 'accept_register', subject: '2026-11-22', asked_by: 'M. Roy', asked_at: '2026-11-22T12:50:00Z', mine: false }
  const waits = (content: string, until: string, mine: boolean) =>
    openConsole('/register', ({ state }) => {
      state.register.held = heldVersion(state.clock)
      state.accords = [{ ...asked, until, mine, register_content: content }]
    })
  const take = () => screen.findByRole('button', { name: /^Prendre cette version…/ })
  const before = waits('content-2026-11-15', '2026-11-22T13:20:00Z', false)
  expect((await take()).getAttribute('aria-disabled')).toBeNull()
  before.unmount()
  const colleague = waits('content-2026-11-22', '2026-11-23T13:20:00Z', false)
  expect((await take()).getAttribute('aria-disabled')).toBe('true')
  expect(screen.getByText(/^Un second accord est déjà demandé, jusqu’à demain \d\d:20\.$/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Refuser' })).toBeTruthy()
  await colleague.user.click(screen.getByRole('button', { name: 'Donner mon accord' }))
  expect(await screen.findByText('Accord donné, c’est fait.')).toBeTruthy()
  expect(colleague.sent.some(({ path }) => path === `/api/v1/accords/${asked.id}/give`)).toBe(true)
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Donner mon accord' })).toBeNull())
  colleague.unmount()
  waits('content-2026-11-22', '2026-11-22T13:20:00Z', true)
  await take()
  expect(screen.queryByRole('button', { name: 'Donner mon accord' })).toBeNull()
  expect(screen.getByText(/^Vous avez demandé un second accord, jusqu’à \d\d:20\.$/).parentElement?.textContent).toContain('vous y retirez votre demande')
})

test('links due are listed by window, and leave as a file of the same window', async () => {
  const { user } = openConsole('/register?tab=due')
  const late = await screen.findByRole('table', { name: /^Liens à revérifier/ })
  const overdue = within(late).getAllByRole('row').length
  await user.click(screen.getByRole('radio', { name: 'Sous 6 mois' }))
  await waitFor(() => expect(within(screen.getByRole('table', { name: /^Liens à revérifier/ })).getAllByRole('row').length).toBeGreaterThan(overdue))
  const link = screen.getByRole('link', { name: 'Exporter (CSV)' }) as HTMLAnchorElement
  expect(link.getAttribute('href')).toBe('/api/v1/register/due.csv?within_days=180')
})

test('an overdue link is verified on what was looked at, and leaves the list', async () => {
  const { user, sent } = openConsole('/register?tab=due&within=180')
  const rows = async () => within(await screen.findByRole('table', { name: /^Liens à revérifier/ })).getAllByRole('row')
  const before = (await rows()).length
  await user.click(screen.getAllByRole('button', { name: /^Lien vérifié/ })[0] as HTMLElement)
  const dialog = await screen.findByRole('alertdialog', { name: /^Le lien d.* est-il vérifié/ })
  expect(dialog.textContent).toContain('Votre clé sera demandée.')
  expect(within(dialog).getByRole('button', { name: /^Noter la vérification/ }).getAttribute('aria-disabled')).toBe('true')
  await user.click(within(dialog).getByRole('radio', { name: 'Carte professionnelle vue' }))
  await user.click(within(dialog).getByRole('button', { name: /^Noter la vérification/ }))
  await screen.findByText(/vérifié\. Il le sera de nouveau dans deux ans\.$/)
  expect(sent.find(({ path }) => path.endsWith('/verify'))?.body).toEqual({ evidence: 'professional_card' })
  await waitFor(async () => expect((await rows()).length).toBe(before - 1))
})

test('who may not decide sees the links and verifies none', async () => {
  openConsole('/register?tab=due', (fake) => (fake.state.roles = ['desk_agent', 'technician']))
  await screen.findByRole('table', { name: /^Liens à revérifier/ })
  expect(screen.queryByRole('button', { name: /^Lien vérifié/ })).toBeNull()
})

test('the work list is cut by what is to be done', async () => {
  const { user } = openConsole('/register?tab=worklist')
  const table = await screen.findByRole('table', { name: /RPPS\+$/ })
  // What HR says of their work; what the register says is not told here.
  expect(within(table).getByRole('columnheader', { name: 'Rôle à déclarer' })).toBeTruthy()
  const all = within(table).getAllByRole('row').length
  await user.click(screen.getByRole('radio', { name: /^Rôle à corriger/ }))
  expect(within(table).getAllByRole('row').length).toBeLessThan(all)
  expect(within(table).getAllByRole('row').slice(1).every((one) => one.textContent.endsWith('Rôle à corriger'))).toBe(true)
})

test('who may read sources and nothing of people is told which right is missing', async () => {
  openConsole('/register?tab=changes', (fake) => (fake.state.roles = ['desk_agent', 'technician']))
  expect(await screen.findByRole('table', { name: /^Ce que l’Annuaire Santé change/ })).toBeTruthy()
  const settle = screen.getAllByRole('button', { name: /^C’est vu/ })[0]
  expect(settle?.getAttribute('aria-disabled')).toBe('true')
})
