import { useBlocker } from '@tanstack/react-router'
import { useRef, useState, type ReactNode } from 'react'
import type { Api } from '../../api/types'
import { changedParts } from '../../lib/diff'
import { t, word } from '../../lib/i18n'
import { ProblemError } from '../../lib/problem'
import { Button } from '../../ui/Button'
import { Confirm } from '../../ui/Confirm'
import { fieldFault, isStale, problemText } from '../../ui/Fault'
import { Segments, TextField } from '../../ui/Field'
import { FormBar } from '../../ui/FormBar'
import layout from '../../ui/layout.module.css'
import { Note } from '../../ui/Status'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { useTaken } from '../../ui/Versions'
import { readMapping } from './mapping'
import { MappingDiff } from './MappingDiff'
import { MappingFields } from './MappingFields'
import { useChangeMapping } from './queries'
import style from './Sources.module.css'

/** The definition, field by field or as its whole text. Level 3: a column mistaken for another closes people. */
export function MappingForm({ one, mapping, onClose }: { one: Api['Source']; mapping: Api['Mapping']; onClose: () => void }) {
  // What was on screen when the typing began: somebody else may save a version meanwhile.
  const [seen, setSeen] = useState(mapping.toml)
  const [toml, setToml] = useState(mapping.toml)
  // The source as it was when the question was asked: what a colleague saves while it stands is refused and compared.
  const [asked, setAsked] = useState<Api['Source']>()
  const change = useChangeMapping(asked ?? one)
  const dirty = toml !== seen
  const leaving = useBlocker({ shouldBlockFn: () => dirty && !change.isSuccess, withResolver: true, enableBeforeUnload: () => dirty })
  const moved = mapping.toml !== seen

  return (
    <div className={style.edit}>
      {change.error && !isStale(change.error) && !(change.error instanceof ProblemError && change.error.fields.length > 0) && (
        <Note mood="failure" role="alert">
          {problemText(change.error)}
        </Note>
      )}
      {moved && (
        <Moved refused={isStale(change.error)}>
          <Note mood="warning">
            <b>{t('mapping.moved')}</b> {t('mapping.movedHelp')}
          </Note>
          <MappingDiff label={t('mapping.movedDiff')} before={seen} after={mapping.toml} />
          <Button small onPress={() => setSeen(mapping.toml)}>
            {t('versions.seen')}
          </Button>
        </Moved>
      )}
      <Definition mapping={mapping} toml={toml} onChange={setToml} error={change.error} />
      {dirty && <MappingDiff label={t('mapping.diff')} before={seen} after={toml} />}
      <FormBar count={changedParts(seen, toml)}>
        <Button variant="primary" blocked={!dirty ? t('form.nothing') : moved ? t('versions.lookFirst') : undefined} onPress={() => setAsked(one)}>
          {t('mapping.save')}
        </Button>
        <Button onPress={onClose}>{t(dirty ? 'form.abandon' : 'action.cancel')}</Button>
      </FormBar>
      {asked && (
        <Confirm
          title={t('mapping.confirm', { name: one.name, version: mapping.version + 1 })}
          verb={t('mapping.save')}
          busy={change.isPending}
          onCancel={() => setAsked(undefined)}
          onConfirm={() => change.mutate(toml, { onSuccess: () => { say('ok', t('mapping.saved')); onClose() }, onSettled: () => setAsked(undefined) })}
        >
          <p>{t('mapping.effect')}</p>
          <p>{t('confirm.key')}</p>
        </Confirm>
      )}
      {leaving.status === 'blocked' && (
        <Confirm title={t('form.leave')} verb={t('form.leaveVerb')} onCancel={leaving.reset} onConfirm={leaving.proceed}>
          <p>{t('form.leaveEffect')}</p>
        </Confirm>
      )}
    </div>
  )
}

function Moved({ refused, children }: { refused: boolean; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useTaken(box, refused)
  return (
    <div role="alert" ref={box} tabIndex={-1} className={layout.small}>
      {children}
    </div>
  )
}

type Look = 'fields' | 'text'
const looks: Look[] = ['fields', 'text']

function Definition({ mapping, toml, onChange, error }: { mapping: Api['Mapping']; toml: string; onChange: (toml: string) => void; error: unknown }) {
  // A source without a field of its own has nothing to choose from: its text is all there is.
  const [look, setLook] = useState<Look>(() => (readMapping(mapping.toml)?.fields.length ? 'fields' : 'text'))
  const fields = look === 'fields' ? readMapping(toml)?.fields : undefined
  const fault = faults(error)
  // A refusal names lines of the text: it comes in sight with it.
  const [heard, hear] = useState(error)
  if (error !== heard) {
    hear(error)
    if (fault) setLook('text')
  }
  return (
    <>
      <Segments legend={t('mapping.look')} value={look} segments={looks.map((value) => ({ value, label: word('mapping.look', value) }))} onChange={setLook} />
      {fields ? (
        <>
          <p className={text.meta}>{t('mapping.textHelp')}</p>
          <MappingFields fields={fields} toml={toml} columns={mapping.columns} onChange={onChange} />
          {fault && (
            <Note mood="failure" role="alert">
              {fault}
            </Note>
          )}
        </>
      ) : (
        <>
          {look === 'fields' && <Note mood="info">{t('mapping.textOnly')}</Note>}
          <TextField label={t('mapping.text')} help={t('mapping.textHelp')} value={toml} onChange={onChange} lines={18} code fault={fault} />
        </>
      )}
    </>
  )
}

/** Each fault of the text, as its reader says it: a line, a column, what is expected. */
function faults(error: unknown): string | undefined {
  if (!(error instanceof ProblemError)) return undefined
  const told = error.fields.filter(({ field }) => field === 'toml').map(({ params }) => params?.['reason'])
  return told.filter(Boolean).join('\n') || fieldFault(error, 'toml')
}
