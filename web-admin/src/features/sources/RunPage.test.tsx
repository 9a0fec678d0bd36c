import { act, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { letGo } from '../../../mock-api/runs'
import type { FakeAppliance } from '../../../mock-api/server'
import { openConsole } from '../../app/test-console'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function plan(prepare?: (fake: FakeAppliance) => void) {
  let at = ''
  const opened = openConsole('/nowhere', (fake) => {
    prepare?.(fake)
    at = `/runs/${fake.state.runs[0]?.id ?? ''}`
  })
  opened.history.push(at)
  await screen.findByRole('table', { name: /Changements prévus/ })
  return opened
}

test('equal changes are one line, doubts are counted first and read apart, the passed brake is named', async () => {
  const { user } = await plan()
  const rows = screen.getAllByRole('row').map((row) => row.textContent)
  expect(rows[1]).toMatch(/^À arbitrer d’abord\s: 1 doute, 2 conflitsArbitrer les 3$/)
  expect(rows[2]).toMatch(/^Fermer 61$/)
  expect(rows.some((row) => row.includes('412 identiques'))).toBe(true)
  expect(screen.getByText('Fermetures au-dessus de la limite')).toBeTruthy()
  expect(screen.getByText(/^61 fermetures\s: second accord requis$/)).toBeTruthy()
  await user.click(screen.getByRole('radio', { name: /^Doutes 1$/ }))
  expect(await screen.findByRole('row', { name: /LEROY Camille/ })).toBeTruthy()
  expect(screen.queryByRole('row', { name: /412 identiques/ })).toBeNull()
})

test('a line that ends a session is out of the fold, set aside, and says why', async () => {
  const { user } = await plan()
  const box = screen.getByRole('checkbox', { name: 'Retenir BERNARD Ana' })
  expect((box as HTMLInputElement).checked).toBe(false)
  box.focus()
  await user.keyboard('{Enter}')
  const panel = await screen.findByRole('complementary', { name: /^Pourquoi fermer BERNARD Ana\s\?$/ })
  expect(panel.textContent).toContain('1 session ouverte.')
  expect(panel.textContent).toMatch(/Ligne 4\s812, colonne DT_FIN = 22\/11\/2026/)
  await user.click(within(panel).getByRole('button', { name: 'Fermer le panneau' }))
  expect(screen.queryByRole('complementary')).toBeNull()
})

test('where there is no room beside the list the panel stands over it, takes the focus, and gives it back', async () => {
  vi.stubGlobal('matchMedia', (media: string) => ({ matches: true, media, addEventListener: () => undefined, removeEventListener: () => undefined }))
  const { user } = await plan()
  const opener = screen.getByRole('button', { name: 'Pourquoi\u202f? BERNARD Ana' })
  opener.focus()
  await user.keyboard('{Enter}')
  const panel = await screen.findByRole('complementary', { name: /^Pourquoi fermer BERNARD Ana/ })
  await waitFor(() => expect(document.activeElement).toBe(panel))
  await user.keyboard('{Escape}')
  expect(screen.queryByRole('complementary')).toBeNull()
  await waitFor(() => expect(document.activeElement).toBe(opener))
})

test('what is set aside by hand is not applied, and the number is typed', async () => {
  const { user, sent, fake } = await plan((fake) => letGo(fake.state.runs[0]))
  expect(screen.getByText(/retenues/, { selector: 'p' }).textContent).toBe('548 retenues, 4 laissées de côté')
  await user.click(screen.getByRole('checkbox', { name: 'Retenir 37 identiques' }))
  await user.click(screen.getByRole('checkbox', { name: 'Retenir BERNARD Ana' }))
  expect(screen.getByText(/retenues/, { selector: 'p' }).textContent).toBe('512 retenues, 40 laissées de côté')
  await user.click(screen.getByRole('button', { name: 'Appliquer la sélection…' }))
  const dialog = await screen.findByRole('alertdialog', { name: /^Appliquer 512 changements de RH\s\?$/ })
  await user.click(within(dialog).getByRole('button', { name: /^Appliquer/ }))
  expect(sent.some(({ path }) => path.endsWith('/apply'))).toBe(false)
  await user.type(within(dialog).getByRole('textbox'), '512')
  await user.click(within(dialog).getByRole('button', { name: 'Appliquer' }))
  await screen.findByText(/s’appliquent\. Suivez-les/)
  const lines = fake.state.plan.map(({ item }) => item)
  const folded = lines.find((item) => item.pattern_count === 37)
  const ana = lines.find((item) => item.person?.family === 'Bernard')
  expect([folded?.result, ana?.result]).toEqual(['aside', 'applied'])
  expect(sent.find(({ path }) => path.endsWith('/apply'))?.body).toEqual({ data_version: '41', selection: { all: true, except: expect.arrayContaining([folded?.id]) } })
  await user.click(await screen.findByRole('button', { name: 'Revenir en arrière' }))
  expect(screen.getByText(/^Rien ne se défait d’ici/)).toBeTruthy()
})

test('above a brake nothing can be asked before a second person agreed, and whoever agreed does not apply', async () => {
  const { user, sent } = await plan((fake) => (fake.state.roles = ['technician', 'security_officer']))
  const apply = screen.getByRole('button', { name: /^Appliquer après un second accord/ })
  expect(apply.getAttribute('aria-disabled')).toBe('true')
  expect(apply.textContent).toContain('L’accord vient d’abord\u202f; qui le donne n’applique pas')
  await user.click(apply)
  expect(screen.queryByRole('alertdialog')).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Donner un second accord' }))
  const own = await screen.findByRole('button', { name: /^Appliquer la sélection…/ })
  expect(own.getAttribute('aria-disabled')).toBe('true')
  expect(own.textContent).toMatch(/Vous avez donné l’accord\s: une autre personne applique/)
  expect(screen.getByText(/^Vous avez donné l’accord/, { selector: 'span:not([class*=hidden])' })).toBeTruthy()
  await user.click(own)
  expect(screen.queryByRole('alertdialog')).toBeNull()
  expect(sent.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/').at(-1))).toEqual(['release'])
})

test('an accord that is given elsewhere frees the plan without a reload', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { fake } = await plan()
  expect(screen.getByRole('button', { name: /^Appliquer après un second accord/ }).getAttribute('aria-disabled')).toBe('true')
  letGo(fake.state.runs[0])
  await act(() => vi.advanceTimersByTimeAsync(15_000))
  expect((await screen.findByRole('button', { name: 'Appliquer la sélection…' })).getAttribute('aria-disabled')).toBeNull()
  expect(screen.getByText('Second accord de M. Roy')).toBeTruthy()
})

test('before it is applied it names who loses something, in folds too, and what of the brake is set aside', async () => {
  const { user } = await plan((fake) => letGo(fake.state.runs[0]))
  expect(screen.getByText(/^dont 1 laissée de côté\s: le frein compte tout le plan$/)).toBeTruthy()
  await user.click(screen.getByRole('radio', { name: /^Modifier 473$/ }))
  await waitFor(() => expect(screen.queryByRole('row', { name: /23 identiques/ })).toBeNull())
  await user.click(screen.getByRole('button', { name: 'Appliquer la sélection…' }))
  const dialog = await screen.findByRole('alertdialog')
  await waitFor(() => expect(within(dialog).getAllByRole('listitem')).toHaveLength(6))
  const said = within(dialog).getAllByRole('listitem').map((line) => line.textContent)
  expect(said.slice(0, 5).every((line) => /, fermer(, UF \d+)?$/.test(line))).toBe(true)
  expect(said.slice(0, 3).every((line) => line.endsWith('fermer, UF 3412'))).toBe(true)
  expect(said.some((line) => line.startsWith('BERNARD Ana'))).toBe(false)
  expect(said[5]).toBe('et 543 autres')
})

test('a refusal that comes all the same has the focus, not the button that would send it again', async () => {
  const { user, fake } = await plan((fake) => letGo(fake.state.runs[0]))
  await user.click(screen.getByRole('button', { name: 'Appliquer la sélection…' }))
  const dialog = await screen.findByRole('alertdialog')
  await user.type(within(dialog).getByRole('textbox'), '548')
  // The accord is good for a quarter of an hour.
  Object.assign(fake.state.runs[0] ?? {}, { second_approval: true })
  await user.click(within(dialog).getByRole('button', { name: 'Appliquer' }))
  const refusal = await within(dialog).findByRole('alert')
  expect(refusal.textContent).toContain('Rien n’a été appliqué. Demandez un second accord.')
  await waitFor(() => expect(document.activeElement?.contains(refusal)).toBe(true))
  expect(document.activeElement?.tagName).toBe('DIV')
})

test('who began a reading is told that she gives no accord, and nobody else who bears her name', async () => {
  const own = () => screen.queryByText(/^Vous avez lancé cette lecture/)
  const begun = (mine: boolean) => plan((fake) => void Object.assign(fake.state.runs[0] ?? {}, { by: 'L. Delmas', mine }))
  const { unmount } = await begun(false)
  expect(own()).toBeNull()
  unmount()
  await begun(true)
  expect(own()).toBeTruthy()
  expect(screen.getByRole('button', { name: /^Donner un second accord/ }).getAttribute('aria-disabled')).toBe('true')
})

test('a plan computed on data that moved cannot be applied', async () => {
  await plan((fake) => {
    const [run] = fake.state.runs
    if (run) run.stale = true
  })
  expect(screen.getByText('Rien n’a été appliqué. Recalculez.')).toBeTruthy()
  expect(screen.getByRole('button', { name: /^Appliquer/ }).getAttribute('aria-disabled')).toBe('true')
})

test('a folded line opens on its members', async () => {
  const { user } = await plan()
  await waitFor(() => expect(screen.getAllByRole('row')).toHaveLength(74))
  await user.click(screen.getByRole('button', { name: 'Voir les 23' }))
  await waitFor(() => expect(screen.getAllByRole('row')).toHaveLength(74 + 23))
})

test('a refused file says why, line by line', async () => {
  let at = ''
  const opened = openConsole('/nowhere', (fake) => {
    const [run] = fake.state.runs
    if (!run) return
    Object.assign(run, { state: 'refused', problem: { code: 'truncated', text: 'Fichier RH incomplet : 4 812 lignes, 12 000 attendues.' }, faults: [{ line: 12, column: 'DT_FIN', found: '31/02/2026', expected: 'jj/mm/aaaa', text: 'Cette date n’existe pas.' }] })
    at = `/runs/${run.id}`
  })
  opened.history.push(at)
  expect((await screen.findByRole('alert')).textContent).toContain('Fichier RH incomplet')
  expect(screen.getByRole('row', { name: /12 DT_FIN 31\/02\/2026 jj\/mm\/aaaa/ })).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Appliquer/ })).toBeNull()
})
