import { useBlocker } from '@tanstack/react-router'
import { useState } from 'react'
import { copyText } from '../../lib/copy'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import layout from '../../ui/layout.module.css'
import { Note, Status } from '../../ui/Status'
import text from '../../ui/text.module.css'

/** Shown once, until it is said to be noted; leaving before asks first. */
export function Secret({ secret }: { secret: string }) {
  const [copied, setCopied] = useState<boolean>()
  const [noted, setNoted] = useState(false)
  const leaving = useBlocker({ shouldBlockFn: () => !noted, withResolver: true, enableBeforeUnload: () => !noted })
  if (noted) return <Status mood="ok">{t('secret.gone')}</Status>
  return (
    <div className={layout.small}>
      <p className={text.strong}>{t('secret.title')}</p>
      <p className={`${text.code} ${text.wrapped}`}>{secret}</p>
      <Note mood="warning">{t('secret.once')}</Note>
      <div className={layout.row}>
        <Button icon="copy" onPress={() => void copyText(secret).then(setCopied)}>
          {t('secret.copy')}
        </Button>
        <Button onPress={() => setNoted(true)}>{t('secret.noted')}</Button>
        <span role="status">{copied !== undefined && t(copied ? 'secret.copied' : 'secret.notCopied')}</span>
      </div>
      {leaving.status === 'blocked' && (
        <Confirm title={t('secret.leave')} verb={t('form.leaveVerb')} onCancel={leaving.reset} onConfirm={leaving.proceed}>
          <p>{t('secret.leaveEffect')}</p>
        </Confirm>
      )}
    </div>
  )
}
