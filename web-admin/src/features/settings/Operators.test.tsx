import { act, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { openConsole } from '../../app/test-console'

afterEach(() => vi.unstubAllGlobals())

const table = () => screen.findByRole('table', { name: 'Opérateurs de la console' })

test('somebody whom the sources know is made an operator, and her link is shown once', async () => {
  const { user, sent } = openConsole('/system')
  await table()
  await user.click(screen.getByRole('button', { name: 'Nommer un opérateur' }))
  const asked = await screen.findByRole('alertdialog')
  const who = within(asked).getByRole('combobox')
  await user.type(who, 'martin')
  expect(await within(asked).findByText(/^5 au plus s’affichent/)).toBeTruthy()
  await user.type(who, ' durand')
  await user.click(await within(asked).findByRole('option', { name: /MARTIN \(née DURAND\) Marie/ }))
  await user.click(within(asked).getByRole('checkbox', { name: 'Auditeur' }))
  await user.click(within(asked).getByRole('button', { name: 'Nommer un opérateur' }))
  const link = await screen.findByRole('dialog', { name: /^Lien de MARTIN/ })
  expect(link.textContent).toContain('https://admin.ch-valmont.example/enrol')
  expect(sent.find(({ method, path }) => method === 'POST' && path === '/api/v1/operators')?.body).toMatchObject({ roles: ['auditor'] })
  await user.click(within(link).getByRole('button', { name: 'Fermer' }))
  expect(within(await table()).getByRole('row', { name: /MARTIN Marie.*aucune clé/ })).toBeTruthy()
})

test('nobody changes her own roles; those of another are changed, or taken away', async () => {
  const { user, fake } = openConsole('/system')
  const own = within(await table()).getByRole('button', { name: /^Modifier les rôles de Lou Delmas/ })
  expect(own.getAttribute('aria-disabled')).toBe('true')
  expect(screen.getByText('un collègue change vos rôles')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Modifier les rôles de M. Roy' }))
  const asked = await screen.findByRole('alertdialog')
  await user.click(within(asked).getByRole('checkbox', { name: 'Peut ouvrir la console' }))
  await user.click(within(asked).getByRole('button', { name: 'Enregistrer' }))
  await waitFor(() => expect(fake.state.operators.find(({ own: mine }) => !mine)?.enabled).toBe(false))
})

test('roles that a colleague changed while the window stood open are not overwritten unseen', async () => {
  const { user, fake, client } = openConsole('/system')
  await table()
  await user.click(screen.getByRole('button', { name: 'Modifier les rôles de M. Roy' }))
  const asked = await screen.findByRole('alertdialog')
  await user.click(within(asked).getByRole('checkbox', { name: 'Auditeur' }))
  const roy = fake.state.operators.find(({ own: mine }) => !mine)
  if (roy) Object.assign(roy, { etag: '"9"', roles: ['help_desk'] })
  await act(() => client.invalidateQueries())
  await user.click(within(asked).getByRole('button', { name: 'Enregistrer' }))
  expect(await within(asked).findByRole('alert')).toBeTruthy()
  expect(roy?.roles).toEqual(['help_desk'])
})
