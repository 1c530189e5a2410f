import { useState } from 'react'
import { Button } from '../../kit/button.tsx'
import { CopyButton } from '../../kit/copy-button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

/** Shows once what is never shown again. */
export function SecretDialog({ title, text, secret, onClose }: { readonly title: string; readonly text: string; readonly secret: string | null; readonly onClose: () => void }) {
  const say = useWords(common)
  return (
    <Dialog title={title} isOpen={secret !== null} onClose={onClose} isDismissable={false} foot={<Button look="primary" onPress={onClose}>{say('close')}</Button>}>
      <Notice tone="warn">{text}</Notice>
      <code className="system-secret" aria-label={title}>{secret}</code>
      <div><CopyButton text={secret ?? ''} /></div>
    </Dialog>
  )
}

/** For what cannot be undone: says what will happen, and waits until its name was typed. */
export function TypedConfirm({ title, text, word, action, isOpen, onClose, work }: { readonly title: string; readonly text: string; readonly word: string; readonly action: string; readonly isOpen: boolean; readonly onClose: () => void; readonly work: () => Promise<unknown> }) {
  const say = useWords(words)
  const [typed, setTyped] = useState('')
  const confirming = useDeed({ onDone: () => { close() }, form: [typed] })
  const close = (): void => {
    setTyped('')
    confirming.forget()
    onClose()
  }
  return (
    <ConfirmDialog title={title} action={action} isOpen={isOpen} onClose={close} onConfirm={() => { void confirming.run(work) }} isBusy={confirming.isBusy || typed.normalize('NFC').trim() !== word.normalize('NFC').trim()} error={confirming.failure}>
      <div className="stack"><p>{text}</p><TextField label={say('typeToConfirm', { name: word })} value={typed} onChange={setTyped} autoFocus autoComplete="off" /></div>
    </ConfirmDialog>
  )
}
