import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { date } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import { View } from '../../ui/States'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { MappingForm } from './MappingForm'
import { MappingVersions } from './MappingVersions'
import { mappingVersions } from './queries'
import style from './Sources.module.css'

type Look = 'columns' | 'edit' | 'versions'

/** What each column becomes, with values just read; its text, its versions, and the way back to one. */
export function MappingCard({ one, mapping }: { one: Api['Source']; mapping: Api['Mapping'] }) {
  const may = useMay('manage_sources')
  const [look, setLook] = useState<Look>('columns')
  return (
    <Card
      title={t('mapping.title')}
      aside={t('mapping.version', { version: mapping.version, date: date(mapping.saved_at) })}
      acts={
        look === 'edit' ? undefined : (
          <>
            <Button small expanded={look === 'versions'} onPress={() => setLook(look === 'versions' ? 'columns' : 'versions')}>
              {t('mapping.versions')}
            </Button>
            <Button small blocked={may ? undefined : t('state.noRight')} onPress={() => setLook('edit')}>
              {t('mapping.change')}
            </Button>
          </>
        )
      }
    >
      {look === 'edit' && <MappingForm one={one} mapping={mapping} onClose={() => setLook('columns')} />}
      {look === 'versions' && <Versions one={one} mapping={mapping} />}
      {look === 'columns' && <Columns mapping={mapping} />}
    </Card>
  )
}

function Versions({ one, mapping }: { one: Api['Source']; mapping: Api['Mapping'] }) {
  const query = useQuery(mappingVersions(one.id))
  return (
    <View query={query} unread={t('mapping.versionsUnread')} rows={2}>
      {({ items }) => <MappingVersions one={one} mapping={mapping} items={items} />}
    </View>
  )
}

function Columns({ mapping }: { mapping: Api['Mapping'] }) {
  if (mapping.columns.length === 0) return <Padded>{t('mapping.noColumn')}</Padded>
  // Nothing read under this version yet: no column of dashes.
  const read = mapping.columns.some(({ samples }) => samples.some(Boolean))
  return (
    <Table
      caption={t('mapping.title')}
      className={style.mapping}
      head={
        <tr>
          <th scope="col">{t('mapping.column')}</th>
          <th scope="col">{t('mapping.to')}</th>
          <th scope="col">{t('mapping.rule')}</th>
          {read && <th scope="col">{t('mapping.samples')}</th>}
        </tr>
      }
    >
      <tbody>
        {mapping.columns.map((column) => (
          <tr key={`${column.column}-${column.to}`}>
            <th scope="row">
              <span className={text.mono}>{column.column}</span>
              {column.required && <span className={text.meta}> {t('mapping.required')}</span>}
            </th>
            <td>{word('field', column.to)}</td>
            <td className={text.muted}>{word('transform', column.transform)}</td>
            {read && <td className={style.samples}>{column.samples.filter(Boolean).slice(0, 10).join(' · ') || '–'}</td>}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

