import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api, Person } from '../../api/types'
import { on, shortName } from '../../lib/format'
import { reasonText, t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, listOfReasons, Padded } from '../../ui/Card'
import { Confirm } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { Icon, Sign, type Mood } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { useEndSession } from './queries'
import { Which } from './Which'

const moods: Record<Api['PersonState'], Mood> = { active: 'ok', coming: 'info', suspended: 'warning', closed: 'off' }

/** « Pourquoi cet état ? » and what she may open. */
export function Whys({ one }: { one: Person }) {
  return (
    <>
      <Card title={t('person.whyState')}>
        <Padded>
          <ul className={listOfReasons}>
            {one.why_state.map((reason, index) => (
              <li key={index}>
                <Sign mood={one.state === 'active' && reason.code === 'no_post' ? 'warning' : index === 0 ? moods[one.state] : 'ok'} />
                <span>{reasonText(reason)}</span>
              </li>
            ))}
          </ul>
        </Padded>
      </Card>
      {one.applications && one.applications.length > 0 && <MayOpen applications={one.applications} refused={one.state === 'closed' ? 'off' : 'failure'} />}
    </>
  )
}

function MayOpen({ applications, refused }: { applications: Api['PersonApplication'][]; refused: Mood }) {
  return (
    <Card title={t(applications.some(({ allowed }) => allowed) ? 'person.mayOpen' : 'person.mayOpenNothing')}>
      <Padded>
        <ul className={listOfReasons}>
          {applications.map((app) => (
            <li key={app.client_id}>
              <Sign mood={app.allowed ? 'ok' : refused} />
              <span>
                <b>{app.name}</b>
                {app.allowed && app.last_opened_at && <span className={text.muted}>, {t('person.lastOpened', { when: on(app.last_opened_at) })}</span>}
                {!app.allowed && ` : ${app.reason ? reasonText(app.reason) : t('person.notAllowed')}`}
              </span>
            </li>
          ))}
        </ul>
      </Padded>
    </Card>
  )
}

/** Level 2: this session alone. */
function EndOne({ session, owner }: { session: Api['SessionView']; owner: Person }) {
  const may = useMay('close_sessions')
  const [asked, setAsked] = useState(false)
  const end = useEndSession()
  const others = owner.sessions.length - 1
  const where = session.where ?? t(session.console ? 'session.console' : 'session.browser')
  return (
    <span className={layout.end}>
      <Button small urgent label={t('session.endName', { where })} blocked={may ? undefined : t('state.noRight')} onPress={() => setAsked(true)}>
        {t('session.end')}
      </Button>
      {asked && (
        <Confirm
          title={t('session.endTitle', { name: shortName(owner) })}
          verb={t('session.end')}
          busy={end.isPending}
          fault={end.error ? problemText(end.error) : undefined}
          onCancel={() => setAsked(false)}
          onConfirm={() => end.mutate(session.id, { onSuccess: () => { say('ok', t('session.ended')); setAsked(false) } })}
        >
          <Which one={owner} />
          <p>
            <b>{where}</b>{session.applications.length > 0 && `\u00A0: ${session.applications.join(', ')}`}
          </p>
          <p>{others > 0 ? t('session.endEffect', { count: others }) : t('session.endAlone')}</p>
        </Confirm>
      )}
    </span>
  )
}

export function Sessions({ one }: { one: Person }) {
  return (
    <Card title={t('person.openSessions')} aside={one.sessions.length} anchor="sessions">
      <Padded>
        {one.sessions.length === 0 ? (
          <p className={text.muted}>{t('person.noSession')}</p>
        ) : (
          <ul className={listOfReasons}>
            {one.sessions.map((session) => (
              <li key={session.id}>
                <Icon name="unlock" large />
                <span>
                  <b>{session.where ?? t(session.console ? 'session.console' : 'session.browser')}</b>, {t('session.opened', { when: on(session.opened_at), count: session.factors })}
                  <br />
                  <span className={text.muted}>
                    {[session.last_seen_at && t('session.lastSeen', { at: on(session.last_seen_at) }), session.applications.join(', ')].filter(Boolean).join(' ')}
                  </span>
                </span>
                <EndOne session={session} owner={one} />
              </li>
            ))}
          </ul>
        )}
      </Padded>
    </Card>
  )
}
