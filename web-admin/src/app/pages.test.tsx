import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FakeAppliance } from '../../mock-api/server'
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
  ['sources', () => '/sources', '/sources', /^Sources$/, /^Sources – Hygie$/, /Les sources n’ont pas pu/],
  ['source', (fake) => `/sources/${fake.state.sources[0]?.id ?? ''}`, '/sources/', /^RH$/, /^RH – Sources – Hygie$/, /La source n’a pas pu/],
  ['register', () => '/register', '/register', /^Annuaire Santé$/, /^Annuaire Santé – Sources – Hygie$/, /L’état du registre n’a pas pu/],
  ['run', (fake) => `/runs/${fake.state.runs[0]?.id ?? ''}`, '/runs/', /^Aperçu RH du 22\/11/, /^Aperçu RH du .* – Hygie$/, /L’aperçu n’a pas pu/],
  ['cases', () => '/cases', '/cases', /^À arbitrer$/, /^À arbitrer – Hygie$/, /La file n’a pas pu/],
  ['applications', () => '/applications', '/clients', /^Applications$/, /^Applications – Hygie$/, /Les applications n’ont pas pu/],
  ['application', () => '/applications/dpi-valmont', '/clients/', /^DPI Valmont$/, /^DPI Valmont – Applications – Hygie$/, /La fiche de l’application n’a pas pu/],
  ['audit', () => '/audit', '/audit', /^Journal$/, /^Journal – Hygie$/, /Le journal n’a pas pu/],
  ['system', () => '/system', '/system', /^Système$/, /^Système – Hygie$/, /L’état du système n’a pas pu/],
]

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
    expect(await screen.findByText('Cette page demande le rôle Officier de sécurité.')).toBeTruthy()
  })

  test('is quiet, then says that it loads', async () => {
    open((fake) => fake.faults.set(asks, 'slow'))
    await waitFor(() => expect(document.querySelector('[aria-busy="true"]')).not.toBeNull())
    expect(await screen.findByText('Chargement…')).toBeTruthy()
  })
})

describe('what is empty says what it will hold', () => {
  test.each([
    ['/people', '/people', 'Personne encore. Reliez la RH.'],
    ['/people?q=zzz', '/nothing', 'Aucune personne ne répond à ces filtres.'],
    ['/sources', '/sources', 'Aucune source RH. Reliez-en une, ou essayez avec le fichier d’exemple.'],
    ['/cases', '/cases', 'Aucun doute.'],
    ['/applications', '/clients', 'Aucune application. Enregistrez la première.'],
    ['/audit', '/audit', 'Aucun événement encore. Chaque acte sera inscrit ici.'],
    ['/audit?from=2026-11-01', '/audit', 'Aucun événement dans cette période.'],
  ])('%s', async (address, asks, text) => {
    openConsole(address, (fake) => fake.faults.set(asks, 'empty'))
    expect(await screen.findByText(text)).toBeTruthy()
  })
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
