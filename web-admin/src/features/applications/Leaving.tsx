import { useBlocker } from '@tanstack/react-router'
import { t } from '../../lib/i18n'
import { Confirm } from '../../ui/Confirm'

/** What was typed is not lost by a click beside it: asked once, also when the window closes. */
export function Leaving({ dirty }: { dirty: boolean }) {
  const leaving = useBlocker({ shouldBlockFn: () => dirty, withResolver: true, enableBeforeUnload: () => dirty })
  if (leaving.status !== 'blocked') return null
  return (
    <Confirm title={t('form.leave')} verb={t('form.leaveVerb')} onCancel={leaving.reset} onConfirm={leaving.proceed}>
      <p>{t('form.leaveEffect')}</p>
    </Confirm>
  )
}
