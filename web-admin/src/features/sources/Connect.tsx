import { useMay } from '../../api/me'
import { t } from '../../lib/i18n'
import { Card, Padded } from '../../ui/Card'
import { Command } from '../../ui/Command'
import layout from '../../ui/layout.module.css'

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
          <Command>hygie source add /tmp/hopital/hr/mapping.toml</Command>
        </div>
      </Padded>
    </Card>
  )
}
