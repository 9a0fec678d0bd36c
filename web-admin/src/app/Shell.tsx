import { useQuery } from '@tanstack/react-query'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { reach } from '../api/home'
import { me } from '../api/me'
import { t } from '../lib/i18n'
import { Failure, Ghosts, isAway } from '../ui/States'
import { Toasts } from '../ui/Toasts'
import { Said, Waits } from '../ui/waits'
import { Degraded } from './Degraded'
import { Header } from './Header'
import { Help, useHelp } from './Help'
import { Nav } from './Nav'
import { SessionGuard } from './SessionGuard'
import style from './Shell.module.css'

/** Header, navigation, banner and the page: nothing is shown before we know who is there. */
export function Shell() {
  const who = useQuery(me)
  // Asked every quarter of a minute whatever the page: when it is not answered, nothing is.
  const gone = isAway(useQuery({ ...reach, enabled: Boolean(who.data) }).error)
  const [menu, setMenu] = useState(false)
  const [help, setHelp] = useHelp()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const main = useRef<HTMLElement>(null)
  const known = useRef(path)

  useEffect(() => {
    if (known.current === path) return
    known.current = path
    setMenu(false)
    // A page that gave the focus to its first question keeps it there.
    if (!main.current?.contains(document.activeElement)) main.current?.focus()
    window.scrollTo?.(0, 0)
  }, [path])

  if (!who.data) {
    return <main className={style.main}>{who.isPending ? <Ghosts rows={8} /> : <Failure error={who.error} unread={t('shell.unread')} onRetry={() => void who.refetch()} />}</main>
  }
  return (
    <div className={style.console} onKeyDown={(event) => { if (event.key === 'Escape') setMenu(false) }}>
      <a className={style.skip} href="#contenu">
        {t('shell.skip')}
      </a>
      <Waits value={gone}>
        <Said value={gone ? 'why' : 'nothing'}>
          <Header me={who.data} menu={menu} onMenu={() => setMenu(!menu)} onHelp={() => setHelp(true)} />
          <Degraded />
          <Nav me={who.data} open={menu} />
          <main className={style.main} id="contenu" tabIndex={-1} ref={main}>
            <Outlet />
          </main>
        </Said>
      </Waits>
      <Toasts />
      {help && <Help onClose={() => setHelp(false)} />}
      <SessionGuard />
    </div>
  )
}
