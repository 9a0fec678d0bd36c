import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useContext, type ReactNode } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { expect, test, vi } from 'vitest'
import { t } from '../lib/i18n'
import { Button, Download } from './Button'
import { useHandOver } from './focus'
import { Menu } from './Menu'
import { Waits } from './waits'

test('what a menu holds back is reached by the arrows, says why, and does nothing', async () => {
  const asked = vi.fn()
  const shown = vi.fn()
  const user = userEvent.setup()
  render(
    <Waits value={true}>
      <Menu label="Options" entries={[{ id: 'export', label: 'Exporter (CSV)', asks: true, onAction: asked }, { id: 'show', label: 'Choisir plusieurs', onAction: shown }]}>
        <Pressable>Options</Pressable>
      </Menu>
    </Waits>,
  )
  await user.tab()
  await user.keyboard('{Enter}')
  const held = await screen.findByRole('menuitem', { name: 'Exporter (CSV)', description: t('state.waits') })
  expect(held.getAttribute('aria-disabled')).toBe('true')
  await waitFor(() => expect(document.activeElement).toBe(held))
  await user.keyboard('{Enter}')
  await user.click(held)
  expect(asked).not.toHaveBeenCalled()
  // The menu stays: the reader goes on to what she can do.
  await user.keyboard('{ArrowDown}')
  expect(document.activeElement?.textContent).toBe('Choisir plusieurs')
  await user.keyboard('{Enter}')
  expect(shown).toHaveBeenCalledTimes(1)
})

/** A page on which acts stop while the reader stands on one of them. */
function Page({ waits, children }: { waits: boolean; children: ReactNode }) {
  return (
    <Waits value={waits}>
      <p>{children}</p>
    </Waits>
  )
}

test('a file that is held back while the reader stands on it keeps the focus in its place', async () => {
  const user = userEvent.setup()
  const file = <Download href="/fichier.csv">Exporter (CSV)</Download>
  const { rerender } = render(<Page waits={false}>{file}</Page>)
  await user.tab()
  expect(document.activeElement).toBe(screen.getByRole('link', { name: 'Exporter (CSV)' }))
  rerender(<Page waits>{file}</Page>)
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: /^Exporter \(CSV\)/ })))
})

function Opener() {
  const place = useHandOver<HTMLButtonElement>()
  if (useContext(Waits)) return <Button blocked={t('state.waits')}>Confier</Button>
  return (
    <Menu label="Confier" entries={[{ id: 'me', label: 'À moi', onAction: () => undefined }]}>
      <Pressable ref={place}>Confier</Pressable>
    </Menu>
  )
}

test('what opens a menu hands its focus over too', async () => {
  const user = userEvent.setup()
  const { rerender } = render(<Page waits={false}><Opener /></Page>)
  await user.tab()
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Confier' }))
  rerender(<Page waits><Opener /></Page>)
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: /^Confier \(/ })))
})
