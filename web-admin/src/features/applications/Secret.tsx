import { useState } from 'react'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'

/** Shown once, with a button to copy it. */
export function Secret({ secret }: { secret: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <div className={layout.small}>
      <p className={text.strong}>{t('secret.title')}</p>
      <p className={text.code}>{secret}</p>
      <div className={layout.row}>
        <Button icon="copy" onPress={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}>
          {t('secret.copy')}
        </Button>
        <span role="status">{copied && t('secret.copied')}</span>
      </div>
      <Note mood="warning">{t('secret.once')}</Note>
    </div>
  )
}
