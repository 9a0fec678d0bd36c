import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { ProblemError } from '../../lib/problem'
import { RadioField } from '../../ui/Field'
import { FaultSummary } from './FaultSummary'

test('a fault leads to the choice in force, and one that no field asks for is told there', async () => {
  const user = userEvent.setup()
  const fields = [{ field: 'profile', code: 'not_offered' }, { field: 'algorithm', code: 'unknown' }]
  render(
    <form>
      <FaultSummary error={new ProblemError(422, { code: 'fields', fields })} names={{ profile: 'Profil' }} />
      <RadioField name="profile" label="Profil" value="strict" choices={[{ value: 'standard', label: 'Standard' }, { value: 'strict', label: 'Strict' }]} onChange={() => undefined} fault="Ce choix n’est pas encore proposé." />
    </form>,
  )
  expect(screen.getByRole('alert').textContent).toContain('Algorithme\u00a0: Cette valeur n’est pas connue.')
  await user.click(screen.getByRole('button', { name: 'Profil' }))
  expect(document.activeElement).toBe(screen.getByRole('radio', { name: 'Strict' }))
  expect(screen.getByRole('group', { name: 'Profil' }).getAttribute('aria-describedby')).toBe(screen.getByText('Ce choix n’est pas encore proposé.').closest('[id]')?.id)
})
