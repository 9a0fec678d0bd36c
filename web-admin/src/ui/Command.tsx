import { useState } from 'react'
import { copyText } from '../lib/copy'
import { t } from '../lib/i18n'
import { Button } from './Button'
import layout from './layout.module.css'
import text from './text.module.css'

/** A line to type on the server, whole and ready to copy. */
export function Command({ children }: { children: string }) {
  const [copied, setCopied] = useState<boolean>()
  return (
    <div className={layout.row}>
      <pre className={`${text.code} ${text.wrapped} ${layout.grow}`}>
        {children}
      </pre>
      <Button small icon="copy" label={`${t('connect.copy')} ${children}`} onPress={() => void copyText(children).then(setCopied)}>
        {t('secret.copy')}
      </Button>
      <span role="status" className={copied === undefined ? text.hidden : text.meta}>
        {copied !== undefined && t(copied ? 'secret.copied' : 'secret.notCopied')}
      </span>
    </div>
  )
}
