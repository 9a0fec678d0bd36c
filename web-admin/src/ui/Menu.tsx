import type { ReactElement, ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components'
import style from './Overlay.module.css'
import { Icon, type IconName } from './Status'

export interface MenuEntry {
  id: string
  label: string
  icon?: IconName
  onAction: () => void
  disabled?: boolean
  /** A line is drawn above it. */
  apart?: boolean
}

/** A button (first child) and what it opens. */
export function Menu({ label, children, entries }: { label: string; children: ReactElement; entries: MenuEntry[] }) {
  const lines: ReactNode[] = []
  for (const entry of entries) {
    if (entry.apart) lines.push(<Separator key={`${entry.id}-line`} className={style.separator} />)
    lines.push(
      <MenuItem key={entry.id} id={entry.id} className={style.item} onAction={entry.onAction} isDisabled={entry.disabled} textValue={entry.label}>
        {entry.icon && <Icon name={entry.icon} quiet />}
        {entry.label}
      </MenuItem>,
    )
  }
  return (
    <MenuTrigger>
      {children}
      <Popover className={style.popover} offset={4} placement="bottom end">
        <AriaMenu aria-label={label} className={style.menu}>
          {lines}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
