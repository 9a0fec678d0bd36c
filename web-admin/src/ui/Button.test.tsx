import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { Button } from './Button'
import { Chip } from './Field'
import { say, Toasts } from './Toasts'

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

function Chosen() {
  const [names, keep] = useState(['Un', 'Deux', 'Trois'])
  return names.map((name) => <Chip key={name} name="Responsable" value={name} onRemove={() => keep(names.filter((one) => one !== name))} />)
}

test('of three chips, the first that goes hands the focus to the next, not to the last', async () => {
  const user = userEvent.setup()
  render(<div><Chosen /></div>)
  const here = () => document.activeElement?.getAttribute('aria-label')
  await user.tab()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(here()).toMatch(/Deux$/))
  await user.tab()
  // Past the end, it is the last.
  await user.keyboard('{Enter}')
  await waitFor(() => expect(screen.queryByRole('button', { name: /Trois$/ })).toBeNull())
  await waitFor(() => expect(here()).toMatch(/Deux$/))
})

function Choice() {
  const [open, setOpen] = useState(false)
  if (!open) return <Button onPress={() => setOpen(true)}>Modifier</Button>
  return (
    <form>
      <input type="radio" name="how" aria-label="Texte" />
      <input type="radio" name="how" aria-label="Champ par champ" defaultChecked />
      <Button>Abandonner</Button>
    </form>
  )
}

test('a form that opens is entered by its first field; of radios, by the ticked one', async () => {
  const user = userEvent.setup()
  render(<div><Choice /></div>)
  await user.tab()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Champ par champ'))
})

test('a message that goes gives the focus back to where it was, and never to an act of another', async () => {
  const user = userEvent.setup()
  const undone = vi.fn()
  render(<div><main tabIndex={-1}><button>Enregistrer</button><button>Abandonner</button></main><Toasts /></div>)
  screen.getByRole('button', { name: 'Enregistrer' }).focus()
  act(() => {
    say('failure', 'Refusé')
    say('ok', 'Fait', undone)
  })
  await user.click(screen.getAllByRole('button', { name: 'Masquer ce message' })[0] as HTMLElement)
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Enregistrer'))
  const undo = screen.getByRole('button', { name: 'Annuler l’action' })
  await user.tab()
  await user.tab()
  expect(document.activeElement).toBe(undo)
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Abandonner'))
  expect(undone).toHaveBeenCalledTimes(1)
})
