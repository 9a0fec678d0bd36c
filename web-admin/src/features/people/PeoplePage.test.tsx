import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { hardNames } from '../../../mock-api/world'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

test('a filter goes into the address and comes out of it', async () => {
  const { user, history } = openConsole('/people?limit=5')
  await screen.findByRole('table')
  await user.click(screen.getByRole('button', { name: 'Filtre' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Identité nationale' }))
  await user.click(await screen.findByRole('menuitemcheckbox', { name: /À arbitrer/ }))
  await waitFor(() => expect(history.location.search).toBe('?limit=5&identity=to_decide'))
  await user.keyboard('{Escape}{Escape}')
  await user.click(await screen.findByRole('button', { name: /^Retirer le filtre Identité nationale\s: À arbitrer$/ }))
  await waitFor(() => expect(history.location.search).toBe('?limit=5'))
})

test('an address opens the list it describes', async () => {
  openConsole('/people?q=martin&sort=-name')
  const table = await screen.findByRole('table')
  await waitFor(() => expect(within(table).getAllByRole('row').length).toBeGreaterThan(3))
  const names = within(table).getAllByRole('rowheader').map((cell) => cell.textContent)
  expect(names.every((name) => name.startsWith('MARTIN'))).toBe(true)
  expect(within(table).getByRole('columnheader', { name: 'Nom' }).getAttribute('aria-sort')).toBe('descending')
})

test('a letter, small as the appliance says it, opens the list there', async () => {
  const { user } = openConsole('/people?limit=50')
  const letters = await screen.findByRole('navigation', { name: 'Aller à une lettre' })
  // A page of several letters is not the list of its first one.
  expect(letters.querySelector('[aria-current]')).toBeNull()
  await user.click(within(letters).getByRole('link', { name: 'M' }))
  await waitFor(() => expect(screen.getAllByRole('rowheader')[0]?.textContent).toMatch(/^M/))
  expect(within(letters).getByRole('link', { name: 'M' }).getAttribute('aria-current')).toBeTruthy()
})

test('a page longer than a screen is drawn whole, and turned whole', async () => {
  const { user } = openConsole('/people?limit=50')
  const drawn = () => screen.getAllByRole('rowheader').map((head) => head.textContent)
  await screen.findByRole('table')
  await waitFor(() => expect(drawn()).toHaveLength(50))
  const [first] = drawn()
  await user.click(screen.getByRole('link', { name: 'Page suivante' }))
  await waitFor(() => expect(drawn()[0]).not.toBe(first))
  await waitFor(() => expect(drawn()).toHaveLength(50))
})

test('a click anywhere on a line opens the record; around the box it opens nothing', async () => {
  const { user, history } = openConsole('/people?limit=5')
  const [line] = (await screen.findAllByRole('rowheader')).map((head) => head.closest('tr'))
  const cells = within(line as HTMLElement).getAllByRole('cell')
  await user.click(cells[0] as HTMLElement)
  expect(history.location.pathname).toBe('/people')
  await user.click(cells[2] as HTMLElement)
  await waitFor(() => expect(history.location.pathname).toMatch(/^\/people\/[0-9a-f-]{36}$/))
})

test('on the first page of a visit the list is asked for once, beside its page', async () => {
  const { sent } = openConsole('/people?limit=5')
  await screen.findByRole('table')
  expect(sent.filter(({ path }) => path === '/api/v1/people').length).toBe(1)
})

test('who may not read the list has it asked for by nobody', async () => {
  const { sent } = openConsole('/people', (fake) => (fake.state.roles = []))
  await screen.findByText(/Cette page demande/)
  expect(sent.filter(({ path }) => path === '/api/v1/people')).toEqual([])
})

test('homonyms are told apart by their birth, the others are not', async () => {
  openConsole('/people?q=martin%20marie')
  const both = await screen.findAllByText(/^Homonyme · /)
  expect(both.map((one) => one.textContent)).toEqual(['Homonyme · 02/09/1971', 'Homonyme · 14/02/1988'])
})

test('closing for good needs a reason, and says what is kept', async () => {
  let at = ''
  const opened = openConsole('/nowhere', (fake) => (at = `/people/${fake.state.souls[0]?.row.id ?? ''}`))
  opened.history.push(at)
  await opened.user.click(await screen.findByRole('button', { name: 'Fermer d’urgence' }))
  const dialog = await screen.findByRole('alertdialog')
  expect(dialog.textContent).toContain('Le dossier est conservé.')
  await opened.user.type(within(dialog).getByRole('textbox'), 'Départ immédiat')
  await opened.user.click(within(dialog).getByRole('button', { name: 'Fermer l’accès' }))
  await screen.findByText('Accès fermé. Le dossier est conservé.')
  const close = opened.sent.find(({ path }) => path.endsWith('/close'))
  expect(close?.body).toEqual({ motive: 'Départ immédiat' })
  expect(close?.headers.get('idempotency-key')).toMatch(/^[0-9a-f]{32}$/)
})

test('a record that moved meanwhile is shown beside what was read, and nothing was done', async () => {
  let at = ''
  const opened = openConsole('/nowhere', (fake) => (at = `/people/${fake.state.souls[0]?.row.id ?? ''}`))
  opened.history.push(at)
  await opened.user.click(await screen.findByRole('button', { name: 'Fermer d’urgence' }))
  const dialog = await screen.findByRole('alertdialog')
  await opened.user.type(within(dialog).getByRole('textbox'), 'Départ immédiat')
  const soul = opened.fake.state.souls[0]
  if (!soul) throw new Error('an empty hospital')
  soul.version += 1
  soul.mail = 'autre@ch-valmont.example'
  await opened.user.click(within(dialog).getByRole('button', { name: 'Fermer l’accès' }))
  const alert = await within(dialog).findByRole('alert')
  expect(alert.textContent).toContain('Cette fiche a changé depuis que vous l’avez lue. Rien n’a été fait.')
  await waitFor(() => expect(document.activeElement).toBe(alert))
  const rows = within(await within(alert).findByRole('table')).getAllByRole('row').map((row) => row.textContent)
  expect(rows.some((row) => row.startsWith('Adresse e-mail (AD)') && row.endsWith('autre@ch-valmont.example'))).toBe(true)
  expect(within(dialog).getByRole<HTMLInputElement>('textbox').value).toBe('Départ immédiat')
  expect(soul.row.state).toBe('active')
  await opened.user.click(within(dialog).getByRole('button', { name: 'Fermer l’accès' }))
  await screen.findByText('Accès fermé. Le dossier est conservé.')
})

test('the server goes away in the middle of a closing: it is said, what was typed stays, and it is sent when it is back', async () => {
  let at = ''
  const opened = openConsole('/nowhere', (fake) => (at = `/people/${fake.state.souls[0]?.row.id ?? ''}`))
  opened.history.push(at)
  await opened.user.click(await screen.findByRole('button', { name: 'Fermer d’urgence' }))
  const dialog = await screen.findByRole('alertdialog')
  await opened.user.type(within(dialog).getByRole('textbox'), 'Départ immédiat')
  opened.fake.faults.set('/people/', 'gone')
  await opened.user.click(within(dialog).getByRole('button', { name: 'Fermer l’accès' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('Le serveur ne répond pas.')
  expect(within(dialog).getByRole<HTMLInputElement>('textbox').value).toBe('Départ immédiat')
  expect(opened.fake.state.souls[0]?.row.state).toBe('active')
  opened.fake.faults.clear()
  await opened.user.click(within(dialog).getByRole('button', { name: 'Fermer l’accès' }))
  await screen.findByText('Accès fermé. Le dossier est conservé.')
})

test('a name written from right to left keeps its own direction, and a very long one is whole', async () => {
  openConsole('/people?limit=5', ({ state }) => hardNames(state.souls))
  const link = await screen.findByRole('link', { name: /الحسيني/ })
  expect(link.querySelector('bdi')?.textContent).toBe('الحسيني فاطمة الزهراء')
  expect(screen.getByRole('link', { name: /^AAAA/ }).textContent.length).toBeGreaterThan(10_000)
})

test('readings that follow each other are one line of the timeline; a refusal is said once', async () => {
  let at = ''
  const { history } = openConsole('/nowhere', ({ state }) => (at = `/people/${state.souls[0]?.row.id ?? ''}`))
  history.push(at)
  const timeline = within(await screen.findByRole('region', { name: 'Chronologie' }))
  expect((await timeline.findAllByText(/^Fiche consultée/)).map(({ textContent }) => textContent)).toEqual(['Fiche consultée, 3\u00A0fois'.replace('\u00A0', ' ')])
  expect(timeline.getByText(/^Fiche consultée/).getAttribute('href')).toMatch(/^\/audit\?subject=.*&event=person_read$/)
  expect(timeline.getByText('Connexion refusée').tagName).toBe('B')
  expect(timeline.queryByText(/^Refusé/)).toBeNull()
})

test('a link is taken back from its reason, with what opened with it', async () => {
  let at = ''
  const { history, user, fake, sent } = openConsole('/nowhere', ({ state }) => (at = `/people/${state.souls.find(({ row }) => row.matricules[0] === '097512')?.row.id ?? ''}`))
  history.push(at)
  await user.click(await screen.findByRole('button', { name: /Pourquoi/ }))
  await user.click(screen.getByRole('button', { name: 'Délier…' }))
  const dialog = await screen.findByRole('alertdialog', { name: /Délier le RPPS de MARTIN Marie/ })
  expect(within(dialog).getAllByRole('listitem').map((item) => item.textContent)).toEqual([expect.stringMatching(/^DPI Valmont/)])
  expect(dialog.textContent).toContain('Votre clé sera demandée.')
  await user.type(within(dialog).getByRole('textbox'), 'Homonyme')
  await user.click(within(dialog).getByRole('button', { name: 'Délier' }))
  await screen.findByText('RPPS délié. Aucune lecture ne le reliera seule.')
  expect(sent.find(({ path }) => path.endsWith('/unlink'))?.body).toEqual({ motive: 'Homonyme' })
  expect(fake.state.souls.find(({ row }) => row.matricules[0] === '097512')?.rpps).toBeNull()
})

test('the timeline shows one source when the others are put away, and what changed on demand', async () => {
  let at = ''
  const { history, user } = openConsole('/nowhere', (fake) => (at = `/people/${fake.state.souls[0]?.row.id ?? ''}`))
  history.push(at)
  const timeline = await screen.findByRole('region', { name: 'Chronologie' })
  const boxes = within(timeline).getAllByRole<HTMLInputElement>('checkbox')
  expect(boxes.every((box) => box.checked)).toBe(true)
  for (const box of boxes.slice(1)) await user.click(box)
  await waitFor(() => expect(history.location.search).toBe('?source=hr'))
  await waitFor(() => expect(within(timeline).queryByText(/7K3-P2Q/)).toBeNull())
  await user.click(await within(timeline).findByRole('button', { name: 'Avant, après' }))
  expect(timeline.textContent).toMatch(/Fin de contrat : \d\d\/\d\d\/\d{4} →/)
})

test('search finds people by name, accents and order indifferent, and opens the record', async () => {
  const { user, history, fake } = openConsole('/')
  const marie = fake.state.souls.find((one) => one.row.birth_family)
  await user.type(await screen.findByRole('combobox', { name: 'Rechercher dans Hygie' }), 'marie durand')
  await user.click(await screen.findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  await waitFor(() => expect(history.location.pathname).toBe(`/people/${marie?.row.id ?? ''}`))
})

test('when more people answer than are shown, the search leads to all of them', async () => {
  const { user, history } = openConsole('/')
  await user.type(await screen.findByRole('combobox', { name: 'Rechercher dans Hygie' }), 'martin')
  await user.click(await screen.findByRole('option', { name: /Toutes les personnes.*martin/ }))
  await waitFor(() => expect(history.location.href).toBe('/people?q=martin'))
  expect((await screen.findAllByRole('row')).length).toBeGreaterThan(6)
})

test('a refusal reference opens its entry in the log', async () => {
  const { user, history } = openConsole('/')
  await user.type(await screen.findByRole('combobox', { name: 'Rechercher dans Hygie' }), '7k3-p2q')
  await user.click(await screen.findByRole('option', { name: /7K3-P2Q/ }))
  await waitFor(() => expect(history.location.href).toMatch(/^\/audit\?entry=\d+$/))
})

test('every order that the list offers is one that the appliance knows', async () => {
  const { user, history } = openConsole('/people?q=martin&limit=5')
  const offered = within(await screen.findByRole('table')).getAllByRole('columnheader').flatMap((head) => within(head).queryAllByRole('link').map((link) => link.textContent))
  expect(offered).toEqual(['Nom', 'Fonction', 'UF / site', 'Matricule', 'Identité nationale', 'Fin de contrat', 'Connexion', 'État'])
  for (const name of offered) {
    await user.click(screen.getByRole('link', { name }))
    await waitFor(() => expect(within(screen.getByRole('table')).getByRole('columnheader', { name }).getAttribute('aria-sort')).toBeTruthy())
    expect(screen.queryByRole('alert')).toBeNull()
  }
  expect(history.location.search).toBe('?q=martin&limit=5&sort=state')
})

test('the file has the filter, the order and the columns of the screen', async () => {
  openConsole('/people?identity=verified&sort=-unit&columns=state,unit_name&limit=50')
  await screen.findByRole('table')
  const file = new URL(screen.getByRole<HTMLAnchorElement>('link', { name: 'Exporter (CSV)' }).href)
  expect(file.pathname).toBe('/api/v1/people.csv')
  expect(Object.fromEntries(file.searchParams)).toEqual({ identity: 'verified', sort: '-unit', columns: 'name,birth_name,given,state,unit_name' })
})

test('a birth, an entity, sources and an account are asked for when their columns are shown, and not before', async () => {
  const { user, sent, fake } = openConsole('/people?limit=5')
  const asked = () => sent.filter(({ path }) => path === '/api/v1/people').map(({ query }) => query.get('columns'))
  await screen.findByRole('table')
  expect(asked()).toEqual([null])
  await user.click(screen.getByRole('button', { name: 'Colonnes' }))
  const panel = await screen.findByRole('dialog', { name: 'Colonnes' })
  await user.click(within(panel).getByRole('checkbox', { name: 'Site' }))
  for (const name of ['Naissance', 'Entité', 'Source', 'Compte AD']) await user.click(within(panel).getByRole('checkbox', { name }))
  const first = () => screen.getAllByRole('rowheader')[0]?.closest('tr') as HTMLElement
  const id = within(first()).getByRole('link').dataset['person']
  const { birth, mail } = fake.state.souls.find(({ row }) => row.id === id) ?? { birth: '', mail: '' }
  const told = [birth.split('-').reverse().join('/'), 'CH de Valmont', 'AD, RH', mail.split('@')[0]]
  await waitFor(() => expect(within(first()).getAllByRole('cell').slice(-4).map((cell) => cell.textContent)).toEqual(told))
  // A column that every answer holds asks for nothing.
  expect([...new Set(asked())]).toEqual([null, 'birth_date', 'birth_date,entity', 'birth_date,entity,sources', 'birth_date,entity,sources,accounts'])
})

test('a column that is not told yet does not say that nobody has any', async () => {
  const { user, fake, unmount } = openConsole('/people?limit=5')
  await screen.findByRole('table')
  fake.faults.set('/people', 'slow')
  await user.click(screen.getByRole('button', { name: 'Colonnes' }))
  await user.click(within(await screen.findByRole('dialog', { name: 'Colonnes' })).getByRole('checkbox', { name: 'Compte AD' }))
  const said = () => screen.getAllByRole('rowheader').map((head) => within(head.closest('tr') as HTMLElement).getAllByRole('cell').at(-1)?.textContent)
  await waitFor(() => expect(said()).toEqual(Array.from({ length: 5 }, () => '…lecture en cours')))
  unmount()
  openConsole('/people?limit=5&columns=accounts', (other) => other.state.souls.forEach((one) => (one.mail = '')))
  await screen.findByRole('table')
  expect(said()).toEqual(Array.from({ length: 5 }, () => 'Aucun'))
})

test('a view’s own columns are asked for at once', async () => {
  const { sent } = openConsole('/people?limit=5&columns=function,accounts')
  await screen.findByRole('table')
  expect(sent.filter(({ path }) => path === '/api/v1/people').map(({ query }) => query.get('columns'))).toEqual(['accounts'])
})

test('columns are chosen and moved by keyboard, and stay so', async () => {
  const { user, unmount } = openConsole('/people?limit=5')
  const heads = () => within(screen.getByRole('table')).getAllByRole('columnheader').slice(1).map((head) => head.textContent)
  await screen.findByRole('table')
  await user.click(screen.getByRole('button', { name: 'Colonnes' }))
  const panel = await screen.findByRole('dialog', { name: 'Colonnes' })
  await user.click(within(panel).getByRole('checkbox', { name: 'Moyens' }))
  await user.click(within(panel).getByRole('checkbox', { name: 'Site' }))
  within(panel).getByRole('button', { name: 'Placer Site avant' }).focus()
  await user.keyboard('{Enter}')
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Placer Site avant')
  await user.keyboard('{Enter}')
  const wanted = ['Nom', 'Fonction', 'UF / site', 'Matricule', 'Identité nationale', 'Fin de contrat', 'Site', 'Connexion', 'État']
  expect(heads()).toEqual(wanted)
  unmount()
  openConsole('/people?limit=5')
  await screen.findByRole('table')
  expect(heads()).toEqual(wanted)
})

describe('saved views', () => {
  const open = async (user: ReturnType<typeof openConsole>['user'], name: RegExp | string) => {
    await user.click(await screen.findByRole('button', { name }))
    return screen.findByRole('dialog', { name: 'Vues' })
  }

  test('a colleague’s view opens with its filters and its columns', async () => {
    const { user, history } = openConsole('/people?limit=5')
    const panel = await open(user, 'Vues')
    expect(panel.textContent).toContain('partagée par H. Blanc')
    expect(within(panel).queryByRole('button', { name: /^Retirer la vue/ })).toBeNull()
    await user.click(within(panel).getByRole('link', { name: 'RPPS à revoir' }))
    await waitFor(() => expect(history.location.search).toContain('identity=to_decide%2Cto_recheck'))
    const heads = within(await screen.findByRole('table')).getAllByRole('columnheader').slice(1).map((head) => head.textContent)
    expect(heads).toEqual(['Nom', 'Fonction', 'UF / site', 'Identité nationale', 'État'])
    expect(await screen.findByRole('button', { name: 'RPPS à revoir' })).toBeTruthy()
  })

  test('what is on screen is kept, replaced, taken away, and brought back', async () => {
    const { user, fake } = openConsole('/people?site=Valmont&sort=-unit&cursor=30&limit=10')
    const panel = await open(user, 'Vues')
    await user.type(within(panel).getByRole('textbox', { name: 'Nom de la vue' }), 'Valmont')
    await user.click(within(panel).getByRole('button', { name: 'Enregistrer la vue' }))
    await screen.findByText('Vue « Valmont » enregistrée.')
    expect(fake.state.views[1]).toMatchObject({ name: 'Valmont', query: 'site=Valmont&sort=-unit', shared: false, mine: true })
    await user.click(within(panel).getByRole('checkbox', { name: 'Partager avec mes collègues' }))
    await user.click(await within(panel).findByRole('button', { name: 'Remplacer la vue' }))
    await waitFor(() => expect(fake.state.views[1]).toMatchObject({ shared: true, etag: '"2"' }))
    await user.click(await within(panel).findByRole('button', { name: 'Retirer la vue Valmont' }))
    await screen.findByText('Vue « Valmont » retirée.')
    expect(fake.state.views.length).toBe(1)
    await user.click(screen.getByRole('button', { name: 'Annuler l’action' }))
    await waitFor(() => expect(fake.state.views[1]).toMatchObject({ name: 'Valmont', shared: true }))
  })
})

describe('several people at once', () => {
  const bar = () => screen.findByRole('region', { name: 'Sélection' })

  test('a selection holds from page to page, and falls with the filter', async () => {
    const { user } = openConsole('/people?limit=10')
    await user.click(await screen.findByRole('checkbox', { name: 'Sélectionner toute la page' }))
    expect((await bar()).textContent).toContain('10 sélectionnées')
    await user.click(screen.getByRole('link', { name: 'Page suivante' }))
    await waitFor(() => expect(screen.getByRole<HTMLInputElement>('checkbox', { name: 'Sélectionner toute la page' }).checked).toBe(false))
    expect((await bar()).textContent).toContain('10 sélectionnées')
    await user.click(await screen.findByRole('button', { name: 'Sélectionner les 120 du filtre' }))
    // What was pressed is gone; what follows it has the focus, not « tout désélectionner ».
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Fermer les sessions'))
    await waitFor(async () => expect((await bar()).textContent).toContain('120 sélectionnées'))
    expect(screen.getAllByRole<HTMLInputElement>('checkbox').every((box) => box.checked)).toBe(true)
    await user.click(screen.getByRole('link', { name: 'Début de la liste' }))
    await user.click(screen.getByRole('button', { name: 'Filtre' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Identité nationale' }))
    await user.click(await screen.findByRole('menuitemcheckbox', { name: /À arbitrer/ }))
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Sélection' })).toBeNull())
  })

  test('who is closed already is left out of those who are to be closed', async () => {
    const { user } = openConsole('/people?limit=22', (one) => one.state.souls.forEach(({ row }, rank) => (row.state = rank === 3 ? 'closed' : 'active')))
    await user.click(await screen.findByRole('checkbox', { name: 'Sélectionner toute la page' }))
    await user.click(within(await bar()).getByRole('button', { name: 'Fermer l’accès…' }))
    const dialog = await screen.findByRole('alertdialog', { name: 'Fermer l’accès de 21 personnes\u202F?' })
    expect(dialog.textContent).toContain('1 déjà fermée est laissée de côté.')
    expect(dialog.textContent).toContain('Les comptes AD ne sont pas modifiés.')
  })

  test('above twenty people the number is typed; what is sent is what was ticked, and how many', async () => {
    const { user, sent, fake } = openConsole('/people?limit=22', (one) => one.state.souls.forEach(({ row }) => (row.state = 'active')))
    await user.click(await screen.findByRole('checkbox', { name: 'Sélectionner toute la page' }))
    await user.click(within(await bar()).getByRole('button', { name: 'Fermer l’accès…' }))
    const dialog = await screen.findByRole('alertdialog', { name: 'Fermer l’accès de 22 personnes\u202F?' })
    expect(dialog.textContent).toMatch(/ADAM .* et 17 autres/)
    expect(document.activeElement?.textContent).toBe('Annuler')
    await user.type(within(dialog).getByRole('textbox', { name: 'Motif, inscrit au journal' }), 'Fin du site')
    const verb = within(dialog).getByRole('button', { name: /^Fermer l’accès/ })
    expect(verb.getAttribute('aria-disabled')).toBe('true')
    await user.type(within(dialog).getByRole('textbox', { name: /Tapez 22/ }), '22')
    await user.click(within(dialog).getByRole('button', { name: 'Fermer l’accès' }))
    await screen.findByText('Accès fermé pour 22 personnes. Les dossiers sont conservés.')
    const [act] = sent.filter(({ path }) => path.endsWith('/people/bulk')).map(({ body }) => body as { ids: string[] })
    expect(act).toMatchObject({ action: 'close', count: 22, motive: 'Fin du site' })
    expect(new Set(act?.ids).size).toBe(22)
    expect(fake.state.souls.filter(({ row }) => row.state === 'closed').length).toBe(22)
  })

  test('who was refused is named, with the reason', async () => {
    const { user, fake } = openConsole('/people?limit=5')
    const boxes = await screen.findAllByRole('checkbox', { name: /^Sélectionner [A-Z]/ })
    await user.click(boxes[0] as HTMLElement)
    await user.click(boxes[1] as HTMLElement)
    const stolen = fake.state.souls[1]
    if (stolen) stolen.row.state = 'closed'
    await user.click(within(await bar()).getByRole('button', { name: 'Fermer l’accès…' }))
    const dialog = await screen.findByRole('alertdialog')
    await user.type(within(dialog).getByRole('textbox'), 'Départ')
    await user.click(within(dialog).getByRole('button', { name: 'Fermer l’accès' }))
    const report = await screen.findByRole('dialog', { name: 'Fait pour 1, refusé pour 1' })
    expect(report.textContent).toContain('L’accès de cette personne est déjà fermé.')
  })

  test('the whole filter is asked as the filter, and refused when it gives other people by then', async () => {
    const { user, sent, fake } = openConsole('/people?q=martin&limit=5')
    const total = fake.state.souls.filter(({ row }) => row.family.startsWith('Martin')).length
    await user.click((await screen.findAllByRole('checkbox', { name: /^Sélectionner MARTIN/ }))[0] as HTMLElement)
    await user.click(await screen.findByRole('button', { name: `Sélectionner les ${total} du filtre` }))
    const one = fake.state.souls.find(({ row }) => row.family === 'Martin')
    if (one) one.row.family = 'Mart'
    await user.click(within(await bar()).getByRole('button', { name: 'Fermer les sessions' }))
    const dialog = await screen.findByRole('alertdialog')
    if (total > 20) await user.type(within(dialog).getByRole('textbox', { name: /Tapez/ }), String(total))
    await user.click(within(dialog).getByRole('button', { name: 'Fermer les sessions' }))
    expect((await within(dialog).findByRole('alert')).textContent).toContain(`Ce filtre donne maintenant ${total - 1} personnes. Rien n’a été fait.`)
    expect(sent.find(({ path }) => path.endsWith('/people/bulk'))?.body).toEqual({ action: 'end_sessions', count: total, filter: { q: 'martin' } })
  })

  test('no link is ever offered for several people, and the auditor selects nothing', async () => {
    const { user, unmount } = openConsole('/people?limit=5')
    await user.click((await screen.findAllByRole('checkbox', { name: /^Sélectionner [A-Z]/ }))[0] as HTMLElement)
    expect(within(await bar()).getAllByRole('button').map((button) => button.textContent).join()).not.toMatch(/relier/i)
    unmount()
    openConsole('/people?limit=5', (fake) => (fake.state.roles = ['auditor']))
    await screen.findByRole('table')
    expect(screen.queryAllByRole('checkbox')).toEqual([])
  })
})

test('while the list of another filter comes, the one before stays without its way on', async () => {
  const { history, fake } = openConsole('/people')
  expect(await screen.findByRole('link', { name: /^Page suivante/ })).toBeTruthy()
  fake.faults.set('/people', 'slow')
  history.push('/people?state=closed')
  await waitFor(() => expect(screen.getByRole('link', { name: /^Page suivante/ }).getAttribute('aria-disabled')).toBe('true'))
  expect(screen.getByRole('table')).toBeTruthy()
})

test('the way to the next page keeps its place and the focus while the page comes, and at the end of the list', async () => {
  const { history, fake, user, unmount } = openConsole('/people?limit=50')
  const next = await screen.findByRole('link', { name: 'Page suivante' })
  fake.faults.set('/people', 'slow')
  next.focus()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(next.getAttribute('aria-disabled')).toBe('true'))
  expect(history.location.search).toMatch(/cursor=50/)
  expect(document.activeElement).toBe(next)
  await user.click(next)
  await user.keyboard('{Enter}')
  expect(history.location.search).toMatch(/cursor=50/)
  unmount()
  openConsole('/people?limit=50&cursor=100')
  const last = await screen.findByRole('link', { name: 'Page suivante' })
  expect(last.getAttribute('aria-disabled')).toBe('true')
  expect(last.getAttribute('aria-current')).toBeNull()
})
