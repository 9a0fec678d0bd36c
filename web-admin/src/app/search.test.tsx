import { screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { openConsole } from './test-console'

afterEach(() => vi.unstubAllGlobals())

test('« Entrée » opens whom the last letters name, never whom the letters before had found', async () => {
  const { user, fake, history } = openConsole('/')
  const field = await screen.findByRole('combobox', { name: /^Recherche/ })
  const first = fake.state.souls[3]?.row
  const other = fake.state.souls.find(({ row }) => row.family !== first?.family && row.given !== first?.given)?.row
  if (!first || !other) throw new Error('the fake has people')
  await user.type(field, first.matricules[0] ?? '')
  await screen.findByRole('option', { name: new RegExp(first.given) })
  await user.clear(field)
  // Typed and sent at once: the answer to these letters is not there yet.
  await user.type(field, `${other.matricules[0] ?? ''}{Enter}`)
  await waitFor(() => expect(history.location.pathname).toBe(`/people/${other.id}`))
})
