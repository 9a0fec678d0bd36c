import { act, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { letGo } from '../../mock-api/runs'
import { forgetSession } from '../api/session'
import { startAgain } from '../lib/paths'
import { openConsole } from './test-console'

vi.mock('../lib/paths', async (original) => ({ ...(await original<object>()), startAgain: vi.fn() }))

const MINUTE = 60_000

beforeEach(() => {
  forgetSession()
  vi.useFakeTimers({ now: new Date('2026-11-22T14:12:08+01:00'), toFake: ['Date', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function wait(minutes: number) {
  await act(() => vi.advanceTimersByTimeAsync(minutes * MINUTE))
}

async function form() {
  const opened = openConsole('/applications/new')
  await opened.user.type(await screen.findByLabelText('Nom'), 'Imagerie')
  return opened
}

const typed = () => (screen.getByLabelText('Nom') as HTMLInputElement).value
const dialog = (name: RegExp) => screen.findByRole('alertdialog', { name })

test('after 28 minutes it says that the session is about to close, and staying is one press', async () => {
  const { user, sent } = await form()
  await wait(27)
  expect(screen.queryByRole('alertdialog')).toBeNull()
  await wait(1.1)
  const warning = await dialog(/^Votre session se ferme dans 2 min\.$/)
  await user.click(within(warning).getByRole('button', { name: 'Rester connecté' }))
  await wait(2)
  expect(screen.queryByRole('alertdialog')).toBeNull()
  expect(sent.some(({ path }) => path.endsWith('/logout'))).toBe(false)
  expect(typed()).toBe('Imagerie')
})

test('unanswered, the session is closed, and the form stays until somebody logs in again', async () => {
  const { sent, fake } = await form()
  await wait(30.1)
  const ended = await dialog(/^Votre session est fermée\.$/)
  expect(ended.textContent).toContain('Ce que vous avez saisi reste ici.')
  expect(sent.some(({ path, method }) => method === 'POST' && path === '/api/v1/logout')).toBe(true)
  await wait(1)
  expect(screen.getByRole('alertdialog')).toBeTruthy()
  // The login window did its work.
  fake.state.loggedOut = false
  await wait(0.1)
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
  expect(typed()).toBe('Imagerie')
})

test('staying tells the appliance, which would close by itself', async () => {
  const { user, sent } = await form()
  await wait(28.1)
  await user.click(within(await dialog(/^Votre session se ferme/)).getByRole('button', { name: 'Rester connecté' }))
  await waitFor(() => expect(sent.filter(({ path }) => path === '/api/v1/me/stay').length).toBe(1))
})

test('closed for want of anybody, it does not come back by itself while the appliance has not heard', async () => {
  const { fake } = await form()
  fake.faults.set('/logout', 'error')
  await wait(30.1)
  await dialog(/^Votre session est fermée\.$/)
  // The session is still good over there: nobody asks, nothing is drawn again.
  await wait(1)
  expect(fake.state.loggedOut).toBe(false)
  expect(screen.getByRole('alertdialog', { name: /^Votre session est fermée\.$/ })).toBeTruthy()
})

test('another person logged in: this page is not continued in her name', async () => {
  const { fake } = await form()
  fake.state.operator = '0193a5b0-9999-7000-8000-000000000009'
  await act(() => {
    new BroadcastChannel('hygie.session').postMessage('opened')
    return vi.advanceTimersByTimeAsync(10)
  })
  await waitFor(() => expect(startAgain).toHaveBeenCalled())
})

test('a session that ended meanwhile is told where one works: nothing is saved, nothing is lost', async () => {
  const { user, fake } = await form()
  await user.type(screen.getByLabelText('Adresses de retour'), 'https://pacs.exemple.fr/retour')
  fake.faults.set('/', 'unauthenticated')
  const open = vi.fn()
  vi.stubGlobal('open', open)
  await user.click(screen.getByRole('button', { name: 'Enregistrer l’application' }))
  const ended = await dialog(/^Votre session est fermée\.$/)
  await user.click(within(ended).getByRole('button', { name: 'Se reconnecter' }))
  expect(open.mock.calls[0]?.[0]).toBe('/login?return=%2Freconnected')
  fake.faults.clear()
  await wait(0.1)
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
  expect([fake.state.clients.length, typed()]).toEqual([2, 'Imagerie'])
  await user.click(screen.getByRole('button', { name: 'Enregistrer l’application' }))
  expect(await screen.findByText('hyg_cs_7Yp2mKq9Rt4Vw8Xz1Bc6Nd3F')).toBeTruthy()
})

class Credential {
  static parseRequestOptionsFromJSON = (options: object) => options
  toJSON = () => ({ id: 'key' })
}

async function apply(answer: () => Promise<unknown>) {
  vi.stubGlobal('PublicKeyCredential', Credential)
  Object.defineProperty(navigator, 'credentials', { configurable: true, value: { get: answer } })
  let at = ''
  const opened = openConsole('/nowhere', (fake) => {
    fake.state.confirmed.asked = true
    letGo(fake.state.runs[0])
    at = `/runs/${fake.state.runs[0]?.id ?? ''}`
  })
  opened.history.push(at)
  await opened.user.click(await screen.findByRole('button', { name: 'Appliquer la sélection…' }))
  const asked = await screen.findByRole('alertdialog')
  await opened.user.type(within(asked).getByRole('textbox'), '548')
  await opened.user.click(within(asked).getByRole('button', { name: 'Appliquer' }))
  return { ...opened, asked }
}

test('a wide act asks for the key again, then goes through by itself', async () => {
  const { fake, sent } = await apply(() => Promise.resolve(new Credential()))
  await screen.findByText(/s’appliquent\. Suivez-les/)
  expect(fake.state.confirmed.acts).toEqual(['apply_plan'])
  expect(sent.filter(({ path }) => path.endsWith('/apply')).map(({ body }) => body)).toEqual([expect.anything(), expect.anything()])
})

test('a key that does not answer leaves all as it was', async () => {
  const { fake, asked } = await apply(() => Promise.reject(new DOMException('cancelled', 'NotAllowedError')))
  expect((await within(asked).findByRole('alert')).textContent).toContain('Votre clé n’a pas été touchée. Rien n’a été fait.')
  expect([fake.state.confirmed.acts, fake.state.runs[0]?.state]).toEqual([[], 'waiting'])
})
