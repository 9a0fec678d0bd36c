import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

test('a refused form says so under each field, and nothing is saved', async () => {
  const { user, fake } = openConsole('/applications/new')
  await user.type(await screen.findByLabelText('Adresses de retour'), 'http://dpi.exemple.fr/retour')
  await user.click(screen.getByRole('button', { name: 'Enregistrer l’application' }))
  expect((await screen.findByRole('alert')).textContent).toContain('2 champs sont à revoir. Rien n’a été enregistré.')
  expect(screen.getByLabelText('Nom').getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByText('Chaque adresse commence par https://')).toBeTruthy()
  expect(fake.state.clients.length).toBe(2)
})

test('a new application shows its secret once', async () => {
  const { user, sent } = openConsole('/applications/new')
  await user.type(await screen.findByLabelText('Nom'), 'Imagerie')
  await user.type(screen.getByLabelText('Adresses de retour'), 'https://pacs.exemple.fr/retour')
  await user.click(screen.getByRole('radio', { name: /^Comme P/ }))
  await user.click(screen.getByRole('button', { name: 'Enregistrer l’application' }))
  expect(await screen.findByText('hyg_cs_7Yp2mKq9Rt4Vw8Xz1Bc6Nd3F')).toBeTruthy()
  expect(screen.getByText('Ce secret ne sera plus affiché. Copiez-le maintenant.')).toBeTruthy()
  expect(sent.find(({ method }) => method === 'POST')?.body).toMatchObject({ name: 'Imagerie', profile: 'psc_like', redirect_uris: ['https://pacs.exemple.fr/retour'] })
})

test('the token of a chosen person, claim by claim, what is not sent with its reason', async () => {
  const { user } = openConsole('/applications/dpi-valmont?tab=attributs')
  await user.type(await screen.findByRole('combobox', { name: /^Pour qui\s\?$/ }), 'martin durand')
  await user.click(await screen.findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  const table = await screen.findByRole('table', { name: 'Attributs' })
  expect(within(table).getByRole('row', { name: /family_name/ }).textContent).toContain('MARTIN')
  expect(within(table).getByRole('row', { name: /rpps/ }).textContent).toContain('Aucun RPPS relié.')
})

test('someone else changed it first: nothing is overwritten', async () => {
  const { user, fake } = openConsole('/applications/labo')
  await user.click(await screen.findByRole('button', { name: 'Modifier' }))
  const field = screen.getByRole('textbox', { name: 'Adresses de retour' })
  await user.clear(field)
  await user.type(field, 'https://labo2.exemple.fr/retour')
  const labo = fake.state.clients[1]
  if (labo) Object.assign(labo, { etag: '"9"', redirect_uris: ['https://labo.ch-valmont.example/roy'] })
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  const compared = await screen.findByRole('table', { name: 'Ce qui a changé, champ par champ' })
  expect(within(compared).getByRole('row', { name: /Adresses de retour/ }).textContent).toContain('https://labo.ch-valmont.example/roy')
  expect((screen.getByRole('textbox', { name: 'Adresses de retour' }) as HTMLTextAreaElement).value).toBe('https://labo2.exemple.fr/retour')
  expect(labo?.redirect_uris).toEqual(['https://labo.ch-valmont.example/roy'])
  // Seen, then saved over it knowingly.
  await user.click(screen.getByRole('button', { name: 'J’ai vu ce qui a changé' }))
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  await waitFor(() => expect(labo?.redirect_uris).toEqual(['https://labo2.exemple.fr/retour']))
})
