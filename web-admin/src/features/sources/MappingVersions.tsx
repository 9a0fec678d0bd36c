import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { dateTime } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Padded } from '../../ui/Card'
import { Confirm } from '../../ui/Confirm'
import { isStale, problemText } from '../../ui/Fault'
import layout from '../../ui/layout.module.css'
import { say } from '../../ui/Toasts'
import text from '../../ui/text.module.css'
import { MappingDiff } from './MappingDiff'
import { useChangeMapping } from './queries'
import style from './Sources.module.css'

interface Props {
  one: Api['Source']
  mapping: Api['Mapping']
  items: Api['MappingVersion'][]
}

/** Each version with who saved it, and what it says otherwise than today's. */
export function MappingVersions({ one, mapping, items }: Props) {
  const [shown, setShown] = useState<number>()
  const [back, setBack] = useState<Api['MappingVersion']>()
  const may = useMay('manage_sources')
  return (
    <Padded>
      <ol className={style.versions}>
        {items.map((version) => {
          const current = version.version === mapping.version
          return (
            <li key={version.version}>
              <div className={layout.row}>
                <span className={style.version}>
                  <b>{t('mapping.versionName', { version: version.version })}</b>{' '}
                  <span className={text.muted}>
                    {dateTime(version.saved_at)}
                    {version.saved_by && `, ${version.saved_by}`}
                    {current && `, ${t('mapping.current')}`}
                  </span>
                </span>
                {!current && (
                  <span className={`${layout.row} ${layout.end}`}>
                    <Button small expanded={shown === version.version} label={t('mapping.compareName', { version: version.version })} onPress={() => setShown(shown === version.version ? undefined : version.version)}>
                      {t('mapping.compare')}
                    </Button>
                    <Button small blocked={may ? undefined : t('state.noRight')} label={t('mapping.backName', { version: version.version })} onPress={() => setBack(version)}>
                      {t('mapping.back')}
                    </Button>
                  </span>
                )}
              </div>
              {shown === version.version && <p className={text.strong}>{t('mapping.compared', { version: version.version, current: mapping.version })}</p>}
              {shown === version.version && <MappingDiff label={t('mapping.compareName', { version: version.version })} before={version.toml} after={mapping.toml} />}
            </li>
          )
        })}
      </ol>
      {back && <Back one={one} mapping={mapping} version={back} onClose={() => setBack(undefined)} />}
    </Padded>
  )
}

/** Level 3. Nothing is erased: the earlier text becomes the next version. */
function Back({ one, mapping, version, onClose }: { one: Api['Source']; mapping: Api['Mapping']; version: Api['MappingVersion']; onClose: () => void }) {
  const [seen] = useState(one)
  const change = useChangeMapping(seen)
  return (
    <Confirm
      title={t('mapping.backConfirm', { name: one.name, version: version.version })}
      verb={t('mapping.backVerb')}
      busy={change.isPending}
      fault={change.error ? (isStale(change.error) ? t('mapping.moved') : problemText(change.error)) : undefined}
      onCancel={onClose}
      onConfirm={() => change.mutate(version.toml, { onSuccess: () => { say('ok', t('mapping.saved')); onClose() } })}
    >
      <MappingDiff label={t('mapping.diff')} before={mapping.toml} after={version.toml} />
      <p>{t('mapping.backEffect', { version: mapping.version + 1 })}</p>
      <p>{t('confirm.key')}</p>
    </Confirm>
  )
}
