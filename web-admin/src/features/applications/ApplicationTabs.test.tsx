import { act, screen, waitFor, within } from '@testing-library/react'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FakeAppliance } from '../../../mock-api/server'
import { ref } from '../../../mock-api/world'
import { openConsole } from '../../app/test-console'
import { personName } from '../../lib/format'
import said from './refusals.json'

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T14:12:08+01:00'), toFake: ['Date'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const at = (tab: string, id = 'dpi-valmont') => `/applications/${id}?tab=${tab}`

/** Each part that reads: its address, what it asks, what it shows, what its failure and its emptiness say. */
const parts: [tab: string, asks: string, shows: string, unread: RegExp, empty: (fake: FakeAppliance) => void, nothing: RegExp][] = [
  ['deconnexions', '/clients/dpi-valmont/logouts', 'Fins de session dites à l’application', /^Les déconnexions n’ont pas pu être lues/, (fake) => (fake.state.logouts = []), /^Aucune déconnexion à transmettre\.$/],
  ['journal', '/clients/dpi-valmont/errors', 'Ce que l’application s’est vu refuser, du plus récent au plus ancien', /^Les refus n’ont pas pu être lus/, (fake) => (fake.state.refusals = []), /^Rien ne lui a été refusé depuis un mois\.$/],
  ['controle', '/clients/dpi-valmont/check', 'Ce qu’elle envoie', /^Le rapport n’a pas pu être lu/, (fake) => (fake.state.reports = {}), /^Aucun rapport remis\.$/],
]

describe.each(parts)('the part %s in its six states', (tab, asks, shows, unread, empty, nothing) => {
  test('shows what it is about', async () => {
    openConsole(at(tab))
    expect(await screen.findByRole('table', { name: shows })).toBeTruthy()
    const links = within(screen.getByRole('navigation', { name: 'Parties de la fiche' })).getAllByRole('link')
    expect(links.filter((link) => link.getAttribute('aria-current')).map((link) => link.getAttribute('href'))).toEqual([at(tab)])
  })

  test('nothing yet', async () => {
    openConsole(at(tab), empty)
    expect(await screen.findByText(nothing)).toBeTruthy()
  })

  test('fails with its cause and its reference, the rest of the page standing', async () => {
    openConsole(at(tab), (fake) => fake.faults.set(asks, 'error'))
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toMatch(unread)
    expect(alert.textContent).toContain('Rien n’a été modifié.')
    expect(alert.textContent).toContain('7K3-P2Q')
    expect(screen.getByRole('heading', { level: 1, name: 'DPI Valmont' })).toBeTruthy()
  })

  test('is forbidden', async () => {
    openConsole(at(tab), (fake) => fake.faults.set(asks, 'forbidden'))
    expect(await screen.findByText(/^Cette page demande le droit de lire les applications/)).toBeTruthy()
  })

  test('loads', async () => {
    openConsole(at(tab), (fake) => fake.faults.set(asks, 'slow'))
    await screen.findByRole('heading', { level: 1, name: 'DPI Valmont' })
    expect(await screen.findByText('Chargement…')).toBeTruthy()
  })

  test('keeps what was read when the server is gone, with its age', async () => {
    const { fake, client } = openConsole(at(tab))
    await screen.findByRole('table', { name: shows })
    fake.faults.set(asks, 'error')
    await act(() => client.invalidateQueries())
    expect(await screen.findByText(/^Données de \d\d:12/)).toBeTruthy()
    expect(screen.getByRole('table', { name: shows })).toBeTruthy()
  })
})

test('a receipt says what was sent and why not, is narrowed in the address, and sent again', async () => {
  const { user, history, sent } = openConsole(at('deconnexions'))
  const table = await screen.findByRole('table', { name: 'Fins de session dites à l’application' })
  expect(within(table).getAllByRole('row').length).toBe(7)
  await user.click(screen.getByRole('radio', { name: /^Abandonnées/ }))
  await waitFor(() => expect(history.location.search).toContain('state=given_up'))
  const row = await waitFor(() => {
    const [, only, another] = within(screen.getByRole('table', { name: 'Fins de session dites à l’application' })).getAllByRole('row')
    expect(another).toBeUndefined()
    return only as HTMLElement
  })
  expect(row.textContent).toContain('L’application a répondu par un refus.')
  await user.click(within(row).getByRole('button', { name: /^Renvoyer la fin de session de / }))
  expect(await screen.findByText('Renvoyée : l’application est appelée tout de suite.')).toBeTruthy()
  expect(sent.some(({ method, path }) => method === 'POST' && path.endsWith('/resend'))).toBe(true)
  expect(await screen.findByText('Aucune fin de session ne répond à ce filtre.')).toBeTruthy()
})

test('who may not change an application sends nothing again, and says why', async () => {
  openConsole(at('deconnexions'), (fake) => (fake.state.roles = ['auditor']))
  const [button] = await screen.findAllByRole('button', { name: /^Renvoyer/ })
  expect(button?.getAttribute('aria-disabled')).toBe('true')
  expect(button?.textContent).toContain('Votre rôle ne le permet pas')
})

test('a refusal is told in words, with how to mend it, its reference found in the log', async () => {
  const { user, history } = openConsole(at('journal'), (fake) => (fake.state.roles = ['security_officer']))
  const row = (await screen.findByText('code_verifier n’est pas celui de code_challenge.')).closest('tr') as HTMLElement
  expect(row.textContent).toContain('base64url sans remplissage')
  // A cause that this console does not know yet: its code, for whoever looks it up.
  expect(screen.getByText('Cause que cette version ne sait pas nommer.').closest('th')?.textContent).toContain('a_cause_of_tomorrow')
  expect(screen.getByRole('link', { name: 'Voir dans le journal' }).getAttribute('href')).toBe('/audit?client=dpi-valmont')
  await user.click(within(row).getByRole('link', { name: 'K2M-8QT' }))
  await waitFor(() => expect(history.location.pathname).toBe('/audit'))
  expect(history.location.search).toContain('reference=K2M-8QT')
})

test('whoever answers for one application sees that one alone, and nobody’s name', async () => {
  const owns = (fake: FakeAppliance) => {
    fake.state.roles = ['application_owner']
    const [first] = fake.state.clients
    if (first) first.owners = [{ id: '0193a5b0-1111-7000-8000-000000000002', family: 'Delmas', given: 'Lou', birth_family: null, sex: null, birth_date: null }]
  }
  const { history } = openConsole('/applications', owns)
  expect(await screen.findByRole('link', { name: 'DPI Valmont' })).toBeTruthy()
  expect(screen.queryByRole('link', { name: 'Labo' })).toBeNull()
  act(() => history.push(at('deconnexions')))
  const table = await screen.findByRole('table', { name: 'Fins de session dites à l’application' })
  expect(within(table).getAllByText(/^Session …/).length).toBe(6)
  expect(screen.queryByRole('link', { name: 'Attributs' })).toBeNull()
  act(() => history.push(at('journal')))
  expect(await screen.findByText('K2M-8QT')).toBeTruthy()
  expect(screen.queryByRole('link', { name: 'Voir dans le journal' })).toBeNull()
  act(() => history.push(at('journal', 'labo')))
  expect((await screen.findByRole('alert')).textContent).toContain('Cette application est inconnue.')
})

test('a report says that nothing vouches for it; another is handed in, and a file that is none is refused', async () => {
  const { user, sent } = openConsole(at('controle'))
  expect(await screen.findByText('Rapport remis, non vérifié.')).toBeTruthy()
  expect(screen.getByText('1 à corriger')).toBeTruthy()
  const table = screen.getByRole('table', { name: 'Ce qu’elle fait de réponses justes et fausses' })
  const line = within(table).getByRole('row', { name: /nonce n’est pas le sien/ })
  expect(line.textContent).toContain('À corriger')
  expect(line.textContent).toContain('Comparez le nonce du jeton')
  // The rule says what a good client does; the verdict, whether this one does.
  expect(within(table).getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual(['Constat', 'Ce qui est attendu', 'Comment corriger', 'Référence'])
  const input = screen.getByTestId('report')
  const replace = async () => user.click(within(await screen.findByRole('alertdialog', { name: /^Remplacer le rapport de DPI Valmont/ })).getByRole('button', { name: 'Remplacer le rapport' }))
  await user.upload(input, new File(['rien'], 'rapport.json', { type: 'application/json' }))
  await replace()
  expect((await screen.findByRole('alert')).textContent).toContain('Ce fichier n’est pas un rapport de contrôle.')
  await user.upload(input, new File(['{"name":"DPI 8","requests":[]}'], 'rapport.json', { type: 'application/json' }))
  await replace()
  expect(await screen.findByText('Rapport remis. Il est inscrit au journal.')).toBeTruthy()
  expect(screen.getByText(/DPI 8/)).toBeTruthy()
  expect(sent.filter(({ method }) => method === 'PUT').at(-1)?.body).toEqual({ file: '{"name":"DPI 8","requests":[]}' })
})

test('a file that cannot be read is told, and the report that is kept goes only after it was named', async () => {
  const { user, fake, sent } = openConsole(at('controle', 'labo'))
  const input = await screen.findByTestId('report')
  vi.stubGlobal('FileReader', class {
    error = null
    onload: () => void = () => undefined
    onerror: () => void = () => undefined
    readAsText(file: File) {
      setTimeout(() => (file.name === 'parti.json' ? this.onerror() : this.onload()))
    }
    result = '{"name":"Labo 3","requests":[]}'
  })
  await user.upload(input, new File([''], 'parti.json', { type: 'application/json' }))
  expect((await screen.findByRole('alert')).textContent).toContain('Ce fichier n’a pas pu être lu.')
  // A colleague hands one in while this page still shows none.
  const [kept] = Object.values(fake.state.reports)
  if (kept) fake.state.reports['labo'] = kept
  await user.upload(input, new File([''], 'rapport.json', { type: 'application/json' }))
  const question = await screen.findByRole('alertdialog', { name: /^Remplacer le rapport de Labo/ })
  expect(question.textContent).toMatch(/Le rapport remis le .* par .* ne sera plus gardé\./)
  expect(question.textContent).toContain('rapport.json')
  expect(sent.some(({ method }) => method === 'PUT')).toBe(false)
  // Another one comes while the question stands: it is not replaced unseen.
  if (kept) fake.state.reports['labo'] = { ...kept, sha256: 'f'.repeat(64), at: '2026-11-22T14:11:00+01:00' }
  await user.click(within(question).getByRole('button', { name: 'Remplacer le rapport' }))
  expect((await screen.findByRole('alert')).textContent).toContain('a changé entre-temps')
  expect(fake.state.reports['labo']?.sha256).toBe('f'.repeat(64))
  await user.upload(input, new File([''], 'rapport.json', { type: 'application/json' }))
  const again = await screen.findByRole('alertdialog', { name: /^Remplacer le rapport de Labo/ })
  await user.click(within(again).getByRole('button', { name: 'Remplacer le rapport' }))
  expect(await screen.findByText('Rapport remis. Il est inscrit au journal.')).toBeTruthy()
  expect(screen.getByText(/Labo 3/)).toBeTruthy()
})

test('nothing of one application stands under the name of the next', async () => {
  const { history, fake } = openConsole('/applications/labo')
  await screen.findByRole('heading', { level: 1, name: 'Labo' })
  act(() => history.push(at('deconnexions')))
  await screen.findByRole('table', { name: 'Fins de session dites à l’application' })
  fake.faults.set('/clients/labo/logouts', 'slow')
  act(() => history.push(at('deconnexions', 'labo')))
  expect(await screen.findByRole('heading', { level: 1, name: 'Labo' })).toBeTruthy()
  expect(screen.queryByRole('table', { name: 'Fins de session dites à l’application' })).toBeNull()
})

test('the list says what the report says, how long a relaxation lasts, and what waits', async () => {
  openConsole('/applications', (fake) => {
    const [, labo] = fake.state.clients
    if (labo) labo.relaxation = { owner: 'M. Roy', reason: 'Version 4', until: '2026-12-05T23:59:59Z' }
  })
  const row = (await screen.findByRole('link', { name: 'DPI Valmont' })).closest('tr') as HTMLElement
  expect(within(row).getByRole('link', { name: /^6\/10/ }).getAttribute('href')).toBe('/applications/dpi-valmont?tab=controle')
  expect(within(row).getByRole('link', { name: /^2 déconnexions en attente/ }).getAttribute('href')).toBe('/applications/dpi-valmont?tab=deconnexions&state=waiting')
  const other = screen.getByRole('link', { name: 'Labo' }).closest('tr') as HTMLElement
  expect(other.textContent).toContain('sans rapport')
  expect(other.textContent).toMatch(/0[56]\/12\/2026/)
})

test('who answers for it is chosen by name', async () => {
  const { user, fake, sent } = openConsole('/applications/labo')
  const change = await screen.findByRole('button', { name: 'Modifier qui en répond' })
  change.focus()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('combobox', { name: 'Ajouter une personne' })))
  await user.type(screen.getByRole('combobox', { name: 'Ajouter une personne' }), 'martin durand')
  await user.click(await screen.findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  await waitFor(() => expect(fake.state.clients[1]?.owners.map(({ family }) => family)).toEqual(['Martin']))
  expect(sent.find(({ method }) => method === 'PATCH')?.body).toMatchObject({ owners: [fake.state.clients[1]?.owners[0]?.id] })
})

test('owners that a colleague named meanwhile stay, and the question names who enters and who leaves', async () => {
  const { user, fake } = openConsole('/applications/labo')
  const [, labo] = fake.state.clients
  const [, , leaving, theirs] = fake.state.souls.map(ref)
  if (!labo || !leaving || !theirs) throw new Error('no one')
  labo.owners = [leaving]
  await user.click(await screen.findByRole('button', { name: 'Modifier qui en répond' }))
  await user.type(screen.getByRole('combobox', { name: 'Ajouter une personne' }), 'martin durand')
  await user.click(await screen.findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  await user.click(screen.getByRole('button', { name: new RegExp(`Retirer.*${leaving.given}`) }))
  // What was taken off hands the focus over.
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^Retirer.*MARTIN/)
  Object.assign(labo, { owners: [leaving, theirs], etag: '"9"' })
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  const told = await screen.findByRole('button', { name: 'J’ai vu ce qui a changé' })
  told.focus()
  await user.keyboard('{Enter}')
  // The first field of the form, not « Abandonner ».
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^Retirer/))
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  const question = await screen.findByRole('alertdialog')
  expect(question.textContent).toMatch(/En répondront aussi\u00a0: MARTIN \(née DURAND\) Marie\./)
  expect(question.textContent).toContain(`N’en répondront plus\u00a0: ${personName(leaving)}.`)
  await user.click(within(question).getByRole('button', { name: 'Enregistrer' }))
  await waitFor(() => expect(labo.owners.map(({ family }) => family).sort()).toEqual(['Martin', theirs.family].sort()))
})

test('what was not typed here follows the colleague who saved first', async () => {
  const { user, fake, sent } = openConsole('/applications/labo')
  const [, labo] = fake.state.clients
  if (!labo) throw new Error('no application')
  await user.click(await screen.findByRole('button', { name: /^Modifier la connexion depuis/ }))
  const before = labo.asks_consent
  await user.click(screen.getByRole('checkbox', { name: /^Accord demandé/ }))
  Object.assign(labo, { device_login: !labo.device_login, etag: '"9"' })
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  await user.click(await screen.findByRole('button', { name: 'J’ai vu ce qui a changé' }))
  expect(screen.getByText('1 modification non enregistrée')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Enregistrer' }))
  await waitFor(() => expect(sent.filter(({ method }) => method === 'PATCH').at(-1)?.body).toMatchObject({ device_login: labo.device_login, asks_consent: !before }))
})

test('the arrows go from one part to the next', async () => {
  const { user } = openConsole('/applications/dpi-valmont')
  const first = await screen.findByRole('link', { name: 'Connexion' })
  first.focus()
  await user.keyboard('{ArrowLeft}')
  expect(document.activeElement?.textContent).toBe('Journal')
  await user.keyboard('{ArrowRight}{ArrowRight}')
  expect(document.activeElement?.textContent).toBe('Réglages')
})

describe('the words of refusals', () => {
  const causes = Object.entries(said)

  test('each closed list of the provider is worded', () => {
    const crates = join(process.cwd(), '../crates')
    const named = ['code', 'refresh', 'dpop', 'assertion', 'error'].flatMap((file) => {
      const source = readFileSync(join(crates, `oidc/src/${file}.rs`), 'utf8')
      return [...source.matchAll(/Self::\w+(?:\(_\))? => "([a-z_]+)"/g)].map(([, word]) => word ?? '')
    })
    expect(named.length).toBeGreaterThan(50)
    const folder = join(crates, 'workflows/src/oidc')
    const refused = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.rs') && !file.startsWith('tests'))
      .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/refuse_(?:client|userinfo)\w*\([^;]*?"([a-z]+(?:_[a-z]+)+)"\s*,?\s*\)/g)].map(([, word]) => word ?? ''))
    expect(refused.length).toBeGreaterThan(5)
    const cards = ['cards/src/fault.rs', 'workflows/src/login/card.rs'].flatMap((file) =>
      [...readFileSync(join(crates, file), 'utf8').matchAll(/"((?:cards?|certificate)_[a-z_]+)"/g)].map(([, word]) => word ?? ''))
      .filter((word) => word !== 'card_hand_over')
    expect(cards.length).toBeGreaterThan(25)
    expect([...new Set([...named, ...refused, ...cards])].filter((word) => !(word in said)).sort()).toEqual([])
  })

  test.each(causes)('%s in both languages, by the rules of French', (_, { fr, en }) => {
    expect([fr.length, en.length]).toEqual([2, 2])
    for (const text of fr) {
      expect(text).not.toMatch(/'|\.\.\.|[^\u202f][;!?]|[^\u00a0]:|«[^\u00a0]|[^\u00a0]»|!/)
      expect(text).not.toMatch(/\b(erreur|invalide|oups|échec)/i)
    }
  })
})
