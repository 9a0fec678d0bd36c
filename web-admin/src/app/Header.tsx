import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { api } from '../api/client'
import { tellTabs } from '../api/session'
import type { Me } from '../api/types'
import { currentLanguage, t, word } from '../lib/i18n'
import { leaveForLogin } from '../lib/paths'
import { prefer, preference, showTheme, type Theme } from '../lib/preferences'
import { Button, buttonClass } from '../ui/Button'
import { Menu } from '../ui/Menu'
import { Icon } from '../ui/Status'
import text from '../ui/text.module.css'
import { Accords } from './Accords'
import { JobsTray } from './JobsTray'
import { OwnActs } from './OwnActs'
import { Search } from './Search'
import style from './Shell.module.css'

export function Header({ me, menu, onMenu, onHelp }: { me: Me; menu: boolean; onMenu: () => void; onHelp: () => void }) {
  return (
    <header className={style.top}>
      <span className={style.narrow}>
        <Button variant="ghost" bare icon="menu" label={t('nav.menu')} expanded={menu} onPress={onMenu} />
      </span>
      <Link to="/" className={style.brand} aria-label={t('nav.brand')}>
        <Icon name="hygie" />
        <b>Hygie</b>
      </Link>
      <span className={style.entity}>{me.hospital.name}</span>
      {me.capabilities.includes('read_people') ? <Search /> : <span className={style.search} />}
      <Accords />
      <JobsTray />
      <Account me={me} onHelp={onHelp} />
    </header>
  )
}

function Account({ me, onHelp }: { me: Me; onHelp: () => void }) {
  const logout = useMutation({ mutationFn: () => api.POST('/api/v1/logout'), onSettled: () => { tellTabs('closed'); leaveForLogin() } })
  const dark = preference('theme') === 'dark'
  const english = currentLanguage() === 'en'
  const navigate = useNavigate()
  const [acts, showActs] = useState(false)

  function light(theme: Theme) {
    prefer('theme', theme)
    showTheme(theme)
  }

  return (
    <>
    {acts && <OwnActs onClose={() => showActs(false)} />}
    <Menu
      label={t('account.label', { name: me.person.display_name })}
      entries={[
        { id: 'who', label: `${me.person.display_name} · ${me.roles.map((role) => word('role', role)).join(', ')}`, onAction: () => undefined, disabled: true },
        { id: 'acts', label: t('ownActs.title'), icon: 'clock', apart: true, onAction: () => showActs(true) },
        { id: 'theme', label: t(dark ? 'account.light' : 'account.dark'), icon: 'view', apart: true, onAction: () => light(dark ? 'light' : 'dark') },
        { id: 'language', label: t(english ? 'account.french' : 'account.english'), icon: 'globe', onAction: () => { prefer('language', english ? 'fr' : 'en'); location.reload() } },
        { id: 'accessibility', label: t('nav.accessibility'), icon: 'people', onAction: () => void navigate({ to: '/accessibility/console' }) },
        { id: 'help', label: t('help.menu'), icon: 'keyboard', onAction: onHelp },
        { id: 'logout', label: t('account.logout'), icon: 'lock', apart: true, onAction: () => logout.mutate() },
      ]}
    >
      <Pressable className={buttonClass({ variant: 'ghost' })}>
        <span className={style.avatar}>{me.person.initials}</span>
        <span className={text.hidden}>{t('account.of', { name: me.person.display_name })}</span>
        <Icon name="down" />
      </Pressable>
    </Menu>
    </>
  )
}
