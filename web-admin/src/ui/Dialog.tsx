import type { ReactNode } from 'react'
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import style from './Overlay.module.css'

interface Props {
  title: ReactNode
  /** `alertdialog` for what interrupts. */
  role?: 'dialog' | 'alertdialog'
  wide?: boolean
  /** Escape, or a press outside; without it the dialog stays until it is answered. */
  onClose?: (() => void) | undefined
  acts: ReactNode
  children: ReactNode
}

/** Over everything: what it says, and its answers at the foot. */
export function Box({ title, role = 'dialog', wide = false, onClose, acts, children }: Props) {
  return (
    <ModalOverlay className={style.veil} isOpen isDismissable={Boolean(onClose)} isKeyboardDismissDisabled={!onClose} onOpenChange={(open) => { if (!open) onClose?.() }}>
      <Modal className={[style.dialog, wide && style.wide].filter(Boolean).join(' ')}>
        <Dialog role={role}>
          <div className={style.inside}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {children}
          </div>
          <footer>{acts}</footer>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
