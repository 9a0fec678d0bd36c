import { render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { ProblemError } from '../lib/problem'
import { View } from './States'

test('data already read stay, with their age, when the server goes away', () => {
  vi.useFakeTimers({ now: new Date('2026-11-22T14:12:00'), toFake: ['Date'] })
  const query = { data: 'MARQUET Bruno', error: new ProblemError(0, { code: 'unreachable' }), isPending: false, dataUpdatedAt: new Date('2026-11-22T02:14:00').getTime(), refetch: vi.fn() }
  const view = () => <View query={{ ...query }}>{(name) => <p>{name}</p>}</View>
  const { rerender } = render(view())
  expect(screen.getByText('MARQUET Bruno')).toBeTruthy()
  expect(screen.getByRole('status').textContent).toBe('Données de 02:14. Le serveur ne répond pas, les modifications reprendront au retour.')
  vi.setSystemTime(new Date('2026-11-23T08:00:00'))
  rerender(view())
  expect(screen.getByRole('status').textContent).toContain('Données lues hier à 02:14.')
  vi.useRealTimers()
})

test('a server that does not answer is named, and asked again', async () => {
  const refetch = vi.fn()
  render(<View query={{ data: undefined, error: new ProblemError(0, { code: 'unreachable' }), isPending: false, dataUpdatedAt: 0, refetch }}>{() => null}</View>)
  expect(screen.getByRole('alert').textContent).toContain('Le serveur ne répond pas. Rien n’a été modifié.')
  screen.getByRole('button', { name: 'Réessayer' }).click()
  expect(refetch).toHaveBeenCalledOnce()
})
