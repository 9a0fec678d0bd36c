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

test('what is refused is named above the form, and leads to its field', async () => {
  const { user } = openConsole('/applications/new')
  await user.type(await screen.findByLabelText('Adresses de retour'), 'http://dpi.exemple.fr/retour')
  await user.click(screen.getByRole('button', { name: 'Enregistrer l’application' }))
  const told = await screen.findByRole('alert')
  expect(told.contains(document.activeElement) || document.activeElement?.contains(told)).toBe(true)
  await user.click(within(told).getByRole('button', { name: 'Adresses de retour' }))
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Adresses de retour' }))
})

test('a proof that the profile does not take is told under its choice', async () => {
  const { user, fake } = openConsole('/applications/new')
  await user.type(await screen.findByLabelText('Nom'), 'Imagerie')
  await user.type(screen.getByLabelText('Adresses de retour'), 'https://imagerie.exemple.fr/retour')
  await user.click(screen.getByRole('radio', { name: /Strict/ }))
  await user.click(screen.getByRole('button', { name: 'Enregistrer l’application' }))
  const told = await screen.findByRole('alert')
  expect(screen.getByText(/^Le profil strict demande une clé/)).toBeTruthy()
  await user.click(within(told).getByRole('button', { name: 'Preuve du client' }))
  expect(document.activeElement).toBe(screen.getByRole('combobox', { name: 'Preuve du client' }))
  expect(fake.state.clients.length).toBe(2)
})

test('what is not kept yet is counted, and is not lost by a click beside it', async () => {
  const { user, history } = openConsole('/applications/new')
  const counted = () => screen.getAllByRole('status').some((one) => one.textContent === '2 modifications non enregistrées')
  await user.type(await screen.findByLabelText('Nom'), 'Imagerie')
  expect(await screen.findByText('1 modification non enregistrée')).toBeTruthy()
  await user.click(screen.getByRole('radio', { name: /^Comme P/ }))
  await waitFor(() => expect(counted()).toBe(true))
  await user.click(screen.getByRole('link', { name: 'Annuler' }))
  const asked = await screen.findByRole('alertdialog', { name: /^Quitter sans enregistrer/ })
  await user.click(within(asked).getByRole('button', { name: 'Annuler' }))
  expect(screen.getByLabelText<HTMLInputElement>('Nom').value).toBe('Imagerie')
  expect(history.location.pathname).toBe('/applications/new')
  await user.click(screen.getByRole('link', { name: 'Annuler' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Quitter' }))
  await waitFor(() => expect(history.location.pathname).toBe('/applications'))
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

test('an application that signs gives its public keys, and gets no secret', async () => {
  const { user, sent } = openConsole('/applications/new')
  await user.type(await screen.findByLabelText('Nom'), 'Imagerie')
  await user.type(screen.getByLabelText('Adresses de retour'), 'https://pacs.exemple.fr/retour')
  await user.selectOptions(screen.getByLabelText('Preuve du client'), 'private_key_jwt')
  await user.click(screen.getByRole('button', { name: 'Enregistrer l’application' }))
  expect(await screen.findByText('Cette valeur n’a pas la forme attendue.')).toBeTruthy()
  const jwks = '{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b"}]}'
  screen.getByLabelText('Clés publiques (JWKS)').focus()
  await user.paste(jwks)
  await user.click(screen.getByRole('button', { name: 'Enregistrer l’application' }))
  expect(await screen.findByText(/Imagerie est enregistrée/)).toBeTruthy()
  expect(screen.queryByText('Ce secret ne sera plus affiché. Copiez-le maintenant.')).toBeNull()
  expect(sent.filter(({ method }) => method === 'POST').at(-1)?.body).toMatchObject({ auth: 'private_key_jwt', jwks })
})

test('an old connector says why, who answers and until when, and waits for a colleague', async () => {
  const { user, sent } = openConsole('/applications/new')
  await user.type(await screen.findByLabelText('Nom'), 'Ancien')
  await user.type(screen.getByLabelText('Adresses de retour'), 'https://ancien.exemple.fr/retour')
  await user.click(screen.getByRole('radio', { name: /^Ancien/ }))
  await user.click(screen.getByRole('button', { name: 'Enregistrer et demander l’accord' }))
  expect(await screen.findByText('Une dérogation demande une raison et une date de fin.')).toBeTruthy()
  await user.type(screen.getByLabelText('Qui en répond'), 'M. Roy')
  await user.type(screen.getByLabelText('Raison'), 'Version 4 attendue en mars')
  await user.click(screen.getAllByRole('spinbutton')[0] as HTMLElement)
  await user.keyboard('31032027')
  await user.click(screen.getByRole('button', { name: 'Enregistrer et demander l’accord' }))
  expect(await screen.findByText(/^En attente d’un second accord/)).toBeTruthy()
  expect(sent.filter(({ method }) => method === 'POST').at(-1)?.body).toMatchObject({ relaxation: { owner: 'M. Roy', until: '2027-03-31T23:59:59Z' } })
})

test('the token of a chosen person, claim by claim, what is not sent with its reason', async () => {
  const { user } = openConsole('/applications/dpi-valmont?tab=attributs')
  await user.type(await screen.findByRole('combobox', { name: /^Pour qui\s\?$/ }), 'martin durand')
  await user.click(await screen.findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  const table = await screen.findByRole('table', { name: 'Attributs' })
  const field = screen.getByRole<HTMLInputElement>('combobox', { name: /^Pour qui\s\?$/ })
  await waitFor(() => expect(field.value).toBe('MARTIN (née DURAND) Marie'))
  expect(document.activeElement).toBe(field)
  expect(within(table).getByRole('row', { name: /family_name/ }).textContent).toContain('MARTIN')
  expect(within(table).getByRole('row', { name: /rpps/ }).textContent).toContain('Aucun RPPS relié.')
})

test('who practises here in several ways is said to be asked, among what', async () => {
  const { user } = openConsole('/applications/dpi-valmont?tab=attributs')
  await user.type(await screen.findByRole('combobox', { name: /^Pour qui\s\?$/ }), 'martin-roux claire')
  await user.click(await screen.findByRole('option', { name: /MARTIN-ROUX Claire/ }))
  const asked = await screen.findByText(/^Elle choisira son exercice à sa connexion/)
  expect(asked.parentElement?.textContent).toContain('Psychologue, CH de Valmont')
  expect(screen.queryByText(/^Exercice transmis/)).toBeNull()
})

test('someone else changed it first: nothing is overwritten', async () => {
  const { user, fake } = openConsole('/applications/labo')
  await user.click(await screen.findByRole('button', { name: 'Modifier les adresses de retour' }))
  const field = screen.getByRole('textbox', { name: 'Adresses de retour' })
  await user.clear(field)
  await user.type(field, 'https://labo2.exemple.fr/retour')
  const labo = fake.state.clients[1]
  if (labo) Object.assign(labo, { etag: '"9"', redirect_uris: ['https://labo.ch-valmont.example/roy'] })
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  const compared = await screen.findByRole('table', { name: 'Ce qui a changé, champ par champ' })
  expect(within(compared).getByRole('row', { name: /Adresses de retour/ }).textContent).toContain('https://labo.ch-valmont.example/roy')
  // What was typed here stands beside it.
  expect(within(compared).getByRole('columnheader', { name: 'Votre saisie' })).toBeTruthy()
  expect(within(compared).getByRole('cell', { name: 'https://labo2.exemple.fr/retour' })).toBeTruthy()
  expect((screen.getByRole('textbox', { name: 'Adresses de retour' }) as HTMLTextAreaElement).value).toBe('https://labo2.exemple.fr/retour')
  expect(labo?.redirect_uris).toEqual(['https://labo.ch-valmont.example/roy'])
  // Seen: what the colleague added stays beside what was typed, until somebody takes it off.
  await user.click(screen.getByRole('button', { name: 'J’ai vu ce qui a changé' }))
  expect((screen.getByRole('textbox', { name: 'Adresses de retour' }) as HTMLTextAreaElement).value).toBe('https://labo.ch-valmont.example/roy\nhttps://labo2.exemple.fr/retour')
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  await waitFor(() => expect(labo?.redirect_uris).toEqual(['https://labo.ch-valmont.example/roy', 'https://labo2.exemple.fr/retour']))
})

test('how it opens a session from another screen is changed, and what contradicts itself is said where it is', async () => {
  const { user, fake, sent } = openConsole('/applications/labo')
  await user.click(await screen.findByRole('button', { name: 'Modifier la connexion depuis un autre écran' }))
  expect(screen.queryByRole('textbox', { name: 'Adresse à prévenir' })).toBeNull()
  await user.click(screen.getByRole('checkbox', { name: /^Demande au portail/ }))
  await user.type(screen.getByRole('textbox', { name: 'Adresse à prévenir' }), 'http://labo.exemple.fr/prevenu')
  await user.click(screen.getByRole('checkbox', { name: /^Accord demandé/ }))
  const save = async () => {
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
    await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  }
  await save()
  expect(await screen.findByText('Chaque adresse commence par https://')).toBeTruthy()
  expect(screen.getByRole('checkbox', { name: /^Accord demandé/, description: /^L’accord se donne dans le navigateur/ })).toBeTruthy()
  await user.click(screen.getByRole('checkbox', { name: /^Accord demandé/ }))
  await user.clear(screen.getByRole('textbox', { name: 'Adresse à prévenir' }))
  await user.type(screen.getByRole('textbox', { name: 'Adresse à prévenir' }), 'https://labo.exemple.fr/prevenu')
  await save()
  expect(await screen.findByText('https://labo.exemple.fr/prevenu')).toBeTruthy()
  expect(fake.state.clients[1]).toMatchObject({ backchannel_login: true, asks_consent: false })
  // No longer asked on the portal: no address is left that nobody calls.
  await user.click(screen.getByRole('button', { name: 'Modifier la connexion depuis un autre écran' }))
  await user.click(screen.getByRole('checkbox', { name: /^Demande au portail/ }))
  await user.click(screen.getByRole('checkbox', { name: /^Identité nationale exigée/ }))
  await save()
  await waitFor(() => expect(sent.filter(({ method }) => method === 'PATCH').at(-1)?.body).toEqual({ device_login: false, backchannel_login: false, asks_consent: false, needs_national_identity: true, backchannel_notification_uri: '' }))
})

test('with no application yet, the page says where the trial one is', async () => {
  openConsole('/applications', (fake) => fake.faults.set('/clients', 'empty'))
  expect(await screen.findByText(/^Aucune application\. Commencez par l’application d’essai/)).toBeTruthy()
  expect(screen.getByText(/^hygie sandbox /)).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Créer une application' })).toBeTruthy()
})
