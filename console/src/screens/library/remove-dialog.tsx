import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { UsageList, useUsage } from './usage-list.tsx'
import { words } from './words.ts'

const READ: ReadonlySet<string> = new Set(['/v1/clips'])

/** Asks before a clip goes; of one that is used it says where, and asks nothing. */
export function RemoveDialog({ clip: { id, name }, onClose, onRemoved }: { readonly clip: Schemas['Clip']; readonly onClose: () => void; readonly onRemoved: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const usage = useUsage(id)
  const removing = useDeed({ reads: READ, onDone: onRemoved })
  const remove = (): void => { void removing.run(async () => { done(await loa.DELETE('/v1/clips/{id}', { params: { path: { id } } })) }, () => { toast(sayCommon('removed')) }) }
  const title = say('removeTitle', { name })
  return (
    <Loaded query={usage}>{({ users, otherUsers }) => (users.length + otherUsers > 0
      ? <Dialog title={title} isOpen onClose={onClose}><p>{say('inUse')}</p><UsageList clipId={id} /></Dialog>
      : <ConfirmDialog title={title} action={say('removeClip')} isOpen onClose={onClose} onConfirm={remove} isBusy={removing.isBusy} error={removing.failure}>{say('removeText')}</ConfirmDialog>)}</Loaded>
  )
}
