import { useContext, type ComponentProps, type ReactElement, type ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Separator, Text } from 'react-aria-components'
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

/** In its place and reached by the arrows, as a blocked button is by Tab: it says why, and does nothing. */
function Held({ entry }: { entry: MenuEntry }) {
  return (
    <MenuItem
      id={entry.id}
      className={`${style.item} ${style.held}`}
      textValue={entry.label}
      shouldCloseOnSelect={false}
      // Not the library's `isDisabled`: the arrows would pass over it, and its reason with it.
      render={(own) => <div {...(own as ComponentProps<'div'>)} aria-disabled="true" />}
    >
      {entry.icon && <Icon name={entry.icon} quiet />}
      <span>
        <Text slot="label">{entry.label}</Text>
        <br />
        <Text slot="description" className={text.meta}>
          {t('state.waits')}
        </Text>
      </span>
    </MenuItem>
  )
}

/** A button (first child) and what it opens. */
export function Menu({ label, children, entries }: { label: string; children: ReactElement; entries: MenuEntry[] }) {
  const lines: ReactNode[] = []
  const waits = useContext(Waits)
  for (const entry of entries) {
    const held = waits && entry.asks === true
    if (entry.apart) lines.push(<Separator key={`${entry.id}-line`} className={style.separator} />)
    lines.push(
      held ? (
        <Held key={entry.id} entry={entry} />
      ) : (
        <MenuItem key={entry.id} id={entry.id} className={style.item} onAction={entry.onAction} isDisabled={entry.disabled} textValue={entry.label}>
          {entry.icon && <Icon name={entry.icon} quiet />}
          {entry.label}
        </MenuItem>
      ),
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
