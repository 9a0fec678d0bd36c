import { useRef, useState, type ReactNode } from 'react'
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { t } from '../lib/i18n'
import { Button } from './Button'
import { TextField } from './Field'
import style from './Overlay.module.css'
import { Note } from './Status'
import { useTaken } from './Versions'

interface Props {
  title: string
  /** The verb with its object: what the button does. */
  verb: string
  /** Level 3 acts are drawn as dangers when they take something away. */
  danger?: boolean
  /** Above twenty people the number is typed. */
  people?: number
  /** For two records side by side. */
  roomy?: boolean
  /** False while the form inside is not complete. */
  ready?: boolean
  busy?: boolean
  fault?: ReactNode
  onConfirm: () => void
  onCancel: () => void
  children: ReactNode
}

/** Effect in a sentence, the button is the verb, the focus is on « Annuler ». */
export function Confirm({ title, verb, danger = false, people = 1, roomy = false, ready = true, busy = false, fault, onConfirm, onCancel, children }: Props) {
  const [typed, setTyped] = useState('')
  const wide = people > 20
  const complete = ready && (!wide || typed.trim() === String(people))
  return (
    <ModalOverlay className={style.veil} isOpen isDismissable={!busy} onOpenChange={(open) => { if (!open) onCancel() }}>
      <Modal className={[style.dialog, roomy && style.roomy].filter(Boolean).join(' ')}>
        <Dialog role="alertdialog">
          <div className={style.inside}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {children}
            {fault && <Refused>{fault}</Refused>}
          </div>
          <footer>
            {/* Beside the answer that it opens: in sight with it, however long the question. */}
            {wide && (
              <div className={style.typed}>
                <TextField short inputMode="numeric" label={t('confirm.wide', { count: people })} value={typed} onChange={setTyped} />
              </div>
            )}
            <Button autoFocus onPress={onCancel}>
              {t('action.cancel')}
            </Button>
            <Button variant={danger ? 'danger' : 'primary'} busy={busy} blocked={complete ? undefined : t('confirm.incomplete')} onPress={onConfirm}>
              {verb}
            </Button>
          </footer>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

/** Read before the act is sent again: the focus leaves its button. */
function Refused({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useTaken(box, true)
  return (
    <div ref={box} tabIndex={-1}>
      <Note mood="failure" role="alert">
        {children}
      </Note>
    </div>
  )
}

/** What came of an act, when there is more to say than a line. */
export function Report({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <ModalOverlay className={style.veil} isOpen isDismissable onOpenChange={(open) => { if (!open) onClose() }}>
      <Modal className={style.dialog}>
        <Dialog>
          <div className={style.inside}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {children}
          </div>
          <footer>
            <Button autoFocus onPress={onClose}>
              {t('action.close')}
            </Button>
          </footer>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
