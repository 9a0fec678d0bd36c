import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
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

function Line({ first, second }: { first: string; second: string }) {
  const [paused, pause] = useState(false)
  const [gone, go] = useState(false)
  return (
    <li>
      <span>{!gone && (paused ? <Button key="on" onPress={() => pause(false)}>{second}</Button> : <Button key="off" onPress={() => pause(true)}>{first}</Button>)}</span>
      {!gone && <Button onPress={() => go(true)}>Retirer</Button>}
      <a href="#suite">Suite</a>
    </li>
  )
}

test('what comes in the place of a button that goes takes the focus', async () => {
  const user = userEvent.setup()
  render(<ul><Line first="Mettre en pause" second="Reprendre" /></ul>)
  await user.tab()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Reprendre'))
  await user.tab()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Suite'))
})

test('a focus that went elsewhere meanwhile stays there', async () => {
  const user = userEvent.setup()
  const { rerender } = render(<p><Button key="one">Un</Button><input aria-label="Note" /></p>)
  await user.tab()
  rerender(<p><input aria-label="Autre" autoFocus /><input aria-label="Note" /></p>)
  await Promise.resolve()
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Autre')
})
