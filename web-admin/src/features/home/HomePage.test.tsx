import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

test('each line to treat leads to what it counts', async () => {
  const { user, history } = openConsole('/')
  const todo = await screen.findByRole('region', { name: 'À traiter' })
  const lines = within(todo).getAllByRole('link')
  expect(lines.map((line) => line.getAttribute('href'))).toEqual([expect.stringMatching(/^\/runs\//), '/cases?kind=national_identity', '/cases?kind=conflict', '/cases?kind=duplicate', '/people?account_over=true', '/register?tab=due&within=60', '/applications'])
  expect(lines.at(-1)?.textContent).toMatch(/^1application dont la dérogation finit sous 30 jDès le .*, elle ne s’ouvre plus\.$/)
  await user.click(within(todo).getByRole('link', { name: /contrats finis, compte actif/ }))
  await waitFor(() => expect(history.location.href).toBe('/people?account_over=true'))
  expect(await screen.findByText(/fini, compte actif/)).toBeTruthy()
})

test('what HR would change is read from here, and shown before anything is done', async () => {
  const { user, history, sent } = openConsole('/')
  const health = await screen.findByRole('region', { name: 'Santé des sources' })
  await user.click(within(health).getByRole('button', { name: 'Aperçu RH' }))
  await waitFor(() => expect(history.location.pathname).toMatch(/^\/runs\//))
  expect(sent.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([expect.stringMatching(/^\/api\/v1\/sources\/[^/]+\/preview$/)])
})

test('the auditor is offered no reading', async () => {
  openConsole('/', (fake) => (fake.state.roles = ['auditor']))
  const health = await screen.findByRole('region', { name: 'Santé des sources' })
  expect(within(health).queryByRole('button', { name: /Aperçu/ })).toBeNull()
})

test('the first day shows the steps, the next one in the foreground', async () => {
  openConsole('/', (fake) => (fake.state.setupDone = false))
  const journey = await screen.findByRole('region', { name: /Premiers pas/ })
  const steps = within(journey).getAllByRole('listitem')
  expect(steps.map((step) => step.textContent)).toEqual([expect.stringContaining('fait'), expect.stringContaining('fait'), ...Array.from({ length: 4 }, () => expect.stringContaining('à faire'))])
  const buttons = within(journey).getAllByRole('link')
  expect(buttons.map((button) => button.className.includes('primary'))).toEqual([false, false, true, false, false, false])
})

test('what changed is told since the last visit, and the log opens on that day', async () => {
  openConsole('/')
  const since = await screen.findByRole('region', { name: /Depuis votre dernière visite/ })
  const day = new Date('2026-11-22T14:12:08+01:00')
  day.setMinutes(day.getMinutes() - 20 * 60 - 10)
  expect(within(since).getByRole('link', { name: /Tout voir dans le journal/ }).getAttribute('href')).toBe(`/audit?from=${day.toISOString().slice(0, 10)}`)
})
