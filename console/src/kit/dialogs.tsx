import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { common } from '../words/common.ts'
import { useWords } from '../words/use-words.ts'
import { Button, type ButtonLook } from './button.tsx'

export interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly wide?: boolean
  /** Buttons at the end, the main one last. */
  readonly foot?: ReactNode
  /** Escape and a press beside it close it, unless something would be lost. */
  readonly isDismissable?: boolean
  readonly role?: 'dialog' | 'alertdialog'
  readonly children: ReactNode
}

export function Dialog({ title, isOpen, onClose, wide = false, foot, isDismissable = true, role = 'dialog', children }: DialogProps) {
  const say = useWords(common)
  return (
    <ModalOverlay className="veil" isOpen={isOpen} onOpenChange={(open) => { if (!open) onClose() }} isDismissable={isDismissable}>
      <Modal>
        <AriaDialog className={wide ? 'dialog wide' : 'dialog'} role={role}>
          <div className="row">
            <Heading slot="title" className="grow">{title}</Heading>
            <Button look="plain" icon aria-label={say('close')} onPress={onClose}><X size={20} aria-hidden /></Button>
          </div>
          {children}
          {foot !== undefined && <div className="dialog-foot">{foot}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

/** Asks before something that cannot be undone; `action` says what the button does, never «OK». */
export function ConfirmDialog({ title, children, action, look = 'danger', isOpen, onClose, onConfirm, isBusy = false, error }: { readonly title: string; readonly children: ReactNode; readonly action: string; readonly look?: ButtonLook; readonly isOpen: boolean; readonly onClose: () => void; readonly onConfirm: () => void; readonly isBusy?: boolean; readonly error?: string | null | undefined }) {
  const say = useWords(common)
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose} role="alertdialog" foot={<><Button onPress={onClose}>{say('cancel')}</Button><Button look={look} onPress={onConfirm} isDisabled={isBusy}>{action}</Button></>}>
      <div>{children}</div>
      {error !== undefined && error !== null && <p className="field-error" role="alert">{error}</p>}
    </Dialog>
  )
}
