import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openConsole } from '../../app/test-console'
import said from '../../lib/settings.json'

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T14:12:08+01:00'), toFake: ['Date'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const page = '/applications/labo?tab=reglages'

/** The form of an application, open. */
async function opened(arrange?: Parameters<typeof openConsole>[1]) {
  const console = openConsole(page, arrange)
  await console.user.click(await screen.findByRole('button', { name: 'Modifier les réglages' }))
  const save = async () => {
    await console.user.click(screen.getByRole('button', { name: 'Enregistrer' }))
    const question = await screen.findByRole('alertdialog')
    await console.user.click(within(question).getByRole('button', { name: 'Enregistrer' }))
  }
  const patched = () => console.sent.filter(({ method }) => method === 'PATCH').at(-1)?.body
  return { ...console, save, patched }
}

test('the settings are read in four parts, and their tab is the one that is open', async () => {
  openConsole(page)
  for (const part of ['Jetons', 'Demandes', 'Réponses', 'Déconnexion']) expect(await screen.findByRole('heading', { level: 3, name: part })).toBeTruthy()
  const tabs = within(screen.getByRole('navigation', { name: 'Parties de la fiche' })).getAllByRole('link')
  expect(tabs.filter((link) => link.getAttribute('aria-current')).map((link) => link.textContent)).toEqual(['Réglages'])
})

test('what was changed is sent alone, and an emptied field takes off what it said', async () => {
  const { user, save, patched } = await opened()
  await user.type(screen.getByRole('textbox', { name: 'Durée du rafraîchissement' }), '3600 s')
  await user.click(screen.getByRole('checkbox', { name: 'Demande poussée exigée (PAR)' }))
  await user.selectOptions(screen.getByRole('combobox', { name: 'Format de userinfo' }), 'ES256')
  await user.clear(screen.getByRole('textbox', { name: 'Adresse prévenue à la déconnexion' }))
  expect(screen.getByText('4 modifications non enregistrées')).toBeTruthy()
  await save()
  await waitFor(() => expect(patched()).toEqual({ protocol: { refresh_seconds: 3600, par_required: true, userinfo_algorithm: 'ES256', backchannel_logout_uri: null } }))
  expect(await screen.findByText('JWT signé ES256')).toBeTruthy()
})

test('a claim goes into the token once it is granted, and leaves it when it is taken back', async () => {
  const { user, save, patched } = await opened()
  const table = screen.getByRole('table', { name: 'Attributs demandables' })
  const box = (name: string) => within(table).getByRole<HTMLInputElement>('checkbox', { name })
  const inToken = 'Dans le jeton d’identité\u00a0: rpps'
  expect(box(inToken).disabled).toBe(true)
  await user.click(box('Demandable\u00a0: rpps'))
  await user.click(box(inToken))
  await user.click(box('Demandable\u00a0: finess'))
  await user.click(box('Demandable\u00a0: finess'))
  await save()
  await waitFor(() => expect(patched()).toEqual({ protocol: { claims: ['rpps'], id_token_claims: ['rpps'] } }))
})

test('each contradiction is told beside its field, and the summary leads there', async () => {
  const { user, save } = await opened()
  await user.click(screen.getByRole('checkbox', { name: '«\u00a0nonce\u00a0» exigé' }))
  const grace = screen.getByRole('textbox', { name: 'Tolérance de réemploi' })
  await user.clear(grace)
  await user.type(grace, '30')
  await save()
  const alert = await screen.findByRole('alert')
  expect(alert.textContent).toContain('Tolérance de réemploi')
  expect(await screen.findByText('Sans PKCE, il reste exigé. Exigez PKCE, ou passez par une dérogation datée.')).toBeTruthy()
  expect(grace.getAttribute('aria-invalid')).toBe('true')
  await user.click(within(alert).getByRole('button', { name: 'Tolérance de réemploi' }))
  expect(document.activeElement).toBe(grace)
})

test('another identifier of people is warned of before it is saved', async () => {
  const { user } = await opened()
  await user.click(screen.getByRole('checkbox', { name: /^Identifiant propre/ }))
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  const question = await screen.findByRole('alertdialog')
  expect(question.textContent).toContain('Elle ne retrouvera pas les comptes')
})

test('a colleague who saved first is looked at, and what was not typed here follows', async () => {
  const { user, fake, save, patched } = await opened()
  const labo = fake.state.clients[1]
  if (!labo) throw new Error('no application')
  await user.click(screen.getByRole('checkbox', { name: 'PKCE exigé' }))
  Object.assign(labo, { protocol: { ...labo.protocol, par_required: true }, etag: '"9"' })
  await save()
  expect((await screen.findByRole('rowheader', { name: 'Demande poussée exigée (PAR)' })).parentElement?.textContent).toContain('Oui')
  await user.click(await screen.findByRole('button', { name: 'J’ai vu ce qui a changé' }))
  expect(screen.getByRole<HTMLInputElement>('checkbox', { name: 'Demande poussée exigée (PAR)' }).checked).toBe(true)
  expect(screen.getByText('1 modification non enregistrée')).toBeTruthy()
  await save()
  await waitFor(() => expect(patched()).toEqual({ protocol: { pkce_required: true } }))
})

test('what waits for a second person says so', async () => {
  const { user, save } = await opened((fake) => {
    const labo = fake.state.clients[1]
    if (labo) Object.assign(labo, { profile: 'legacy', accord: { id: '0193a5b0-3333-7000-8000-000000000002', until: '2026-11-22T13:27:08Z' } })
  })
  await user.click(screen.getByRole('checkbox', { name: '«\u00a0state\u00a0» exigé' }))
  await save()
  expect(await screen.findByText(/^En attente d’un second accord/)).toBeTruthy()
})

test('whoever may not change applications reads them', async () => {
  openConsole(page, (fake) => (fake.state.roles = ['auditor']))
  const change = await screen.findByRole('button', { name: /^Modifier les réglages/ })
  expect(change.getAttribute('aria-disabled')).toBe('true')
})

test.each(Object.entries(said))('%s is in both languages, by the rules of French', (_, { fr, en }) => {
  expect(en.length).toBeGreaterThan(0)
  expect(fr).not.toMatch(/'|\.\.\.|[^\u202f][;!?]|[^\u00a0]:|«[^\u00a0]|[^\u00a0]»|!/)
  expect(fr).not.toMatch(/\b(erreur|invalide|oups|échec)/i)
  expect(fr.match(/\{\w+\}/g)).toEqual(en.match(/\{\w+\}/g))
})
