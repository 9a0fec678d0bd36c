import { useState } from 'react'
import { useMay } from '../../api/me'
import { day } from '../../lib/format'
import { eventText, t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { say } from '../../ui/Toasts'
import { exportPath } from './queries'
import type { AuditSearch } from './search'

/** What the file is narrowed to, as it was chosen above the list. */
function chosen(search: AuditSearch): string[] {
  const { category, outcome, from, to, q, reference, event, subject, actor, client } = search
  const all = [
    category && word('category', category),
    outcome && word('outcome', outcome),
    from && t('audit.fromDay', { date: day(from) }),
    to && t('audit.toDay', { date: day(to) }),
    q && t('audit.withText', { text: q }),
    reference,
    event && eventText(event),
    subject && t('audit.who.subject'),
    actor && t('audit.who.actor'),
    client,
  ]
  return all.filter((one): one is string => Boolean(one))
}

/** Level 2: what leaves is counted first, and the leaving is recorded. */
export function ExportButton({ search, total, blocked }: { search: AuditSearch; total: number | undefined; blocked: string | undefined }) {
  const may = useMay('export_audit')
  const [asked, setAsked] = useState(false)
  const filters = chosen(search)

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
          {filters.length > 0 && <p>{t('confirm.export.filters', { filters: filters.join(', ') })}</p>}
          <p>{t('confirm.export.effect')}</p>
        </Confirm>
      )}
    </>
  )
}
