import { act, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeAppliance } from '../../mock-api/server'
import { emptied } from '../../mock-api/state'
import sixStates from '../../scripts/states.json'
import { openConsole } from './test-console'

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T14:12:08+01:00'), toFake: ['Date'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Each page: its address, what it asks, its heading, its title, and what its failure says. */
const pages: [name: string, address: (fake: FakeAppliance) => string, asks: string, heading: RegExp, title: RegExp, unread: RegExp][] = [
  ['home', () => '/', '/home', /^Accueil$/, /^Accueil – Hygie$/, /L’accueil n’a pas pu/],
  ['people', () => '/people', '/people', /^Personnes$/, /^Personnes – Hygie$/, /La liste n’a pas pu/],
  ['person', (fake) => `/people/${fake.state.souls[0]?.row.id ?? ''}`, '/people/', /./, /^ADAM|^[A-Z].* – Hygie$/, /La fiche n’a pas pu/],
  ['sources', () => '/sources', '/sources', /^Sources$/, /^Sources – Hygie$/, /La liste des sources n’a pas pu/],
  ['source', (fake) => `/sources/${fake.state.sources[0]?.id ?? ''}`, '/sources/', /^RH$/, /^RH – Sources – Hygie$/, /La fiche de cette source n’a pas pu/],
  ['register', () => '/register', '/register', /^Annuaire Santé$/, /^Annuaire Santé – Sources – Hygie$/, /L’état du registre n’a pas pu/],
  ['run', (fake) => `/runs/${fake.state.runs[0]?.id ?? ''}`, '/runs/', /^Aperçu RH du 22\/11/, /^Aperçu RH du .* – Hygie$/, /L’aperçu n’a pas pu/],
  ['cases', () => '/cases', '/cases', /^À arbitrer$/, /^À arbitrer – Hygie$/, /La file n’a pas pu/],
  ['applications', () => '/applications', '/clients', /^Applications$/, /^Applications – Hygie$/, /Les applications n’ont pas pu/],
  ['application', () => '/applications/dpi-valmont', '/clients/', /^DPI Valmont$/, /^DPI Valmont – Applications – Hygie$/, /La fiche de l’application n’a pas pu/],
  ['audit', () => '/audit', '/audit', /^Journal$/, /^Journal – Hygie$/, /Le journal n’a pas pu/],
  ['system', () => '/system', '/system', /^Système$/, /^Système – Hygie$/, /L’état du système n’a pas pu/],
]

/** What would ask the server for something now. An emergency is sent whatever could be read last; the rest looks, chooses or leads elsewhere. */
const acts = /^(Aperçu|Recalculer|Exporter|Enregistrer (?!la vue)|Rapprocher|Séparer|Fermer la session|Chercher une version|Comparer à|Vérifier tout|Appliquer|Écarter|Donner|Suspendre|Réactiver|Révoquer|Délivrer|Délier|Modifier|Changer|Nommer|Renouveler|Remettre|Créer|Nouvelle|Corriger|C’est vu|Demander|Aucun ne|Attendre|Relier|Confier|Retirer)/
function alive(): (string | null)[] {
  const main = within(screen.getByRole('main'))
  const buttons = main.queryAllByRole('button').filter((one) => acts.test(one.textContent) && one.getAttribute('aria-disabled') !== 'true')
  return [...buttons, ...main.queryAllByRole('link').filter((one) => one.hasAttribute('download') || /^(Créer|Enregistrer|Exporter)/.test(one.textContent))].map(({ textContent }) => textContent)
}

describe.each(pages)('%s', (_, address, asks, heading, title, unread) => {
  function open(prepare?: (fake: FakeAppliance) => void) {
    let at = '/'
    const spoil = (fake: FakeAppliance) => {
      prepare?.(fake)
      at = address(fake)
    }
    // The address depends on the fake, so the console is opened on a twin with the same ids.
    const console_ = openConsole('/nowhere', spoil)
    console_.history.push(at)
    return console_
  }

  test('shows what it is about', async () => {
    open()
    expect(await screen.findByRole('heading', { level: 1, name: heading })).toBeTruthy()
    await waitFor(() => expect(document.title).toMatch(title))
    expect(screen.queryByRole('alert')).toBeNull()
  })

  test('says what failed, that nothing changed, and the reference', async () => {
    open((fake) => fake.faults.set(asks, 'error'))
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toMatch(unread)
    expect(alert.textContent).toContain('Rien n’a été modifié.')
    expect(alert.textContent).toContain('7K3-P2Q')
    expect(within(alert).getByRole('button', { name: 'Réessayer' })).toBeTruthy()
  })

  test('says which right is missing', async () => {
    open((fake) => fake.faults.set(asks, 'forbidden'))
    expect(await screen.findByText(/^Cette page demande (le droit de lire|un droit que vous n’avez pas)/)).toBeTruthy()
    if (asks !== '/home') expect(screen.getByText(/Les rôles qui l’ont : .*Auditeur/)).toBeTruthy()
    // Nothing to filter, to check or to take away on a page that one may not read.
    const main = within(screen.getByRole('main'))
    expect(main.queryAllByRole('button').map(({ textContent }) => textContent)).toEqual([])
    expect(main.queryAllByRole('region').map(({ textContent }) => textContent)).toEqual([])
  })

  test('keeps what was read when the server is gone, with its age', async () => {
    const { fake, client } = open()
    await screen.findByRole('heading', { level: 1, name: heading })
    await waitFor(() => expect(document.querySelector('[aria-busy="true"]')).toBeNull())
    fake.faults.set(asks, 'error')
    await act(() => client.invalidateQueries())
    expect((await screen.findAllByText(/^Données de \d\d:\d\d/)).length).toBeGreaterThan(0)
    expect(alive()).toEqual([])
    expect(screen.getByRole('heading', { level: 1, name: heading })).toBeTruthy()
  })

  test('is quiet, then says that it loads', async () => {
    open((fake) => fake.faults.set(asks, 'slow'))
    await waitFor(() => expect(document.querySelector('[aria-busy="true"]')).not.toBeNull())
    expect(await screen.findByText('Chargement…')).toBeTruthy()
  })
})

type Address = (fake: FakeAppliance) => string
const list = (asks: string) => (fake: FakeAppliance) => fake.faults.set(asks, 'empty')
const nothingYet = (fake: FakeAppliance) => emptied(fake.state)

/** By the name of its picture: what was spoilt, where, and what the page says. */
const empties: Record<string, [spoil: (fake: FakeAppliance) => void, address: Address, text: RegExp]> = {
  'home-empty': [nothingYet, () => '/', /^Rien à traiter\. Prochaine lecture RH (à|demain à|le) /],
  'people-empty': [list('/people'), () => '/people', /^Personne encore\. Reliez la RH\.$/],
  'people-empty-filter': [() => undefined, () => '/people?q=zzz', /^Aucune personne ne répond à ces filtres\.$/],
  'person-bare': [nothingYet, (fake) => `/people/${fake.state.souls[0]?.row.id ?? ''}`, /^Aucun moyen/],
  'sources-empty': [list('/sources'), () => '/sources', /^Aucune source RH\. Reliez-en une, ou essayez avec le fichier d’exemple\.$/],
  'source-never-read': [nothingYet, (fake) => `/sources/${fake.state.sources[0]?.id ?? ''}`, /^Aucune lecture encore\.$/],
  'register-empty': [nothingYet, () => '/register', /^Aucun registre\. Importez le fichier de l’Annuaire Santé\.$/],
  'register-due-empty': [nothingYet, () => '/register?tab=due&within=60', /^Aucun lien à revérifier dans ce délai\.$/],
  'run-empty': [nothingYet, (fake) => `/runs/${fake.state.runs[0]?.id ?? ''}`, /^Rien à changer/],
  'cases-empty': [list('/cases'), () => '/cases', /^Aucun doute\.$/],
  'cases-empty-filter': [() => undefined, () => '/cases?kind=account', /^Aucun cas ne répond à ce filtre\.$/],
  'applications-empty': [list('/clients'), () => '/applications', /^Aucune application\. Commencez par l’application d’essai\.$/],
  'application-attributes-nobody': [() => undefined, () => '/applications/dpi-valmont?tab=attributs', /^Choisissez une personne\.$/],
  'audit-empty': [list('/audit'), () => '/audit', /^Aucun événement encore\. Chaque acte sera inscrit ici\.$/],
  'audit-empty-filter': [list('/audit'), () => '/audit?from=2026-11-01', /^Aucun événement dans cette période\.$/],
}

describe('what is empty says what it will hold', () => {
  test.each(Object.entries(empties))('%s', async (_, [spoil, address, text]) => {
    let at = '/'
    const opened = openConsole('/nowhere', (fake) => {
      spoil(fake)
      at = address(fake)
    })
    opened.history.push(at)
    expect((await screen.findAllByText(text)).length).toBeGreaterThan(0)
  })
})

/** The table of states, the routes, the tests above and the pictures hold each other: none is added alone. */
describe('the six states of each page', () => {
  const drawn = readFileSync(join(process.cwd(), 'scripts/pages.mjs'), 'utf8')
  const table = Object.entries(sixStates)
  const reading = table.filter(([, { reads }]) => typeof reads === 'string')

  test('each address of the console is in the table', () => {
    const { router } = openConsole('/')
    expect(table.map(([, { route }]) => route).sort()).toEqual(Object.keys(router.routesByPath).sort())
  })

  test('each page that reads is tested as it loads, fails, is forbidden and grows old', () => {
    expect(pages.map(([name, , asks]) => [name, asks])).toEqual(reading.map(([name, { reads }]) => [name, reads]))
  })

  test('each empty page is tested, and drawn', () => {
    const named = reading.flatMap(([, page]) => ('nothing' in page ? [page.nothing, page.filter] : [])).filter((one) => typeof one === 'string')
    expect(named.sort()).toEqual(Object.keys(empties).sort())
    expect(named.filter((name) => !new RegExp(`['\\s]${name}'?: \\{ path`).test(drawn))).toEqual([])
  })

  test('each page is drawn', () => {
    expect(table.map(([name]) => name).filter((name) => !new RegExp(`['\\s]${name}'?: \\{ path`).test(drawn))).toEqual([])
  })
})

test('nothing answers: every page says so, in its header too nothing can be asked, and what is said is said once', async () => {
  const { fake, client } = openConsole('/register', (fake) => void fake.state.accords.push({ id: '0193a5b0-3333-7000-8000-000000000009', act: 'accept_register', subject: '2026-11-22', asked_by: 'M. Roy', asked_at: fake.state.clock.ago(3), until: fake.state.clock.ago(-12), mine: false }))
  await screen.findByRole('button', { name: 'Chercher une nouvelle version' })
  fake.faults.set('/', 'gone')
  await act(() => client.invalidateQueries())
  const banner = await screen.findByRole('region', { name: 'Ce qui est injoignable' })
  expect(banner.textContent).toMatch(/^Le serveur ne répond pas depuis \d\d:\d\d\. Ce qui est affiché peut dater/)
  await waitFor(() => expect(alive()).toEqual([]))
  // The page tells its own age; why it waits, the banner told.
  await waitFor(() => expect(screen.getAllByText(/^Données de/).map((one) => one.parentElement?.textContent)).toEqual([expect.stringMatching(/^Données de \d\d:\d\d\. $/)]))
  act(() => screen.getByRole('button', { name: /accord/ }).click())
  expect((await screen.findByRole('button', { name: /^Donner mon accord|^Accepter/ })).getAttribute('aria-disabled')).toBe('true')
  fake.faults.clear()
  await act(() => client.invalidateQueries())
  await waitFor(() => expect(screen.queryByRole('region', { name: 'Ce qui est injoignable' })).toBeNull())
  expect(screen.getByRole('button', { name: 'Chercher une nouvelle version' }).getAttribute('aria-disabled')).toBeNull()
})

test('what would change a record waits while the server is gone, and comes back with it', async () => {
  const { fake, client } = openConsole('/applications/dpi-valmont')
  const suspend = () => screen.getByRole('button', { name: /^Suspendre/ })
  await screen.findByRole('heading', { level: 1, name: 'DPI Valmont' })
  expect(suspend().getAttribute('aria-disabled')).toBeNull()
  fake.faults.set('/clients/', 'error')
  await act(() => client.invalidateQueries())
  await waitFor(() => expect(suspend().getAttribute('aria-disabled')).toBe('true'))
  expect(suspend().textContent).toContain('Le serveur ne répond pas')
  fake.faults.clear()
  await act(() => client.invalidateQueries())
  await waitFor(() => expect(suspend().getAttribute('aria-disabled')).toBeNull())
})

describe('who may see what', () => {
  test('an entry without its right is absent', async () => {
    openConsole('/', (fake) => (fake.state.roles = ['application_owner']))
    const nav = await screen.findByRole('navigation', { name: 'Navigation principale' })
    expect(within(nav).getAllByRole('listitem').map((item) => item.textContent)).toEqual(['Accueil', 'Applications'])
  })

  test('its address says so', async () => {
    openConsole('/audit', (fake) => (fake.state.roles = ['technician']))
    expect(await screen.findByText('Cette page demande le droit de lire le journal.')).toBeTruthy()
    expect(screen.getByRole('heading', { level: 1, name: 'Journal' })).toBeTruthy()
    expect(screen.getByText(/Les rôles qui l’ont : Officier de sécurité, Auditeur\./)).toBeTruthy()
  })

  test('the auditor reads and changes nothing', async () => {
    openConsole('/cases', (fake) => (fake.state.roles = ['auditor']))
    const button = await screen.findByRole('button', { name: /Aucun ne convient/ })
    expect(button.getAttribute('aria-disabled')).toBe('true')
    expect(button.textContent).toContain('Votre rôle ne le permet pas')
  })
})

test('the degraded banner says what, since when, and what works', async () => {
  openConsole('/', (fake) => (fake.state.degraded = [{ dependency: 'internet', since: fake.state.clock.at(2, 14), stops_someone: false }]))
  const banner = await screen.findByRole('region', { name: 'Ce qui est injoignable' })
  expect(banner.textContent).toMatch(/Internet coupé depuis 02:14\. Connexions locales et DPI fonctionnent/)
})

test('an unknown address says so', async () => {
  openConsole('/nowhere')
  expect(await screen.findByText('Cette page n’existe pas')).toBeTruthy()
})
