import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { chosenCandidate } from '../../../mock-api/state'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

async function marieMartin() {
  const opened = openConsole('/cases')
  const link = await screen.findByRole('link', { name: /RPPS de MARTIN Marie/ })
  await opened.user.click(link)
  const one = await screen.findByRole('region', { name: 'RPPS de MARTIN Marie' })
  return { ...opened, one }
}

const decisions = (sent: { path: string; body: unknown; headers: Headers }[]) => sent.filter(({ path }) => path.endsWith('/decision'))

test('three candidates side by side, what differs said in words, none preferred', async () => {
  const { one } = await marieMartin()
  const table = within(one).getByRole('table', { name: 'Notre fiche et 3 candidats, champ par champ' })
  const place = within(table).getByRole('row', { name: /^Lieu d’exercice/ })
  expect(within(place).getAllByRole('cell').map((cell) => cell.textContent)).toEqual(['CH de Valmont', 'identique : CH de Valmont', 'différent : CHU des Trois-Vals', 'identique : CH de Valmont'])
  expect(within(one).getByText(/Jamais relié sur le nom seul/)).toBeTruthy()
  const buttons = within(one).getAllByRole('button', { name: /^Relier/ })
  expect(new Set(buttons.map((button) => button.className)).size).toBe(1)
})

test('a link is asked by its letter, and not sent without evidence', async () => {
  const { one, sent, user } = await marieMartin()
  await waitFor(() => expect(one.contains(document.activeElement)).toBe(true))
  await user.keyboard('a')
  const dialog = await screen.findByRole('alertdialog', { name: /Relier le candidat A à MARTIN \(née DURAND\) Marie/ })
  expect(document.activeElement?.textContent).toBe('Annuler')
  const link = within(dialog).getByRole('button', { name: /^Relier A/ })
  expect(link.getAttribute('aria-disabled')).toBe('true')
  await user.click(link)
  expect(decisions(sent)).toEqual([])
  await user.click(within(dialog).getByRole('radio', { name: 'Carte professionnelle vue' }))
  await user.click(within(dialog).getByRole('button', { name: 'Relier A' }))
  await screen.findByText(/RPPS relié\. Annulable/)
  expect(decisions(sent)[0]?.body).toEqual({ decision: 'link', candidate: 'A', evidence: 'professional_card' })
  expect(decisions(sent)[0]?.headers.get('if-match')).toBe('"1"')
})

test('what a card said against what is known stands above the candidates, and no card proves the link', async () => {
  const { fake, user } = openConsole('/cases')
  const asked = fake.state.cases[2]
  if (!asked) throw new Error('no case')
  asked.alarm = { reason: 'names_differ', credential: 'cps_card', sentence: '' }
  await user.click(await screen.findByRole('link', { name: /RPPS de MARTIN Marie/ }))
  const one = await screen.findByRole('region', { name: 'RPPS de MARTIN Marie' })
  await within(one).findByText(/carte prêtée, ou session de quelqu’un d’autre/)
  await user.click(within(one).getByRole('button', { name: /^Relier A/ }))
  const dialog = await screen.findByRole('alertdialog', { name: /Relier le candidat A/ })
  expect(within(dialog).getAllByRole('radio').map((one) => one.closest('label')?.textContent)).toEqual(['Pièce d’identité vue'])
})

test('one key refuses all, the next case comes, and it can be taken back', async () => {
  const { one, sent, user, fake } = await marieMartin()
  await waitFor(() => expect(one.contains(document.activeElement)).toBe(true))
  await user.keyboard('1')
  await screen.findByText(/ : Aucun candidat retenu\.$/)
  expect(decisions(sent)[0]?.body).toEqual({ decision: 'none_fits' })
  expect(screen.queryByRole('region', { name: 'RPPS de MARTIN Marie' })).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Annuler l’action' }))
  await waitFor(() => expect(fake.state.cases[2]?.state).toBe('open'))
})

test('keys are silent outside the case, and when the menu of the case switches them off', async () => {
  const { one, sent, user } = await marieMartin()
  await user.click(screen.getByRole('combobox', { name: 'Rechercher dans Hygie' }))
  await user.keyboard('1')
  await user.click(within(one).getByRole('button', { name: 'Options du cas' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Couper les touches A à C, 1 à 3, J et K' }))
  one.focus()
  await user.keyboard('1a')
  expect(decisions(sent)).toEqual([])
  expect(screen.queryByRole('alertdialog')).toBeNull()
  expect(within(one).getByRole('button', { name: 'Aucun ne convient' }).textContent).toBe('Aucun ne convient')
})

test('a click on the case already open gives it its keys', async () => {
  const { one, sent, user } = await marieMartin()
  await waitFor(() => expect(one.contains(document.activeElement)).toBe(true))
  await user.click(screen.getByRole('link', { name: /RPPS de MARTIN Marie/ }))
  await waitFor(() => expect(one.contains(document.activeElement)).toBe(true))
  await user.keyboard('2')
  await screen.findByText(/ : Question posée à la RH\.$/)
  expect(decisions(sent)[0]?.body).toEqual({ decision: 'ask_hr' })
})

test('a note is typed without any key being taken for an answer, and goes with the answer', async () => {
  const { one, sent, user } = await marieMartin()
  await user.click(within(one).getByRole('button', { name: 'Ajouter une note' }))
  await user.type(within(one).getByRole('textbox', { name: 'Note (facultative)' }), 'bac 123, jk')
  expect(decisions(sent)).toEqual([])
  await user.click(within(one).getByRole('button', { name: /Attendre sa carte/ }))
  await screen.findByText(/Le cas attendra sa carte\.$/)
  expect(decisions(sent)[0]?.body).toEqual({ decision: 'wait_card', note: 'bac 123, jk' })
})

test('what waits elsewhere is found again, and comes back to the queue', async () => {
  const { user, fake, history } = await marieMartin()
  await user.keyboard('2')
  await screen.findByText(/ : Question posée à la RH\.$/)
  await user.click(screen.getByRole('button', { name: 'État des cas : En attente' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Chez la RH' }))
  const one = await screen.findByRole('region', { name: 'RPPS de MARTIN Marie' })
  expect(history.location.search).toContain('state=ask_hr')
  expect(within(one).queryByRole('button', { name: /Demander à la RH/ })).toBeNull()
  expect(within(one).getByRole('button', { name: /Aucun ne convient/ })).toBeTruthy()
  await user.click(within(one).getByRole('button', { name: 'Défaire, remettre en attente' }))
  await screen.findByText('Le cas attend de nouveau une décision.')
  expect(fake.state.cases[2]?.state).toBe('open')
})

test('a case decided meanwhile says by whom', async () => {
  const { one, user, fake } = await marieMartin()
  const stolen = fake.state.cases[2]
  if (stolen) stolen.state = 'decided'
  await user.click(within(one).getByRole('button', { name: /Demander à la RH/ }))
  expect((await screen.findByRole('alert')).textContent).toContain('Ce cas a été décidé entre-temps par H. Blanc.')
})

test('a case whose data moved is shown beside what was read, before anything is decided', async () => {
  const { one, user, fake, sent } = await marieMartin()
  const moved = fake.state.cases[2]
  const candidate = moved?.candidates[0]
  if (!moved || !candidate) throw new Error('no such case')
  candidate.contributions = candidate.contributions.map((part) => (part.field === 'given_names' ? { ...part, theirs: 'Marie-Ange', sign: 'near' } : part))
  moved.etag = '"2"'
  await user.click(within(one).getByRole('button', { name: /Aucun ne convient/ }))
  const alert = await within(one).findByRole('alert')
  expect(alert.textContent).toContain('Cette fiche a changé depuis que vous l’avez lue. Rien n’a été fait.')
  await waitFor(() => expect(document.activeElement).toBe(alert))
  expect(within(alert).getAllByRole('row').map((row) => row.textContent)).toContain('A, PrénomMarieMarie-Ange')
  expect(moved.state).toBe('open')
  await user.click(within(one).getByRole('button', { name: 'J’ai vu ce qui a changé' }))
  await user.click(within(one).getByRole('button', { name: /Aucun ne convient/ }))
  await screen.findByText(/ : Aucun candidat retenu\.$/)
  expect(decisions(sent).map(({ headers }) => headers.get('if-match'))).toEqual(['"1"', '"2"'])
})

test('several cases are given to a colleague, and taken back to whoever had them', async () => {
  const { user, fake, sent } = openConsole('/cases', ({ state }) => state.cases.slice(0, 1).forEach((one) => (one.assigned_to = { id: '0193a5b0-1111-7000-8000-000000000003', name: 'BLANC Hélène' })))
  await user.click(await screen.findByRole('button', { name: 'Options de la file' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Choisir plusieurs cas' }))
  for (const box of (await screen.findAllByRole('checkbox', { name: /^Sélectionner / })).slice(0, 2)) await user.click(box)
  const bar = screen.getByRole('region', { name: 'Sélection' })
  expect(within(bar).queryByRole('button', { name: /relier/i })).toBeNull()
  await user.click(within(bar).getByRole('button', { name: 'Confier à…' }))
  // Two colleagues of one name are told apart before one is chosen.
  expect((await screen.findAllByRole('menuitem', { name: /^BLANC/ })).map(({ textContent }) => textContent)).toEqual(['BLANC Hélène · 12/03/1981', 'BLANC Hélène · 02/11/1990'])
  await user.click(await screen.findByRole('menuitem', { name: 'Moi' }))
  await screen.findByText('2 cas confiés à DELMAS Lou.')
  expect(fake.state.cases.slice(0, 2).map((one) => one.assigned_to?.name)).toEqual(['DELMAS Lou', 'DELMAS Lou'])
  await user.click(screen.getByRole('button', { name: 'Annuler l’action' }))
  await waitFor(() => expect(fake.state.cases.slice(0, 2).map((one) => one.assigned_to?.name)).toEqual(['BLANC Hélène', undefined]))
  expect(sent.filter(({ path }) => path.endsWith('/assign')).length).toBe(3)
  expect(screen.queryByText(/Cette fiche a changé/)).toBeNull()
})

test('the queue shows mine only, when asked', async () => {
  const { user, history } = openConsole('/cases', ({ state }) => state.cases.slice(1, 2).forEach((one) => (one.assigned_to = { id: '0193a5b0-1111-7000-8000-000000000002', name: 'DELMAS Lou' })))
  await user.click(await screen.findByRole('checkbox', { name: 'Confiés à moi' }))
  await waitFor(() => expect(history.location.search).toBe('?assigned=me'))
  expect(await screen.findByText('1 pour ce filtre')).toBeTruthy()
})

test('a case without candidate says so, and can still be decided', async () => {
  const { user, sent } = openConsole('/cases')
  await user.click(await screen.findByRole('link', { name: /0 candidat/ }))
  expect(await screen.findByText('Le registre ne propose personne d’assez proche.')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: /Demander à la RH/ }))
  await screen.findByText(/ : Question posée à la RH\.$/)
  expect(decisions(sent)[0]?.body).toEqual({ decision: 'ask_hr' })
})

test('where two people decide, a link waits for the second, who reads the same columns before she agrees', async () => {
  const { user, fake, sent, history } = openConsole('/cases', ({ state }) => state.cases.forEach((one) => (one.two_people = true)))
  const [one] = fake.state.cases
  await user.click(await screen.findByRole('button', { name: /^Relier A…/ }))
  const dialog = await screen.findByRole('alertdialog')
  expect(dialog.textContent).toContain('Une autre personne devra donner son accord')
  await user.click(within(dialog).getByRole('radio', { name: 'Carte professionnelle vue' }))
  await user.click(within(dialog).getByRole('button', { name: 'Demander le second accord pour A' }))
  await screen.findByText('Candidat A retenu. Une autre personne doit donner son accord.')
  expect(one?.state).toBe('open')
  // The one who asked may only take it back.
  history.push(`/cases?case=${one?.id ?? ''}`)
  await screen.findByText('Vous avez retenu le candidat A.')
  expect(screen.getByRole('button', { name: 'Retirer ma demande' })).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Accepter/ })).toBeNull()
  expect(screen.getByRole('button', { name: /^Relier A…/ }).getAttribute('aria-disabled')).toBe('true')
  expect(sent.some(({ path }) => path.endsWith('/give'))).toBe(false)
})

test('a colleague’s choice is agreed from the question itself, where its tray entry leads', async () => {
  const { user, fake } = openConsole('/', ({ state }) => chosenCandidate(state))
  await user.click(await screen.findByRole('button', { name: '1 accord attendu' }))
  const tray = await screen.findByRole('dialog', { name: 'Seconds accords attendus' })
  expect(tray.textContent).toContain('Relier la fiche de MARTIN Marie')
  expect(within(tray).queryByRole('button', { name: /^Donner mon accord/ })).toBeNull()
  await user.click(within(tray).getByRole('link', { name: 'Voir le cas' }))
  await screen.findByText('H. Blanc a retenu le candidat A.')
  await user.click(screen.getByRole('button', { name: 'Donner mon accord pour A' }))
  await waitFor(() => expect(fake.state.cases.find(({ decision }) => decision === 'link')?.state).toBe('decided'))
  expect(fake.state.accords).toEqual([])
})
