import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { Button } from './Button'

test('the reason of a blocked button comes at the focus too, and Escape sends it away without losing the place', async () => {
  const pressed = vi.fn()
  const user = userEvent.setup()
  render(
    <Button blocked="votre rôle ne le permet pas" onPress={pressed}>
      Fermer l’accès
    </Button>,
  )
  await user.tab()
  expect((await screen.findByRole('tooltip')).textContent).toBe('votre rôle ne le permet pas')
  const button = screen.getByRole('button')
  expect(document.activeElement).toBe(button)
  await user.keyboard('{Escape}')
  await waitFor(() => expect(screen.queryByRole('tooltip')).toBeNull())
  expect(document.activeElement).toBe(button)
  // Said to who sees no bubble as well, and nothing is done.
  expect(button.textContent).toContain('(votre rôle ne le permet pas)')
  await user.keyboard('{Enter}')
  expect(pressed).not.toHaveBeenCalled()
})
