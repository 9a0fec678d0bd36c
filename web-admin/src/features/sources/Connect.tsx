import { useState } from 'react'
import { useMay } from '../../api/me'
import { copyText } from '../../lib/copy'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import text from '../../ui/text.module.css'

/** A source is written on the server, where its file or its password is: the console shows the two lines to type. */
export function Connect() {
  const may = useMay('manage_sources')
  if (!may) return null
  return (
    <Card title={t('connect.title')}>
      <Padded>
        <div className={layout.small}>
          <p>{t('connect.how')}</p>
          <Command>hygie source add correspondance.toml</Command>
          <p>{t('connect.sample')}</p>
          <Command>hygie demo generate --size small --out /tmp/hopital</Command>
        </div>
      </Padded>
    </Card>
  )
}

/** A line to type on the server, whole and ready to copy. */
export function Command({ children }: { children: string }) {
  const [copied, setCopied] = useState<boolean>()
  return (
    <div className={layout.row}>
      <pre className={`${text.code} ${layout.grow}`} tabIndex={0}>
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
