import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { Button, Menu, MenuItem, MenuTrigger, Popover, SubmenuTrigger } from 'react-aria-components'
import { expect, test, vi } from 'vitest'
import { ManyItems } from './ManyItems'

const units = ['Bloc', 'Cardiologie', 'Chirurgie', 'Urgences']

function opened(chosen: string[], onChoose: (value: string) => void) {
  render(
    <MenuTrigger>
      <Button>Filtre</Button>
      <Popover>
        <Menu aria-label="Filtre">
          <SubmenuTrigger>
            <MenuItem>UF</MenuItem>
            <Popover>
              <ManyItems label="UF" items={units.map((label, at) => ({ value: String(at), label, count: 12 }))} chosen={chosen} onChoose={onChoose} />
            </Popover>
          </SubmenuTrigger>
        </Menu>
      </Popover>
    </MenuTrigger>,
  )
  return userEvent.setup()
}

test('many values are walked by arrows and letters, as any menu, and one choice closes it', async () => {
  const chosen = vi.fn()
  const user = opened(['1'], chosen)
  await user.tab()
  await user.keyboard('{Enter}')
  await user.keyboard('{ArrowRight}')
  const here = () => document.activeElement?.textContent
  expect((await screen.findAllByRole('menuitemcheckbox')).map((one) => one.getAttribute('aria-checked'))).toEqual(['false', 'true', 'false', 'false'])
  await vi.waitFor(() => expect(here()).toBe('Bloc12'))
  await user.keyboard('{ArrowUp}')
  expect(here()).toBe('Urgences12')
  await user.keyboard('{ArrowDown}')
  expect(here()).toBe('Bloc12')
  await user.keyboard('{End}{Home}')
  expect(here()).toBe('Bloc12')
  await user.keyboard('ch')
  expect(here()).toBe('Chirurgie12')
  await user.keyboard('{Enter}')
  expect(chosen).toHaveBeenCalledExactlyOnceWith('2')
  expect(screen.queryByRole('menu')).toBeNull()
})

test('the left arrow goes back to what it hangs from', async () => {
  const user = opened([], () => undefined)
  await user.tab()
  await user.keyboard('{Enter}')
  await user.keyboard('{ArrowRight}')
  await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('Bloc12'))
  await user.keyboard('{ArrowLeft}')
  await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('UF'))
  expect(screen.queryByRole('menuitemcheckbox')).toBeNull()
})
