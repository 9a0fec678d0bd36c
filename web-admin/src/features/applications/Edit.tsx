import { useState, type ReactNode } from 'react'
import type { Api, Client } from '../../api/types'
import { until } from '../../lib/format'
import { t } from '../../lib/i18n'
import { ProblemError } from '../../lib/problem'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { isStale, problemText } from '../../ui/Fault'
import { FormBar } from '../../ui/FormBar'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import { say } from '../../ui/Toasts'
import { Versions } from '../../ui/Versions'
import style from './Applications.module.css'
import { Leaving } from './Leaving'
import { useChangeClient } from './queries'
import { linesOf } from './versions'

interface Props {
  one: Client
  /** What is asked, of what was on screen; nothing when it is the same. */
  asked: (seen: Client) => Api['ClientPatch'] | undefined
  /** How many of its fields are not what they were. */
  changes: (seen: Client) => number
  question: string
  effect: (seen: Client) => ReactNode
  /** A colleague's version was looked at: what was not typed here follows it. */
  onSeen?: (before: Client, now: Client) => void
  onClose: () => void
  children: (error: unknown, seen: Client) => ReactNode
}

/** The application as it would be, had nobody else changed it; who answers for it is typed as who comes and who goes. */
function typedOver(seen: Client, { owners: _owners, protocol, ...patch }: Api['ClientPatch']): Client {
  return { ...seen, ...Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined && value !== null)), protocol: { ...seen.protocol, ...protocol } as Client['protocol'] }
}

/** A part of an application, changed at level 2; what a colleague saved meanwhile is compared first, and never overwritten. */
export function Edit({ one, asked, changes, question, effect, onSeen, onClose, children }: Props) {
  // What was on screen when the typing began.
  const [seen, setSeen] = useState(one)
  const [sure, setSure] = useState(false)
  // Told from what was seen: a version read while the question stands is refused, and compared, never overwritten unseen.
  const change = useChangeClient(seen)
  const patch = asked(seen)
  const dirty = patch !== undefined
  const moved = one.etag !== seen.etag && !change.isSuccess
  return (
    <div className={style.form}>
      {moved && (
        <div className={layout.small}>
          <Versions refused={isStale(change.error)} before={linesOf(seen)} after={linesOf(one)} {...(patch && { mine: linesOf(typedOver(seen, patch)) })} />
          <Button
            small
            onPress={() => {
              onSeen?.(seen, one)
              setSeen(one)
            }}
          >
            {t('versions.seen')}
          </Button>
        </div>
      )}
      {change.error && !isStale(change.error) && !(change.error instanceof ProblemError && change.error.fields.length) && (
        <Note mood="failure" role="alert">
          {problemText(change.error)}
        </Note>
      )}
      {children(change.error, seen)}
      <FormBar count={dirty ? changes(seen) : 0}>
        <Button variant="primary" busy={change.isPending} blocked={!dirty ? t('form.nothing') : moved ? t('versions.lookFirst') : undefined} onPress={() => setSure(true)}>
          {t('form.save')}
        </Button>
        <Button onPress={onClose}>{t('form.abandon')}</Button>
      </FormBar>
      {sure && patch && (
        <Confirm
          title={question}
          verb={t('form.save')}
          busy={change.isPending}
          onCancel={() => setSure(false)}
          onConfirm={() => change.mutate(patch, { onSuccess: ({ accord }) => { say(accord ? 'warning' : 'ok', accord ? t('accord.wait', { until: until(accord.until) }) : t('done.app')); onClose() }, onSettled: () => setSure(false) })}
        >
          {effect(seen)}
        </Confirm>
      )}
      <Leaving dirty={dirty && !change.isSuccess} />
    </div>
  )
}
