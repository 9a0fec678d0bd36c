import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { hits as personHits } from '../../api/hits'
import type { Api, Client } from '../../api/types'
import { personName } from '../../lib/format'
import { copyText } from '../../lib/copy'
import { reasonText, t, word, words } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { Card, SidePanel } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { Picker } from '../../ui/Picker'
import { Blank, View } from '../../ui/States'
import { Note, Sign } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './Applications.module.css'
import { PersonHit } from './PersonHit'
import { tokenPreview } from './queries'

const route = getRouteApi('/applications/$id')

/** The very token a chosen person would get, claim by claim, with the source of each. */
export function TokenPreview({ one }: { one: Client }) {
  const { person } = route.useSearch()
  return (
    <div className={layout.stack}>
      <PersonPicker one={one} person={person} />
      {person ? <Preview one={one} person={person} /> : <Blank boxed title={t('token.choose')}>{t('token.chooseHelp')}</Blank>}
    </div>
  )
}

/** With nobody chosen yet, the question is what one came for: it has the focus. */
function PersonPicker({ one, person }: { one: Client; person: string | undefined }) {
  // What is typed is of the person shown then: once another is chosen, the field says her name and keeps the focus.
  const [edited, setEdited] = useState<{ of: string | undefined; text: string }>()
  const chosenOne = useQuery({ ...tokenPreview(one.client_id, person ?? ''), enabled: Boolean(person) }).data?.person
  const typed = edited?.of === person && edited ? edited.text : chosenOne ? personName(chosenOne) : ''
  const navigate = useNavigate()
  const found = useQuery(personHits(typed.trim()))
  const hits = (found.data?.hits ?? []).filter((hit) => hit.kind === 'person')
  return (
    <Picker
      field
      autoFocus={!person}
      label={t('token.person')}
      placeholder={t('token.personExample')}
      typed={typed}
      onType={(text) => setEdited({ of: person, text })}
      answered={found.isSuccess && !found.isPlaceholderData}
      nothing={t('people.emptyFilter')}
      choices={hits.map((hit) => ({ key: hit.target, content: <PersonHit hit={hit} /> }))}
      onChoose={(key) => {
        setEdited(undefined)
        void navigate({ to: '/applications/$id', params: { id: one.client_id }, search: { tab: 'attributs', person: key } })
      }}
    />
  )
}

function Preview({ one, person }: { one: Client; person: string }) {
  const query = useQuery(tokenPreview(one.client_id, person))
  return (
    <View query={query} unread={t('token.unread')} rows={6}>
      {(preview) => (
        <div className={layout.stack}>
          {!preview.allowed && (
            <Note mood="failure">
              <b>{t('token.notAllowed', { name: personName(preview.person) })}</b> {preview.reason && reasonText(preview.reason)}
            </Note>
          )}
          <Exercises preview={preview} />
          <div className={layout.split}>
            <Claims preview={preview} />
            <SidePanel title={t('token.received')} acts={<Copy text={JSON.stringify({ userinfo: preview.userinfo, id_token: preview.id_token }, null, 2)} />}>
              <p className={text.meta}>{t('token.userinfo')}</p>
              <pre className={`${text.code} ${text.wrapped}`} tabIndex={0} aria-label={t('token.userinfo')}>{JSON.stringify(preview.userinfo, null, 2)}</pre>
              <p className={text.meta}>
                {t('token.idToken')}. {t('token.example')}
              </p>
              <pre className={`${text.code} ${text.wrapped}`} tabIndex={0} aria-label={t('token.idToken')}>{JSON.stringify(preview.id_token, null, 2)}</pre>
            </SidePanel>
          </div>
        </div>
      )}
    </View>
  )
}

/** Of somebody who practises here in several ways, nothing of an exercise is sent before she has chosen. */
function Exercises({ preview: { exercises } }: { preview: Api['TokenPreview'] }) {
  const told = exercises?.find((one) => one.told)
  if (told) return <p className={text.meta}>{t('token.exerciseTold', { title: told.title, structure: told.structure })}</p>
  if (!exercises?.length) return null
  return (
    <Note mood="info">
      <p>{t('token.exerciseAsked')}</p>
      <ul>
        {exercises.map(({ title, structure }) => (
          <li key={`${title} ${structure}`}>
            {title}, {structure}
          </li>
        ))}
      </ul>
    </Note>
  )
}

/** What was received, as text for whoever writes the connector. */
function Copy({ text: copied }: { text: string }) {
  const [done, setDone] = useState<boolean>()
  return (
    <>
      <span role="status">{done !== undefined && t(done ? 'secret.copied' : 'secret.notCopied')}</span>
      <Button small variant="ghost" icon="copy" onPress={() => void copyText(copied).then(setDone)}>
        {t('token.copy')}
      </Button>
    </>
  )
}

function sourceOf({ source, owner }: Api['ClaimLine']): string {
  return source ?? (owner ? word('owner', owner) : '–')
}

function Value({ value }: { value: unknown }) {
  if (value === '') return <span className={text.muted}>{t('token.empty')}</span>
  return <span className={`${text.mono} ${style.value}`}>{typeof value === 'string' ? value : JSON.stringify(value)}</span>
}

function Claims({ preview }: { preview: Api['TokenPreview'] }) {
  // The appliance may know the owner of none of them.
  const sourced = preview.claims.some(({ source, owner }) => source ?? owner)
  return (
    <Card title={t('token.claims')} aside={personName(preview.person)}>
      <Table
        caption={t('token.claims')}
        className={style.claims}
        widths={sourced ? [13, 10, null, 7] : [14.5, 12, null]}
        head={
          <tr>
            <th scope="col">{t('token.claim')}</th>
            <th scope="col">{t('token.value')}</th>
            <th scope="col">{t('token.meaning')}</th>
            {sourced && <th scope="col">{t('person.source')}</th>}
          </tr>
        }
      >
        <tbody>
          {preview.claims.map((line) => (
            <tr key={line.claim} className={line.sent ? undefined : style.unsent}>
              <th scope="row">
                <span className={style.claim}>
                  <Sign mood={line.sent && line.value !== '' ? 'ok' : 'off'} />
                  <span className={text.mono}>{line.claim}</span>
                </span>
              </th>
              <td>{line.sent ? <Value value={line.value} /> : line.reason ? reasonText(line.reason) : t('token.unsent')}</td>
              <td>
                {words(`claim.${line.claim}`) ?? <span className={text.muted}>{t('token.asNamed')}</span>}
                <span className={`${text.meta} ${style.scope}`}>{t('token.scope', { sent: t(line.sent ? 'token.sent' : 'token.unsent'), scope: line.scope })}</span>
              </td>
              {sourced && <td className={text.muted}>{sourceOf(line)}</td>}
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}
