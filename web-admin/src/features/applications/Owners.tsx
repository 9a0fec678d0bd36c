import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { hits as personHits } from '../../api/hits'
import { useMay } from '../../api/me'
import type { Client, PersonRef } from '../../api/types'
import { personName } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, Padded } from '../../ui/Card'
import { fieldFault } from '../../ui/Fault'
import { Chip } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Picker } from '../../ui/Picker'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './Applications.module.css'
import { Edit } from './Edit'
import { PersonHit } from './PersonHit'

/** Who answers for it here: whoever has the role of application owner sees these applications alone. */
export function OwnersCard({ one }: { one: Client }) {
  const may = useMay('manage_clients')
  const [editing, setEditing] = useState(false)
  const change = (
    <Button small blocked={may ? undefined : t('state.noRight')} label={t('owners.change')} onPress={() => setEditing(true)}>
      {t('action.change')}
    </Button>
  )
  return (
    <Card title={t('owners.title')} acts={!editing && change}>
      {editing ? (
        <OwnersForm one={one} onClose={() => setEditing(false)} />
      ) : (
        <Padded>
          {one.owners.length ? (
            <ul className={style.uris}>
              {one.owners.map((owner) => (
                <li key={owner.id}>{personName(owner)}</li>
              ))}
            </ul>
          ) : (
            <p className={text.muted}>{t('owners.none')}</p>
          )}
        </Padded>
      )}
    </Card>
  )
}

function OwnersForm({ one, onClose }: { one: Client; onClose: () => void }) {
  const [owners, setOwners] = useState<PersonRef[]>(one.owners)
  const [typed, setTyped] = useState('')
  const found = useQuery(personHits(typed.trim()))
  const hits = (found.data?.hits ?? []).filter((hit) => hit.kind === 'person' && hit.person && !owners.some(({ id }) => id === hit.target))
  const ids = (people: PersonRef[]) => people.map(({ id }) => id).sort()
  return (
    <Edit
      one={one}
      asked={(seen) => (ids(owners).join() === ids(seen.owners).join() ? undefined : { owners: ids(owners) })}
      changes={(seen) => ids(owners).filter((id) => !ids(seen.owners).includes(id)).length + ids(seen.owners).filter((id) => !ids(owners).includes(id)).length}
      question={t('owners.confirm', { name: one.name })}
      effect={t('owners.effect')}
      onClose={onClose}
    >
      {(error) => (
        <>
          {fieldFault(error, 'owners') && (
            <Note mood="failure" role="alert">
              {fieldFault(error, 'owners')}
            </Note>
          )}
          {owners.length > 0 && (
            <div className={layout.row}>
              {owners.map((owner) => (
                <Chip key={owner.id} name={t('owners.one')} value={personName(owner)} onRemove={() => setOwners(owners.filter(({ id }) => id !== owner.id))} />
              ))}
            </div>
          )}
          <Picker
            field
            label={t('owners.add')}
            typed={typed}
            onType={setTyped}
            answered={found.isSuccess && !found.isPlaceholderData}
            nothing={t('people.emptyFilter')}
            choices={hits.map((hit) => ({ key: hit.target, content: <PersonHit hit={hit} /> }))}
            onChoose={(key) => {
              const person = hits.find((hit) => hit.target === key)?.person
              if (person) setOwners([...owners, person])
              setTyped('')
            }}
          />
        </>
      )}
    </Edit>
  )
}
