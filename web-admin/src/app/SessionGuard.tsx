import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { confirmation, onConfirmation } from '../api/confirm'
import { endSession, me } from '../api/me'
import { onSession, onTabs, sessionClosed, sessionClosing, sessionIsOver, sessionOpened, sessionState, tellTabs } from '../api/session'
import type { Me } from '../api/types'
import { t, word } from '../lib/i18n'
import { leaveForLogin, loginPath, mePath, reconnectedPath, startAgain } from '../lib/paths'
import { Button } from '../ui/Button'
import { Box } from '../ui/Dialog'
import { Note } from '../ui/Status'
import { useIdle } from './idle'

/** The session as the person meets it: nearly over, over while she works, or asked to prove herself again. */
export function SessionGuard() {
  const state = useSyncExternalStore(onSession, sessionState)
  const asking = useSyncExternalStore(onConfirmation, confirmation)
  const client = useQueryClient()
  const close = useCallback(() => {
    tellTabs('closed')
    sessionClosing()
    void logOut()
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
  useEffect(
    () =>
      onTabs((said) => {
        if (said === 'closed') sessionClosing()
        if (said === 'over' && sessionState() === 'closed') sessionClosed()
        // Somebody logged in: perhaps not the person whose page this is.
        if (said === 'opened' && sessionState() === 'open') void client.invalidateQueries({ queryKey: me.queryKey })
      }),
    [client],
  )

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

const LOOK_EVERY = 3000

/** Until the appliance answers that it is over: a session that nobody watches any more must not come back by itself. */
async function logOut(): Promise<void> {
  while (sessionState() === 'closed' && !sessionIsOver()) {
    if (await endSession()) {
      sessionClosed()
      tellTabs('over')
      return
    }
    await new Promise((resume) => setTimeout(resume, LOOK_EVERY))
  }
}

/** What was typed stays behind; the login is done beside it, in a window of its own. */
function Ended() {
  const client = useQueryClient()
  const [asked, setAsked] = useState(false)

  useEffect(() => {
    async function look(sure: boolean) {
      if (!sure) return
      const response = await fetch(mePath, { cache: 'no-store' }).catch(() => undefined)
      if (!response?.ok) return
      const now = (await response.json()) as Me
      // Somebody else's console is not continued.
      if (!sessionOpened(now.operator_id)) return startAgain()
      await client.invalidateQueries()
    }
    const deaf = onTabs((said) => { if (said === 'opened') void look(true) })
    const timer = setInterval(() => void look(sessionIsOver()), LOOK_EVERY)
    return () => {
      deaf()
      clearInterval(timer)
    }
  }, [client])

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
