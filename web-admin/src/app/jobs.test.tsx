import { screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { Api } from '../api/types'
import { openConsole } from './test-console'

afterEach(() => vi.unstubAllGlobals())

type Job = Api['Job']
const read: Job = { id: '0193a5b0-2222-7000-8000-00000000000a', kind: 'source_preview', state: 'done', done: 300, unit: 'lines', resumable: false, finished_at: '2020-01-06T04:00:00Z' }
const other: Job = { ...read, id: '0193a5b0-2222-7000-8000-00000000000b', state: 'running', finished_at: null }

test('a job that had ended before the page was opened reads nothing again; each ending heard since does', async () => {
  let tell: (job: Job) => void = () => undefined
  vi.stubGlobal('EventSource', class {
    addEventListener(_: string, listen: (event: { data: string }) => void) {
      tell = (job) => listen({ data: JSON.stringify(job) })
    }
    close() {
      tell = () => undefined
    }
  })
  const { sent } = openConsole('/people', (fake) => fake.state.jobs.push(read))
  const asked = () => sent.filter(({ method, path }) => method === 'GET' && path === '/api/v1/people').length
  await screen.findByRole('table')
  expect(asked()).toBe(1)
  // Told again at the connection; the other job shows when both have been heard.
  tell(read)
  tell(other)
  await screen.findByRole('button', { name: /1 travail/ })
  expect(asked()).toBe(1)
  // The same reading runs again, and ends between two looks.
  tell({ ...read, finished_at: '2020-01-06T14:00:00Z' })
  await waitFor(() => expect(asked()).toBe(2))
  tell({ ...other, state: 'failed' })
  await waitFor(() => expect(asked()).toBe(3))
})

test('a job that ended while the page was being opened is read again when it is told', async () => {
  let tell: (job: Job) => void = () => undefined
  vi.stubGlobal('EventSource', class {
    addEventListener(_: string, listen: (event: { data: string }) => void) {
      tell = (job) => listen({ data: JSON.stringify(job) })
    }
    close() {
      tell = () => undefined
    }
  })
  // It stands in the first list of jobs already, as one does that ended between an act and that list.
  const justNow = { ...read, finished_at: new Date().toISOString() }
  const { sent } = openConsole('/people', (fake) => fake.state.jobs.push(justNow))
  const asked = () => sent.filter(({ method, path }) => method === 'GET' && path === '/api/v1/people').length
  await screen.findByRole('table')
  expect(asked()).toBe(1)
  tell(justNow)
  await waitFor(() => expect(asked()).toBe(2))
})

test('a job is paused, taken up, and stopped for good: the tray says what stays done', async () => {
  const running: Job = { ...read, id: '0193a5b0-2222-7000-8000-00000000000c', kind: 'plan_apply', state: 'running', done: 120, total: 500, unit: 'items', finished_at: null }
  const { user, fake } = openConsole('/', (fake) => fake.state.jobs.push(running))
  await user.click(await screen.findByRole('button', { name: /1 travail/ }))
  await user.click(await screen.findByRole('button', { name: /^Mettre en pause/ }))
  expect(await screen.findByText(/^Mis en pause\./)).toBeTruthy()
  expect(await screen.findByText('En pause')).toBeTruthy()
  expect(fake.state.jobs[0]).toMatchObject({ state: 'paused', resumable: true })
  await user.click(screen.getByRole('button', { name: /^Arrêter/ }))
  expect(await screen.findByText(/^Arrêté, il ne reprendra pas\..*Ce qui est appliqué reste appliqué/)).toBeTruthy()
  await waitFor(() => expect(screen.queryByRole('button', { name: /^Reprendre/ })).toBeNull())
  expect(fake.state.jobs[0]).toMatchObject({ state: 'stopped', resumable: false })
})
