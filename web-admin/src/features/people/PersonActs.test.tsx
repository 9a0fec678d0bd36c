import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { FakeAppliance } from '../../../mock-api/server'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

const marie = (fake: FakeAppliance) => fake.state.souls.find(({ row }) => row.matricules[0] === '212094')

async function open() {
  let id = ''
  const opened = openConsole('/nowhere', (fake) => (id = marie(fake)?.row.id ?? ''))
  opened.history.push(`/people/${id}`)
  await screen.findByRole('heading', { level: 1, name: /MARTIN/ })
  return opened
}

async function otherAct(opened: Awaited<ReturnType<typeof open>>, name: RegExp) {
  await opened.user.click(screen.getByRole('button', { name: 'Autres actions' }))
  await opened.user.click(await screen.findByRole('menuitem', { name }))
  return screen.findByRole('alertdialog')
}

test('suspended with a motive, then resumed', async () => {
  const opened = await open()
  const asked = await otherAct(opened, /^Suspendre la personne$/)
  // She has a homonym: the question says which of them is meant.
  expect(within(asked).getByText('Un homonyme chez nous.').parentElement?.textContent).toMatch(/Ici\s: date de naissance \d{2}\/\d{2}\/\d{4}, .+\.$/)
  const verb = within(asked).getByRole('button', { name: /^Suspendre/ })
  expect(verb.getAttribute('aria-disabled')).toBe('true')
  await opened.user.type(within(asked).getByRole('textbox'), 'Badge prêté')
  await opened.user.click(within(asked).getByRole('button', { name: 'Suspendre la personne' }))
  await waitFor(() => expect(marie(opened.fake)?.row.state).toBe('suspended'))
  const back = await otherAct(opened, /^Lever la suspension$/)
  await opened.user.type(within(back).getByRole('textbox'), 'Badge rendu')
  await opened.user.click(within(back).getByRole('button', { name: 'Lever la suspension' }))
  await waitFor(() => expect(marie(opened.fake)?.row.state).toBe('active'))
})

test('who closes somebody reads which applications are cut off, which of two homonyms it is, and that the AD account stays', async () => {
  const { user } = await open()
  await user.click(screen.getByRole('button', { name: /^Fermer d’urgence/ }))
  const asked = await screen.findByRole('alertdialog')
  expect(asked.textContent).toMatch(/plus rien ne s’ouvre par Hygie\. Le compte AD n’est pas modifié\./)
  expect(asked.textContent).toContain('1 session ouverte. DPI Valmont, Labo')
  await user.click(within(asked).getByRole('button', { name: 'Annuler' }))
  await user.click(screen.getByRole('button', { name: /^Fermer la session/ }))
  const one = await screen.findByRole('alertdialog')
  expect(within(one).getByText('Un homonyme chez nous.')).toBeTruthy()
  expect(one.textContent).toMatch(/CARD-3A-02\s: DPI Valmont, Labo/)
})

test('who has no post opens nothing, and reads why beside each application', async () => {
  let id = ''
  const opened = openConsole('/nowhere', (fake) => {
    const one = marie(fake)
    id = one?.row.id ?? ''
    one?.posts.splice(0)
  })
  opened.history.push(`/people/${id}`)
  const card = (await screen.findByRole('heading', { name: 'Ne peut rien ouvrir' })).closest('section')
  expect(card?.textContent).toMatch(/DPI Valmont\s: Aucune affectation en cours/)
})

test('closed on a day to come, which is shown and can be taken back', async () => {
  const opened = await open()
  const asked = await otherAct(opened, /^Fermer à une date/)
  await opened.user.click(within(asked).getAllByRole('spinbutton')[0] as HTMLElement)
  await opened.user.keyboard('31122026')
  await opened.user.type(within(asked).getByRole('textbox', { name: /^Motif/ }), 'Retraite')
  await opened.user.click(within(asked).getByRole('button', { name: 'Prévoir la fermeture' }))
  expect(await screen.findByText('Fermeture prévue à la fin du 31/12/2026')).toBeTruthy()
  expect(opened.sent.find(({ path }) => path.endsWith('/close'))?.body).toEqual({ motive: 'Retraite', on: '2026-12-31' })
  const back = await otherAct(opened, /^Annuler la fermeture/)
  await opened.user.click(within(back).getByRole('button', { name: 'Annuler la fermeture prévue' }))
  await waitFor(() => expect(screen.queryByText('Fermeture prévue à la fin du 31/12/2026')).toBeNull())
})

test('one session is ended where it is open', async () => {
  const opened = await open()
  await opened.user.click(screen.getByRole('button', { name: /^Fermer la session\s: Firefox, poste CARD-3A-02$/ }))
  const asked = await screen.findByRole('alertdialog')
  await opened.user.click(within(asked).getByRole('button', { name: 'Fermer la session' }))
  await waitFor(() => expect(marie(opened.fake)?.sessions).toEqual([]))
})

/** Two records that nothing contradicts: neither has a number of the register. */
function twoOf(fake: FakeAppliance) {
  const [kept, other] = fake.state.souls.filter(({ row, rpps }) => row.state === 'active' && !rpps)
  if (!kept || !other) throw new Error('the made-up hospital has no two people without RPPS')
  return { kept, other }
}

test('two records are made one on proof, read side by side before, and split again', async () => {
  let id = ''
  const opened = openConsole('/nowhere', (fake) => (id = twoOf(fake).kept.row.id))
  const { kept, other } = twoOf(opened.fake)
  opened.history.push(`/people/${id}`)
  await screen.findByRole('heading', { level: 2, name: 'Identité' })
  const asked = await otherAct(opened, /^Réunir à une autre fiche/)
  const verb = () => within(asked).getByRole('button', { name: /^Réunir les deux fiches/ })
  await opened.user.type(within(asked).getByRole('combobox', { name: /^L’autre fiche/ }), other.row.matricules[0] ?? '')
  await opened.user.click(await within(asked).findByRole('option'))
  const table = await within(asked).findByRole('table', { name: 'Les deux fiches côte à côte' })
  expect(within(table).getByRole('row', { name: new RegExp(`${kept.row.matricules[0] ?? ''}.*${other.row.matricules[0] ?? ''}`) })).toBeTruthy()
  await opened.user.click(within(asked).getByRole('radio', { name: 'Dossier RH' }))
  expect(verb().getAttribute('aria-disabled')).toBe('true')
  await opened.user.type(within(asked).getByRole('textbox', { name: /^Motif/ }), 'Deux dossiers RH')
  const [posts, otherPosts] = [kept.posts.length, other.posts.length]
  await opened.user.click(verb())
  const card = await screen.findByRole('region', { name: /^Fiches réunies/ })
  expect(opened.sent.find(({ path }) => path.endsWith('/merges'))?.body).toEqual({ kept: kept.row.id, absorbed: other.row.id, evidence: 'hr_file', motive: 'Deux dossiers RH' })
  expect(card.textContent).toMatch(/Dossier RH · Deux dossiers RH/)
  expect(kept.posts.length).toBe(posts + otherPosts)

  await opened.user.click(within(card).getByRole('link'))
  expect(await screen.findByText(/^Cette fiche a été réunie à une autre le 22\/11\/2026/)).toBeTruthy()
  await opened.user.click(screen.getByRole('link', { name: /^Ouvrir la fiche d[e’]/ }))
  await opened.user.click(await screen.findByRole('button', { name: /^Séparer d[e’]/ }))
  const back = await screen.findByRole('alertdialog')
  await opened.user.type(within(back).getByRole('textbox'), 'Deux homonymes')
  await opened.user.click(within(back).getByRole('button', { name: 'Séparer les deux fiches' }))
  await waitFor(() => expect(opened.history.location.pathname).toBe(`/people/${other.row.id}`))
  expect(other.posts.length).toBe(otherPosts)
  await waitFor(() => expect(screen.queryByText(/^Cette fiche a été réunie/)).toBeNull())
})

test('a merge that is refused says what stands in the way, and changes nothing', async () => {
  const two = (fake: FakeAppliance) => fake.state.souls.filter(({ row, rpps }) => row.state === 'active' && rpps).slice(0, 2)
  let id = ''
  const opened = openConsole('/nowhere', (fake) => (id = two(fake)[0]?.row.id ?? ''))
  opened.history.push(`/people/${id}`)
  await screen.findByRole('heading', { level: 2, name: 'Identité' })
  const asked = await otherAct(opened, /^Réunir à une autre fiche/)
  await opened.user.type(within(asked).getByRole('combobox'), two(opened.fake)[1]?.row.matricules[0] ?? '')
  await opened.user.click(await within(asked).findByRole('option'))
  await opened.user.click(within(asked).getByRole('radio', { name: 'Pièce d’identité vue' }))
  await opened.user.type(within(asked).getByRole('textbox', { name: /^Motif/ }), 'Même carte')
  await opened.user.click(within(asked).getByRole('button', { name: /^Réunir les deux fiches/ }))
  expect((await within(asked).findByRole('alert')).textContent).toMatch(/numéros RPPS différents/)
  expect(opened.fake.state.merges).toEqual([])
})

test('a record with a number of the register is merged on two people’s word, and never before the other was read', async () => {
  let id = ''
  const opened = openConsole('/nowhere', (fake) => (id = twoOf(fake).kept.row.id))
  const linked = opened.fake.state.souls.find(({ row, rpps }) => row.state === 'active' && rpps)
  opened.history.push(`/people/${id}`)
  await screen.findByRole('heading', { level: 2, name: 'Identité' })
  const asked = await otherAct(opened, /^Réunir à une autre fiche/)
  await opened.user.click(within(asked).getByRole('radio', { name: 'Dossier RH' }))
  await opened.user.type(within(asked).getByRole('textbox', { name: /^Motif/ }), 'Deux dossiers RH')
  const verb = within(asked).getByRole('button', { name: /^Réunir les deux fiches/ })
  const field = within(asked).getByRole('combobox', { name: /^L’autre fiche/ })
  await opened.user.type(field, linked?.row.matricules[0] ?? '')
  await within(asked).findByRole('option')
  // Escape leaves the list, not the question with what was typed in it.
  await opened.user.keyboard('{Escape}')
  expect(within(asked).queryByRole('option')).toBeNull()
  expect(screen.getByRole('alertdialog')).toBe(asked)
  opened.fake.faults.set(`/people/${linked?.row.id ?? ''}`, 'error')
  await opened.user.type(field, ' ')
  await opened.user.click(await within(asked).findByRole('option'))
  expect((await within(asked).findByRole('alert')).textContent).toContain('La fiche n’a pas pu')
  expect(verb.getAttribute('aria-disabled')).toBe('true')
  opened.fake.faults.clear()
  await opened.user.click(within(asked).getByRole('button', { name: 'Réessayer' }))
  await within(asked).findByRole('table', { name: 'Les deux fiches côte à côte' })
  await opened.user.click(within(asked).getByRole('button', { name: /^Réunir les deux fiches/ }))
  expect(await screen.findByText(/^Réunion demandée\. Une autre personne doit donner son accord/)).toBeTruthy()
  expect(opened.fake.state.merges).toEqual([])
})

test('the menu holds what one may do: who decides nothing and closes nobody has none', async () => {
  let id = ''
  const opened = openConsole('/nowhere', (fake) => {
    fake.state.roles = ['technician']
    id = marie(fake)?.row.id ?? ''
  })
  opened.history.push(`/people/${id}`)
  await screen.findByRole('heading', { level: 1, name: /MARTIN/ })
  expect(screen.getByRole('button', { name: /^Fermer les sessions/ })).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Autres actions' })).toBeNull()
})
