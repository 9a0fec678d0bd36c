import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Client } from '../../api/types'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import { fieldFault } from '../../ui/Fault'
import { TextField } from '../../ui/Field'
import text from '../../ui/text.module.css'
import style from './Applications.module.css'
import { Edit } from './Edit'
import { merged } from './versions'

/** Where the application may be sent back; a change is level 2. */
export function RedirectsForm({ one }: { one: Client }) {
  const may = useMay('manage_clients')
  const [editing, setEditing] = useState(false)
  return (
    <Card
      title={t('app.redirects')}
      acts={
        !editing && (
          <Button small blocked={may ? undefined : t('state.noRight')} label={t('app.changeRedirects')} onPress={() => setEditing(true)}>
            {t('app.changeRedirectsShort')}
          </Button>
        )
      }
    >
      {editing ? (
        <Redirects one={one} onClose={() => setEditing(false)} />
      ) : (
        <Padded>
          <ul className={`${style.uris} ${text.mono}`}>
            {one.redirect_uris.map((uri) => (
              <li key={uri}>{uri}</li>
            ))}
          </ul>
        </Padded>
      )}
    </Card>
  )
}

function Redirects({ one, onClose }: { one: Client; onClose: () => void }) {
  const [lines, setLines] = useState(one.redirect_uris.join('\n'))
  const uris = lines.split(/\s+/).filter(Boolean)
  return (
    <Edit
      one={one}
      asked={(seen) => (uris.join('\n') === seen.redirect_uris.join('\n') ? undefined : { redirect_uris: uris })}
      changes={() => 1}
      question={t('confirm.redirects', { name: one.name })}
      effect={() => <p>{t('confirm.redirects.effect')}</p>}
      onSeen={(before, now) => setLines(merged(before.redirect_uris, uris, now.redirect_uris).join('\n'))}
      onClose={onClose}
    >
      {(error) => <TextField label={t('app.redirects')} help={t('app.redirectsHelp')} value={lines} onChange={setLines} lines={3} fault={fieldFault(error, 'redirect_uris')} />}
    </Edit>
  )
}
