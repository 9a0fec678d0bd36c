import { useState } from 'react'
import { useMay } from '../../api/me'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { say } from '../../ui/Toasts'
import { exportPath } from './queries'
import type { AuditSearch } from './search'

/** Level 2: what leaves is counted first, and the leaving is recorded. */
export function ExportButton({ search, total, blocked }: { search: AuditSearch; total: number | undefined; blocked: string | undefined }) {
  const may = useMay('export_audit')
  const [asked, setAsked] = useState(false)

  function take() {
    const link = document.createElement('a')
    link.href = exportPath(search)
    link.download = ''
    link.click()
    say('info', t('audit.exporting'))
    setAsked(false)
  }
  return (
    <>
      <Button icon="download" blocked={!may ? t('state.noRight') : blocked ? blocked : total === 0 ? t('audit.empty') : undefined} onPress={() => setAsked(true)}>
        {t('audit.export')}
      </Button>
      {asked && (
        <Confirm title={t('confirm.export', { count: total ?? 0 })} verb={t('confirm.export.verb', { count: total ?? 0 })} onCancel={() => setAsked(false)} onConfirm={take}>
          <p>{t('confirm.export.effect')}</p>
        </Confirm>
      )}
    </>
  )
}
