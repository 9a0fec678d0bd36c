// Every page, and every state that has its own drawing; the six states of each are listed in states.json.
import { readFileSync } from 'node:fs'

const first = async (base, path, pick) => pick((await (await fetch(`${base}/api/v1${path}`)).json()).items)

const marie = async (base) => first(base, '/people?q=martin%20durand', ([one]) => one.id)
const marieOf = async (base) => `/people/${await marie(base)}`
const hr = async (base) => first(base, '/sources', ([one]) => one)

const drawn = {
  home: { path: '/' },
  'home-degraded': { path: '/', orders: [{ degraded: true }, { job: true }] },
  'home-degraded-details': { path: '/', orders: [{ degraded: true }], then: async (page) => { await page.getByRole('button', { name: 'Détails' }).click(); await page.waitForSelector('[role=dialog]') } },
  'home-journey': { path: '/', orders: [{ setup: true }] },
  'home-search': { path: '/', then: async (page) => { await page.keyboard.press('Control+k'); await page.keyboard.type('martin', { delay: 20 }); await page.waitForSelector('[role=option]', { timeout: 5000 }) } },
  'home-jobs': { path: '/', orders: [{ job: true }], then: async (page) => { await page.getByRole('button', { name: /travail|travaux/i }).click(); await page.waitForSelector('[role=dialog]') } },
  'home-empty': { path: '/', orders: [{ calm: true }] },
  people: { path: async (base) => `/people?cursor=${await first(base, '/people?limit=500', (all) => Math.max(0, all.findIndex((one) => one.homonym && one.family === 'Martin' && one.given === 'Marie') - 8))}` },
  'people-filtered': { path: '/people?identity=to_decide,to_recheck&site=Valmont' },
  'people-filter-menu': { path: '/people', then: async (page) => { await page.getByRole('button', { name: 'Filtre' }).click(); await page.waitForSelector('[role=menu]') } },
  'sources-empty': { path: '/sources', orders: [{ fault: { path: '/sources', kind: 'empty' } }] },
  'applications-empty': { path: '/applications', orders: [{ fault: { path: '/clients', kind: 'empty' } }] },
  'audit-empty': { path: '/audit', orders: [{ fault: { path: '/audit', kind: 'empty' } }] },
  'people-selection': { path: '/people?identity=verified', then: async (page) => { for (const at of [4, 6, 7]) await page.getByRole('checkbox', { name: /^Sélectionner [A-Z]/ }).nth(at).check() } },
  'people-bulk-close': { path: '/people', then: async (page) => { await page.getByRole('checkbox', { name: 'Sélectionner toute la page' }).check(); if (page.viewportSize().width < 720) await page.getByRole('button', { name: 'Actions', exact: true }).click(); await page.getByRole('button', { name: 'Fermer l’accès…' }).click(); await page.waitForSelector('[role=alertdialog]') } },
  'people-asked': { path: '/people?columns=birth_date,function,entity,unit_name,sources,accounts,state' },
  'people-columns': { path: '/people', then: async (page) => { await page.getByRole('button', { name: 'Colonnes' }).click(); await page.waitForSelector('[role=dialog]') } },
  'people-views': { path: '/people', then: async (page) => { await page.getByRole('button', { name: 'Vues' }).click(); await page.waitForSelector('[role=dialog]') } },
  'people-names': { path: '/people', orders: [{ names: true }] },
  'person-name': { path: async (base) => `/people/${await first(base, '/people', ([one]) => one.id)}`, orders: [{ names: true }] },
  'person-name-rtl': { path: async (base) => `/people/${await first(base, '/people', ([, one]) => one.id)}`, orders: [{ names: true }] },
  'people-empty': { path: '/people', orders: [{ fault: { path: '/people', kind: 'empty' } }] },
  'people-empty-filter': { path: '/people?q=zzz' },
  person: { path: async (base) => `/people/${await marie(base)}` },
  'person-why': { path: async (base) => `/people/${await first(base, '/people?q=martin%20marie&identity=verified', ([one]) => one.id)}`, then: (page) => page.getByRole('button', { name: /Pourquoi/ }).first().click() },
  'person-timeline': { path: marieOf, then: async (page) => { const button = page.getByRole('button', { name: 'Avant, après' }); await button.click(); await button.scrollIntoViewIfNeeded(); await page.evaluate(() => globalThis.scrollTo(0, document.body.scrollHeight)) } },
  'person-moved': { path: marieOf, then: async (page, order) => { await page.getByRole('button', { name: /Fermer d’urgence/ }).click(); await order({ touch: '212094' }); await page.getByRole('textbox', { name: /Motif/ }).fill('Départ immédiat'); await page.getByRole('button', { name: 'Fermer l’accès' }).click(); await page.waitForSelector('[role=alertdialog] [role=alert]') } },
  'person-others': { path: marieOf, then: async (page) => { await page.getByRole('button', { name: 'Autres actions' }).click(); await page.waitForSelector('[role=menu]') } },
  'person-close-at': { path: marieOf, then: async (page) => { await page.getByRole('button', { name: 'Autres actions' }).click(); await page.getByRole('menuitem', { name: /^Fermer à une date/ }).click(); await page.waitForSelector('[role=alertdialog]') } },
  'person-suspend': { path: marieOf, then: async (page) => { await page.getByRole('button', { name: 'Autres actions' }).click(); await page.getByRole('menuitem', { name: 'Suspendre' }).click(); await page.waitForSelector('[role=alertdialog]') } },
  'person-end-session': { path: marieOf, then: async (page) => { await page.getByRole('button', { name: /^Fermer la session/ }).click(); await page.waitForSelector('[role=alertdialog]') } },
  'person-close': { path: async (base) => `/people/${await marie(base)}`, then: async (page) => { await page.getByRole('button', { name: /Fermer d’urgence/ }).click(); await page.waitForSelector('[role=alertdialog]') } },
  'person-bare': { path: async (base) => `/people/${await first(base, '/people', ([one]) => one.id)}`, orders: [{ nothing: true }] },
  'person-merge': { path: marieOf, then: async (page) => { await page.getByRole('button', { name: 'Autres actions' }).click(); await page.getByRole('menuitem', { name: /^Réunir/ }).click(); await page.getByRole('combobox', { name: /^L’autre fiche/ }).fill('097512'); await page.getByRole('option').click(); await page.getByRole('table', { name: 'Les deux fiches côte à côte' }).waitFor() } },
  'person-merged': { path: async (base) => `/people/${await first(base, '/people', ([one]) => one.id)}`, orders: [{ merged: true }] },
  'person-absorbed': { path: async (base) => `/people/${await first(base, '/people', ([, one]) => one.id)}`, orders: [{ merged: true }] },
  'person-split': { path: async (base) => `/people/${await first(base, '/people', ([one]) => one.id)}`, orders: [{ merged: true }], then: async (page) => { await page.getByRole('button', { name: /^Séparer d[e’]/ }).click(); await page.waitForSelector('[role=alertdialog]') } },
  sources: { path: '/sources' },
  source: { path: async (base) => `/sources/${(await hr(base)).id}` },
  'source-mapping-fields': { path: async (base) => `/sources/${(await hr(base)).id}`, then: async (page) => { await page.getByRole('button', { name: 'Corriger' }).click(); const column = page.getByRole('textbox', { name: 'Colonne de\u00a0: UF' }); await column.fill('CODE_UF'); await page.getByRole('region', { name: 'Ce qui change' }).scrollIntoViewIfNeeded() } },
  'source-mapping-edit': { path: async (base) => `/sources/${(await hr(base)).id}`, then: async (page) => { await page.getByRole('button', { name: 'Corriger' }).click(); await page.getByText('Texte', { exact: true }).click(); const text = page.getByRole('textbox', { name: 'Texte de la correspondance' }); await text.fill((await text.inputValue()).replace('column = "UF"', 'column = "CODE_UF"')); await page.getByRole('region', { name: 'Ce qui change' }).scrollIntoViewIfNeeded() } },
  'source-versions': { path: async (base) => `/sources/${(await hr(base)).id}`, then: async (page) => { await page.getByRole('button', { name: 'Versions' }).click(); await page.getByRole('button', { name: /^Comparer la version 2/ }).click(); await page.getByRole('region', { name: /^Comparer/ }).scrollIntoViewIfNeeded() } },
  'source-version-back': { path: async (base) => `/sources/${(await hr(base)).id}`, then: async (page) => { await page.getByRole('button', { name: 'Versions' }).click(); await page.getByRole('button', { name: /^Revenir à la version 2/ }).click(); await page.waitForSelector('[role=alertdialog]') } },
  'source-never-read': { path: async (base) => `/sources/${(await hr(base)).id}`, orders: [{ nothing: true }] },
  'register-empty': { path: '/register', orders: [{ nothing: true }] },
  'register-due-empty': { path: '/register?tab=due&within=60', orders: [{ nothing: true }] },
  register: { path: '/register' },
  'register-held': { path: '/register', orders: [{ held: true }] },
  'register-held-accept': { path: '/register', orders: [{ held: 'unasked' }], then: async (page) => { await page.getByRole('button', { name: 'Prendre cette version…' }).click(); await page.waitForSelector('[role=alertdialog]') } },
  'register-coverage': { path: '/register', then: async (page) => { await page.getByRole('heading', { name: /^Du personnel aux liens/ }).scrollIntoViewIfNeeded(); await page.evaluate(() => globalThis.scrollTo(0, document.body.scrollHeight)) } },
  'register-changes': { path: '/register?tab=changes' },
  'register-changes-settled': { path: '/register?tab=changes&settled=yes' },
  'register-due': { path: '/register?tab=due&within=180' },
  'register-worklist': { path: '/register?tab=worklist' },
  run: { path: async (base) => `/runs/${(await hr(base)).waiting_run_id}` },
  'run-doubts': { path: async (base) => `/runs/${(await hr(base)).waiting_run_id}?kind=doubt` },
  'run-empty': { path: async (base) => `/runs/${(await hr(base)).waiting_run_id}`, orders: [{ nothing: true }] },
  'run-why': { path: async (base) => `/runs/${(await hr(base)).waiting_run_id}`, then: (page) => page.getByRole('button', { name: /Pourquoi.* BERNARD Ana/ }).click() },
  'run-apply': { path: async (base) => `/runs/${(await hr(base)).waiting_run_id}`, orders: [{ released: true }], then: async (page) => { await page.getByRole('button', { name: 'Appliquer la sélection…' }).click(); await page.waitForSelector('[role=alertdialog]') } },
  cases: { path: async (base) => `/cases?case=${await first(base, '/cases', (all) => all.find((one) => one.candidates === 3).id)}` },
  'cases-conflict': { path: async (base) => `/cases?case=${await first(base, '/cases', (all) => all.find((one) => one.kind === 'conflict').id)}` },
  'cases-waiting': { path: '/cases?state=ask_hr', orders: [{ ask: true }] },
  'cases-choose': { path: '/cases', then: async (page) => { await page.getByRole('button', { name: 'Options de la file' }).click(); await page.getByRole('menuitem', { name: 'Choisir plusieurs cas' }).click(); for (const at of [0, 2, 3]) await page.getByRole('checkbox', { name: /^Sélectionner/ }).nth(at).check() } },
  'cases-note': { path: async (base) => `/cases?case=${await first(base, '/cases', (all) => all.find((one) => one.candidates === 3).id)}`, then: (page) => page.getByRole('button', { name: 'Ajouter une note' }).click() },
  'cases-link': { path: async (base) => `/cases?case=${await first(base, '/cases', (all) => all.find((one) => one.candidates === 3).id)}`, then: async (page) => { await page.keyboard.press('a'); await page.waitForSelector('[role=alertdialog]') } },
  'cases-second': { path: async (base) => `/cases?case=${await first(base, '/cases', (all) => all.find((one) => one.candidates === 3).id)}`, orders: [{ chosen: true }] },
  'cases-empty': { path: '/cases', orders: [{ fault: { path: '/cases', kind: 'empty' } }] },
  'cases-empty-filter': { path: '/cases?kind=account' },
  'cases-views': { path: '/cases?kind=duplicate', then: async (page) => { await page.getByRole('button', { name: 'Enregistrer la vue' }).click(); await page.waitForSelector('[role=dialog]') } },
  accords: { path: '/', orders: [{ held: true }], then: async (page) => { await page.getByRole('button', { name: /accord/ }).click(); await page.waitForSelector('[role=dialog]') } },
  'own-acts': { path: '/', orders: [{ ask: true }], then: async (page) => { await page.getByRole('button', { name: /compte d[e’]/ }).click(); await page.getByRole('menuitem', { name: 'Mes dernières actions' }).click(); await page.waitForSelector('[role=dialog]') } },
  applications: { path: '/applications' },
  'applications-new': { path: '/applications/new', then: (page) => page.getByRole('button', { name: 'Enregistrer l’application' }).click() },
  'applications-new-key': { path: '/applications/new', then: async (page) => { await page.getByLabel('Nom').fill('Imagerie'); await page.locator('select').selectOption('private_key_jwt'); await page.getByRole('button', { name: 'Enregistrer l’application' }).scrollIntoViewIfNeeded() } },
  'applications-new-strict': { path: '/applications/new', then: async (page) => { await page.getByLabel('Nom').fill('Imagerie'); await page.getByLabel('Adresses de retour').fill('https://imagerie.exemple.fr/retour'); await page.getByRole('radio', { name: /^Strict/ }).click(); await page.getByRole('button', { name: 'Enregistrer l’application' }).click(); await page.getByRole('alert').waitFor() } },
  'applications-new-legacy': { path: '/applications/new', then: async (page) => { await page.getByLabel('Nom').fill('Ancien'); await page.getByRole('radio', { name: /^Ancien/ }).click(); await page.getByRole('group', { name: 'Dérogation' }).scrollIntoViewIfNeeded() } },
  application: { path: '/applications/dpi-valmont' },
  'application-moved': { path: '/applications/labo', then: async (page, order) => { await page.getByRole('button', { name: 'Modifier les adresses de retour' }).click(); await page.getByRole('textbox', { name: 'Adresses de retour' }).fill('https://labo2.exemple.fr/retour'); await order({ client: 'labo' }); await page.getByRole('button', { name: 'Enregistrer' }).click(); await page.getByRole('alertdialog').getByRole('button', { name: 'Enregistrer' }).click(); await page.waitForSelector('main [role=alert]') } },
  'application-attributes': { path: async (base) => `/applications/dpi-valmont?tab=attributs&person=${await first(base, '/people?q=martin%20claire', ([one]) => one.id)}` },
  'application-attributes-nobody': { path: '/applications/dpi-valmont?tab=attributs' },
  'application-settings': { path: '/applications/dpi-valmont?tab=reglages' },
  'application-settings-edit': { path: '/applications/labo?tab=reglages', then: async (page) => { await page.getByRole('button', { name: 'Modifier les réglages' }).click(); await page.getByRole('checkbox', { name: 'Demandable : rpps', exact: true }).check(); await page.getByRole('checkbox', { name: 'Dans le jeton d’identité : rpps', exact: true }).check() } },
  'application-settings-refused': { path: '/applications/labo?tab=reglages', then: async (page) => { await page.getByRole('button', { name: 'Modifier les réglages' }).click(); await page.getByRole('checkbox', { name: /nonce/ }).uncheck(); await page.getByLabel('Durée du rafraîchissement').fill('60'); await page.getByRole('button', { name: 'Enregistrer' }).click(); await page.getByRole('alertdialog').getByRole('button', { name: 'Enregistrer' }).click(); await page.waitForSelector('main [role=alert]') } },
  'application-logouts': { path: '/applications/dpi-valmont?tab=deconnexions' },
  'application-logouts-empty': { path: '/applications/labo?tab=deconnexions' },
  'application-log': { path: '/applications/dpi-valmont?tab=journal' },
  'application-log-empty': { path: '/applications/labo?tab=journal' },
  'application-check': { path: '/applications/dpi-valmont?tab=controle' },
  'application-check-replace': { path: '/applications/dpi-valmont?tab=controle', then: async (page) => { await page.getByTestId('report').setInputFiles({ name: 'rapport-dpi-8.2.json', mimeType: 'application/json', buffer: Buffer.from('{"name":"DPI 8.2","requests":[]}') }); await page.waitForSelector('[role=alertdialog]') } },
  'application-check-empty': { path: '/applications/labo?tab=controle' },
  'application-owners': { path: '/applications/labo', then: async (page) => { await page.getByRole('button', { name: 'Modifier qui en répond' }).click(); await page.getByRole('combobox', { name: 'Ajouter une personne' }).fill('martin'); await page.getByRole('option').first().waitFor(); await page.getByRole('button', { name: 'Abandonner' }).scrollIntoViewIfNeeded() } },
  'application-ways': { path: '/applications/labo', then: async (page) => { await page.getByRole('button', { name: 'Modifier la connexion depuis un autre écran' }).click(); await page.getByRole('checkbox', { name: /^Demande au portail/ }).check(); await page.getByRole('button', { name: 'Abandonner' }).scrollIntoViewIfNeeded() } },
  'audit-empty-filter': { path: '/audit?from=2026-11-23', orders: [{ fault: { path: '/audit', kind: 'empty' } }] },
  audit: { path: '/audit?entry=4998', then: async (page) => { await page.getByRole('button', { name: 'Vérifier la preuve' }).click() } },
  system: { path: '/system' },
  'system-operators': { path: '/system', then: (page) => page.getByRole('heading', { name: /^Opérateurs/ }).evaluate((title) => title.scrollIntoView()) },
  'system-appoint': { path: '/system', then: async (page) => { await page.getByRole('button', { name: 'Nommer un opérateur' }).click(); await page.getByRole('combobox', { name: 'Qui' }).fill('martin'); await page.waitForSelector('[role=alertdialog] [role=option]') } },
  accessibility: { path: '/accessibility/console' },
  help: { path: '/cases', then: async (page) => { await page.keyboard.press('?'); await page.waitForSelector('[role=dialog]') } },
  'audit-export': { path: '/audit', then: async (page) => { await page.getByRole('button', { name: 'Exporter (CSV)' }).click(); await page.waitForSelector('[role=alertdialog]') } },
  'server-gone': { path: '/register', then: async (page, order) => { await order({ fault: { path: '/', kind: 'gone' } }); await page.clock.setFixedTime('2026-11-22T14:19:08+01:00'); await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange'))); await page.getByText(/^Le serveur ne répond pas depuis/).first().waitFor({ timeout: 30_000 }); await page.getByText(/^Données de/).first().waitFor({ timeout: 30_000 }) } },
  'session-ended': { path: '/applications/new', then: async (page, order) => { await page.getByLabel('Nom').fill('Imagerie'); await order({ fault: { path: '/', kind: 'unauthenticated' } }); await page.getByRole('button', { name: 'Enregistrer l’application' }).click(); await page.waitForSelector('[role=alertdialog]') } },
}

/** Read once, then the server is gone: the page keeps what it had, with its age. */
async function goneAfter(page, order, fault) {
  await order({ fault: { path: fault, kind: 'error' } })
  await page.clock.setFixedTime('2026-11-22T14:19:08+01:00')
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
  await page.getByText(/^Données de/).first().waitFor({ timeout: 15_000 })
}

/** The six states of each page: what each page asks first, refused, slow or gone, gives four of them. */
export const sixStates = JSON.parse(readFileSync(new URL('states.json', import.meta.url), 'utf8'))

const reading = Object.entries(sixStates).filter(([, { reads }]) => typeof reads === 'string')
const states = reading.flatMap(([name, { route, reads: fault }]) => {
  const path = route.includes('$') ? drawn[name].path : route
  return [
    [`${name}-loading`, { path, orders: [{ fault: { path: fault, kind: 'slow' } }], loads: true, then: (page) => page.getByText('Chargement…').first().waitFor({ timeout: 15_000 }) }],
    [`${name}-error`, { path, orders: [{ fault: { path: fault, kind: 'error' } }] }],
    [`${name}-forbidden`, { path, orders: [{ fault: { path: fault, kind: 'forbidden' } }] }],
    [`${name}-stale`, { path, then: (page, order) => goneAfter(page, order, fault) }],
  ]
})

export const pages = { ...drawn, ...Object.fromEntries(states) }
