import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { confirmation, onConfirmation } from '../api/confirm'
import { onSession, onTabs, sessionClosed, sessionOpened, sessionState, tellTabs } from '../api/session'
import { useMe } from '../api/me'
import type { Me } from '../api/types'
import { t, word } from '../lib/i18n'
import { leaveForLogin, loginPath, logoutPath, mePath, reconnectedPath } from '../lib/paths'
import { Button } from '../ui/Button'
import { Box } from '../ui/Dialog'
import { Note } from '../ui/Status'
import { useIdle } from './idle'

/** The session as the person meets it: nearly over, over while she works, or asked to prove herself again. */
export function SessionGuard() {
  const state = useSyncExternalStore(onSession, sessionState)
  const asking = useSyncExternalStore(onConfirmation, confirmation)
  const close = useCallback(() => {
    // The answer does not matter: the appliance closes an idle session by itself.
    void fetch(logoutPath, { method: 'POST' }).catch(() => undefined)
    tellTabs('closed')
    sessionClosed()
  }, [])
  const idle = useIdle(close, state === 'open')

  useEffect(() => {
    // A page that the back button brings again is asked anew.
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted) location.reload()
    }
    window.addEventListener('pageshow', shown)
    return () => window.removeEventListener('pageshow', shown)
  }, [])
  useEffect(() => onTabs((said) => { if (said === 'closed') sessionClosed() }), [])

  if (state === 'closed') return <Ended />
  if (asking) {
    return (
      <Box role="alertdialog" title={t('again.title')} onClose={asking.cancel} acts={<Button onPress={asking.cancel}>{t('action.cancel')}</Button>}>
        <p>{t('again.why', { act: word('again.act', asking.act) })}</p>
        <Note mood="info" role="status">
          <b>{t('again.touch')}</b>
        </Note>
      </Box>
    )
  }
  if (idle.left !== undefined) {
    return (
      <Box
        role="alertdialog"
        title={t('idle.title', { count: Math.max(1, Math.ceil(idle.left / 60_000)) })}
        acts={
          <>
            <Button onPress={close}>{t('account.logout')}</Button>
            <Button variant="primary" autoFocus onPress={idle.stay}>
              {t('idle.stay')}
            </Button>
          </>
        }
      >
        <p>{t('idle.kept')}</p>
      </Box>
    )
  }
  return null
}

/** What was typed stays behind; the login is done beside it, in a window of its own. */
function Ended() {
  const client = useQueryClient()
  const before = useMe()
  const [asked, setAsked] = useState(false)

  useEffect(() => {
    async function look() {
      const response = await fetch(mePath, { cache: 'no-store' }).catch(() => undefined)
      if (!response?.ok) return
      const now = (await response.json()) as Me
      // Somebody else's console is not continued.
      if (before && now.operator_id !== before.operator_id) return location.reload()
      sessionOpened()
      await client.invalidateQueries()
    }
    const deaf = onTabs((said) => { if (said === 'opened') void look() })
    const timer = setInterval(() => void look(), 3000)
    return () => {
      deaf()
      clearInterval(timer)
    }
  }, [client, before])

  return (
    <Box
      role="alertdialog"
      title={t('ended.title')}
      acts={
        <>
          <Button onPress={leaveForLogin}>{t('ended.leave')}</Button>
          <Button
            variant="primary"
            autoFocus
            onPress={() => {
              setAsked(true)
              window.open(loginPath(reconnectedPath), 'hygie-login', 'popup,width=1024,height=700')
            }}
          >
            {t('ended.again')}
          </Button>
        </>
      }
    >
      <p>{t('ended.kept')}</p>
      {asked && (
        <Note mood="info" role="status">
          {t('ended.waiting')}
        </Note>
      )}
    </Box>
  )
}
