import { useContext, type ReactElement, type ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components'
import { t } from '../lib/i18n'
import style from './Overlay.module.css'
import { Icon, type IconName } from './Status'
import text from './text.module.css'
import { Waits } from './waits'

export interface MenuEntry {
  id: string
  label: string
  icon?: IconName
  onAction: () => void
  disabled?: boolean
  /** It asks the server: it waits for it, and says so. */
  asks?: boolean
  /** A line is drawn above it. */
  apart?: boolean
}

/** A button (first child) and what it opens. */
export function Menu({ label, children, entries }: { label: string; children: ReactElement; entries: MenuEntry[] }) {
  const lines: ReactNode[] = []
  const waits = useContext(Waits)
  for (const entry of entries) {
    const held = waits && entry.asks === true
    if (entry.apart) lines.push(<Separator key={`${entry.id}-line`} className={style.separator} />)
    lines.push(
      <MenuItem key={entry.id} id={entry.id} className={style.item} onAction={entry.onAction} isDisabled={held || entry.disabled} textValue={entry.label}>
        {entry.icon && <Icon name={entry.icon} quiet />}
        {held ? (
          <span>
            {entry.label}
            <br />
            <span className={text.meta}>{t('state.waits')}</span>
          </span>
        ) : (
          entry.label
        )}
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
