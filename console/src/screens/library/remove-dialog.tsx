import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { problemText } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { UsageList, useUsage } from './usage-list.tsx'
import { words } from './words.ts'

/** Asks before a clip goes; of one that is used it says where, and asks nothing. */
export function RemoveDialog({ clip: { id, name }, onClose, onRemoved }: { readonly clip: Schemas['Clip']; readonly onClose: () => void; readonly onRemoved: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const usage = useUsage(id)
  const [failure, setFailure] = useState<string | null>(null)
  const remove = async (): Promise<void> => {
    try {
      done(await loa.DELETE('/v1/clips/{id}', { params: { path: { id } } }))
      toast(sayCommon('removed'))
      onRemoved()
      readAgain(new Set(['/v1/clips']))
    } catch (error) {
      setFailure(problemText(error))
    }
  }
  const title = say('removeTitle', { name })
  return (
    <Loaded query={usage}>{({ users, otherUsers }) => (users.length + otherUsers > 0
      ? <Dialog title={title} isOpen onClose={onClose}><p>{say('inUse')}</p><UsageList clipId={id} /></Dialog>
      : <ConfirmDialog title={title} action={say('removeClip')} isOpen onClose={onClose} onConfirm={() => { void remove() }} error={failure}>{say('removeText')}</ConfirmDialog>)}</Loaded>
  )
}
