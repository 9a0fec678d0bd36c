import { screen, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

const card = async (name: string) => within(await screen.findByRole('region', { name: new RegExp(`^${name}`) }))

test('what is out of reach is named with its moment, and nothing when all is reached', async () => {
  const { fake, client } = openConsole('/system')
  await (await card('Dépendances')).findByText('Aucune dépendance injoignable')
  fake.state.degraded = [{ dependency: 'active_directory', since: fake.state.clock.ago(90), stops_someone: true }]
  await client.invalidateQueries()
  const line = await (await card('Dépendances')).findByText(/^Injoignable depuis/)
  expect(line.closest('div')?.textContent).toContain('Active Directory')
})

test('the jobs of the day are listed with where each stands', async () => {
  const { fake, client } = openConsole('/system')
  await (await card('Travaux')).findByText('Aucun travail aujourd’hui.')
  fake.state.jobs = [{ id: '0193a5b0-2222-7000-8000-000000000009', kind: 'register_import', state: 'failed', done: 1200, total: 5000, unit: 'lines', resumable: false, started_at: fake.state.clock.ago(5), finished_at: fake.state.clock.ago(4) }]
  await client.invalidateQueries()
  const table = within(await (await card('Travaux')).findByRole('table', { name: 'Travaux en cours et de la journée' }))
  expect(table.getByRole('rowheader').textContent).toBe('Lecture du registre')
  expect(table.getByText('Arrêté avant la fin')).toBeTruthy()
})
