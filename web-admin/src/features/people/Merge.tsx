import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { hits } from '../../api/hits'
import type { Api, Person } from '../../api/types'
import { dateTime, day, personName, shortName } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Confirm } from '../../ui/Confirm'
import { problemText } from '../../ui/Fault'
import { RadioField, TextField } from '../../ui/Field'
import { Picker } from '../../ui/Picker'
import { View, type Asked } from '../../ui/States'
import { Note } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import style from './People.module.css'
import { person, useMerge } from './queries'
import { linesOf } from './versions'
import { Which } from './Which'

const evidences: Api['SameEvidence'][] = ['identity_document', 'hr_file', 'professional_card']

/**
 * Level 3: two records are one person on proof, never on a likeness. Nobody is proposed: the other record is looked for,
 * and both are read side by side before anything can be sent.
 */
export function Merge({ one, onClose }: { one: Person; onClose: () => void }) {
  const [other, setOther] = useState<string>()
  const [kept, setKept] = useState<string>(one.id)
  const [evidence, setEvidence] = useState<Api['SameEvidence']>()
  const [motive, setMotive] = useState('')
  const merge = useMerge()
  const second = useQuery({ ...person(other ?? ''), enabled: other !== undefined })
  const navigate = useNavigate()
  const send = () => {
    if (!other || !evidence) return
    const absorbed = kept === one.id ? other : one.id
    merge.mutate(
      { kept, absorbed, evidence, motive: motive.trim() },
      {
        onSuccess: (stays) => {
          if (!('family' in stays)) {
            say('info', t('merge.asked', { until: dateTime(stays.until) }))
            onClose()
            return
          }
          say('ok', t('merge.done', { name: shortName(stays) }))
          onClose()
          void navigate({ to: '/people/$id', params: { id: stays.id } })
        },
      },
    )
  }
  return (
    <Confirm
      roomy
      title={t('merge.title', { name: shortName(one) })}
      verb={t('merge.verb')}
      danger
      ready={second.isSuccess && evidence !== undefined && motive.trim().length > 0}
      busy={merge.isPending}
      fault={merge.error ? problemText(merge.error) : undefined}
      onCancel={onClose}
      onConfirm={send}
    >
      <Which one={one} />
      <p>{t('merge.effect')}</p>
      <Other
        not={one.id}
        onChoose={(id) => {
          setOther(id)
          setKept(one.id)
        }}
      />
      {other && <Beside one={one} query={second} kept={kept} onKeep={setKept} />}
      <RadioField label={t('merge.evidence')} value={evidence} choices={evidences.map((value) => ({ value, label: word('evidence', value) }))} onChange={setEvidence} />
      <TextField label={t('confirm.motive')} value={motive} onChange={setMotive} required />
      <p className={text.muted}>{t('confirm.key')}</p>
    </Confirm>
  )
}

function Other({ not, onChoose }: { not: string; onChoose: (id: string | undefined) => void }) {
  const [typed, setTyped] = useState('')
  const query = useQuery(hits(typed.trim()))
  const found = (query.data?.hits ?? []).filter((hit) => hit.kind === 'person' && hit.target !== not)
  return (
    <Picker
      field
      label={t('merge.other')}
      typed={typed}
      onType={(value) => {
        setTyped(value)
        onChoose(undefined)
      }}
      answered={query.isSuccess && !query.isPlaceholderData}
      nothing={t('people.emptyFilter')}
      choices={found.map((hit) => ({ key: hit.target, content: <><b>{hit.person ? personName(hit.person) : hit.label}</b> <span className={text.meta}>{[hit.person?.birth_date && day(hit.person.birth_date), hit.detail].filter(Boolean).join(' · ')}</span></> }))}
      onChoose={(key) => {
        const hit = found.find((each) => each.target === key)
        setTyped(hit?.person ? personName(hit.person) : (hit?.label ?? ''))
        onChoose(key)
      }}
    />
  )
}

/** Both records as they are: what differs is in bold, what the sources say of each is named. */
function Beside({ one, query, kept, onKeep }: { one: Person; query: Asked<Person>; kept: string; onKeep: (id: string) => void }) {
  return (
    <View query={query} unread={t('person.unread')} rows={4}>
      {(second) => (
        <>
          {one.birth_date && second.birth_date && one.birth_date !== second.birth_date && <Note mood="warning">{t('merge.births')}</Note>}
          <Compared one={one} second={second} />
          <RadioField
            label={t('merge.stays')}
            help={t('merge.staysHelp')}
            value={kept}
            choices={[one, second].map((each) => ({ value: each.id, label: nameWithNumber(each) }))}
            onChange={onKeep}
          />
        </>
      )}
    </View>
  )
}

/** Two records of one person often bear one name: the number tells them apart. */
export function nameWithNumber(one: Person): string {
  const number = one.values.find(({ field }) => field === 'matricule')?.value
  return [personName(one), number && t('merge.number', { number })].filter(Boolean).join(', ')
}

function Compared({ one, second }: { one: Person; second: Person }) {
  const [ours, theirs] = [grouped(one), grouped(second)]
  const names = [...new Set([...ours.keys(), ...theirs.keys()])]
  return (
    <Table
      caption={t('merge.compared')}
      className={style.compared}
      head={
        <tr>
          <th scope="col">{t('why.field')}</th>
          <th scope="col">{t('merge.this')}</th>
          <th scope="col">{t('merge.that')}</th>
        </tr>
      }
    >
      <tbody>
        {names.map((name) => {
          const [here, there] = [ours.get(name) ?? '–', theirs.get(name) ?? '–']
          const Weight = here === there ? 'span' : 'b'
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td><Weight>{here}</Weight></td>
              <td><Weight>{there}</Weight></td>
            </tr>
          )
        })}
      </tbody>
    </Table>
  )
}

function grouped(one: Person): Map<string, string> {
  const lines = new Map<string, string>()
  const birth = one.birth_date ? [{ name: word('field', 'birth_date'), value: day(one.birth_date) }] : []
  // A session says nothing of who she is; her login stands with her account.
  const told = linesOf(one).filter(({ key }) => !/^value-(birth_date|login)|^sessions$/.test(key))
  for (const { name, value } of [...told.slice(0, 1), ...birth, ...told.slice(1)]) lines.set(name, [lines.get(name), value].filter(Boolean).join(' · '))
  return lines
}
