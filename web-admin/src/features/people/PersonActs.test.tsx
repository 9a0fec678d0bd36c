import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { FakeAppliance } from '../../../mock-api/server'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

const marie = (fake: FakeAppliance) => fake.state.souls.find(({ row }) => row.matricules[0] === '212094')

async function open() {
  let id = ''
  const opened = openConsole('/nowhere', (fake) => (id = marie(fake)?.row.id ?? ''))
  opened.history.push(`/people/${id}`)
  await screen.findByRole('heading', { level: 1, name: /MARTIN/ })
  return opened
}

async function other(opened: Awaited<ReturnType<typeof open>>, name: RegExp) {
  await opened.user.click(screen.getByRole('button', { name: 'Autres actions' }))
  await opened.user.click(await screen.findByRole('menuitem', { name }))
  return screen.findByRole('alertdialog')
}

test('suspended with a motive, then resumed', async () => {
  const opened = await open()
  const asked = await other(opened, /^Suspendre$/)
  const verb = within(asked).getByRole('button', { name: /^Suspendre/ })
  expect(verb.getAttribute('aria-disabled')).toBe('true')
  await opened.user.type(within(asked).getByRole('textbox'), 'Badge prêté')
  await opened.user.click(within(asked).getByRole('button', { name: 'Suspendre' }))
  await waitFor(() => expect(marie(opened.fake)?.row.state).toBe('suspended'))
  const back = await other(opened, /^Lever la suspension$/)
  await opened.user.type(within(back).getByRole('textbox'), 'Badge rendu')
  await opened.user.click(within(back).getByRole('button', { name: 'Lever la suspension' }))
  await waitFor(() => expect(marie(opened.fake)?.row.state).toBe('active'))
})

test('closed on a day to come, which is shown and can be taken back', async () => {
  const opened = await open()
  const asked = await other(opened, /^Fermer à une date/)
  await opened.user.click(within(asked).getAllByRole('spinbutton')[0] as HTMLElement)
  await opened.user.keyboard('31122026')
  await opened.user.type(within(asked).getByRole('textbox', { name: /^Motif/ }), 'Retraite')
  await opened.user.click(within(asked).getByRole('button', { name: 'Prévoir la fermeture' }))
  expect(await screen.findByText('Fermeture prévue à la fin du 31/12/2026')).toBeTruthy()
  expect(opened.sent.find(({ path }) => path.endsWith('/close'))?.body).toEqual({ motive: 'Retraite', on: '2026-12-31' })
  const back = await other(opened, /^Annuler la fermeture/)
  await opened.user.click(within(back).getByRole('button', { name: 'Annuler la fermeture prévue' }))
  await waitFor(() => expect(screen.queryByText('Fermeture prévue à la fin du 31/12/2026')).toBeNull())
})

test('one session is ended where it is open', async () => {
  const opened = await open()
  await opened.user.click(screen.getByRole('button', { name: /^Fermer la session\s: Firefox, poste CARD-3A-02$/ }))
  const asked = await screen.findByRole('alertdialog')
  await opened.user.click(within(asked).getByRole('button', { name: 'Fermer la session' }))
  await waitFor(() => expect(marie(opened.fake)?.sessions).toEqual([]))
})
