import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { Api } from '../api/types'
import { openConsole } from './test-console'

afterEach(() => vi.unstubAllGlobals())

const asked = (mine: boolean): Api['Accord'] => ({ id: 'a1', act: 'accept_register', subject: '2026-11-22', asked_by: 'M. Roy', asked_at: '2026-11-22T13:00:00Z', until: '2026-11-22T13:15:00Z', mine })

test('a colleague is asked, and what was agreed is gone from the list', async () => {
  const { user, fake, sent } = openConsole('/', (one) => (one.state.accords = [asked(false)]))
  await user.click(await screen.findByRole('button', { name: '1 accord attendu' }))
  const tray = await screen.findByRole('dialog', { name: 'Seconds accords attendus' })
  expect(tray.textContent).toMatch(/Prendre la version du 22\/11\/2026.*Demandé par M\. Roy/)
  await user.click(within(tray).getByRole('button', { name: /^Donner mon accord/ }))
  await waitFor(() => expect(fake.state.accords).toEqual([]))
  expect(sent.some(({ path }) => path === '/api/v1/accords/a1/give')).toBe(true)
})

class Credential {
  static parseRequestOptionsFromJSON = (options: object) => options
  toJSON = () => ({ id: 'key' })
}

/** One accord is being given, and the key is waited for; what the key answers is the test's to say. */
async function giving() {
  let resolve: (shown: Credential) => void = () => undefined
  let reject: (cause: Error) => void = () => undefined
  const answer = new Promise<Credential>((yes, no) => ([resolve, reject] = [yes, no]))
  vi.stubGlobal('PublicKeyCredential', Credential)
  Object.defineProperty(navigator, 'credentials', { configurable: true, value: { get: () => answer } })
  const opened = openConsole('/', (one) => {
    one.state.accords = [asked(false)]
    one.state.confirmed.asked = true
  })
  await opened.user.click(await screen.findByRole('button', { name: '1 accord attendu' }))
  const tray = await screen.findByRole('dialog', { name: 'Seconds accords attendus' })
  expect(tray.textContent).toMatch(/Votre clé sera demandée/)
  await opened.user.click(within(tray).getByRole('button', { name: /^Donner mon accord/ }))
  await screen.findByRole('alertdialog', { name: /^C’est bien vous/ })
  return { ...opened, key: { resolve: () => resolve(new Credential()), reject: () => reject(new DOMException('cancelled', 'NotAllowedError')) } }
}

test('who gives an accord shows her key, and is told that it is done', async () => {
  const { fake, key } = await giving()
  key.resolve()
  await screen.findByText('Accord donné, c’est fait.')
  expect(fake.state.accords).toEqual([])
  expect(fake.state.confirmed.acts).toEqual(['release_brake'])
})

test('a key that does not answer gives nothing, and that is said', async () => {
  const { fake, key } = await giving()
  key.reject()
  await screen.findByText(/Votre clé n’a pas été touchée/)
  expect(fake.state.accords).toHaveLength(1)
})

test('an account and a record that are given to somebody are told in their own words', async () => {
  const about = { act: 'link_identity', case_id: 'c1', person_name: 'DURAND Paul' }
  const { user } = openConsole('/', (one) => {
    one.state.accords = [
      { ...asked(false), ...about, id: 'a1', case_kind: 'account' },
      { ...asked(false), ...about, id: 'a2', case_kind: 'duplicate' },
      { ...asked(false), ...about, id: 'a3', case_kind: 'national_identity' },
    ]
  })
  await user.click(await screen.findByRole('button', { name: '3 accords attendus' }))
  const tray = await screen.findByRole('dialog', { name: 'Seconds accords attendus' })
  for (const told of ['Rattacher un compte à DURAND Paul', 'Réunir une fiche à DURAND Paul', 'Relier la fiche de DURAND Paul']) expect(within(tray).getByText(told)).toBeTruthy()
})

test('nobody approves what she asked herself', async () => {
  const { user } = openConsole('/', (one) => (one.state.accords = [asked(true)]))
  await user.click(await screen.findByRole('button', { name: '1 accord attendu' }))
  const tray = await screen.findByRole('dialog', { name: 'Seconds accords attendus' })
  expect(within(tray).queryByRole('button', { name: /^Donner mon accord/ })).toBeNull()
  expect(within(tray).getByRole('button', { name: /^Retirer ma demande/ })).toBeTruthy()
})

test('what one did is listed, and taken back while it can be', async () => {
  const { user, fake, sent } = openConsole('/', (one) => {
    const [first] = one.state.cases
    if (first) Object.assign(first, { state: 'decided', decision: 'none_fits', decided_by: 'Lou Delmas' })
  })
  await user.click(await screen.findByRole('button', { name: /compte de Lou Delmas/ }))
  await user.click(await screen.findByRole('menuitem', { name: 'Mes dernières actions' }))
  const box = await screen.findByRole('dialog', { name: 'Mes dernières actions' })
  await user.click(await within(box).findByRole('button', { name: /^Annuler l’action\u00A0: Cas décidé\u00A0: aucun ne convient, / }))
  await waitFor(() => expect(sent.some(({ path }) => path === `/api/v1/cases/${fake.state.cases[0]?.id ?? ''}/undo`)).toBe(true))
})
