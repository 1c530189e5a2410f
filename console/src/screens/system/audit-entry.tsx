import type { Schemas } from '../../../../control/client/index.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { Badge } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { auditAction } from './audit-text.ts'
import { auditWords } from './audit-words.ts'
import { useUsers } from './users.tsx'
import { words } from './words.ts'

const MOST_OBJECTS = 20

/** `Lệnh phát: dừng`, or the request itself where nobody has words for it. */
export function useActionText(): (method: string, route: string) => string {
  const say = useWords(auditWords)
  return (method, route) => {
    const action = auditAction(method, route)
    return action === null ? `${method} ${route}` : `${say(action.thing)}: ${say(action.act)}`
  }
}

/** All of one entry, and the ways to what else was done by the same one or to the same thing. */
export function AuditEntryDialog({ entry: { seq, at, tokenId, tokenName, remoteAddress, method, route, targetIds, fields, status, code, count, requestId, hash }, onClose, onWho, onObject }: { readonly entry: Schemas['AuditEntry']; readonly onClose: () => void; readonly onWho: (id: string, name: string) => void; readonly onObject: (id: string, name: string) => void }) {
  const say = useWords(words)
  const sayAudit = useWords(auditWords)
  const sayCommon = useWords(common)
  const actionText = useActionText()
  const { units } = useUnits()
  const rights = useRights()
  const { data: users } = useUsers(rights.somewhere('people'))
  const { day, seconds } = useFormats()
  const nameOf = (id: string): string => units.byId.get(id)?.name ?? users?.find((user) => user.id === id)?.name ?? id
  const who = tokenName ?? tokenId
  return (
    <Dialog title={sayAudit('oneTitle', { seq })} isOpen onClose={onClose} wide foot={<Button onPress={onClose}>{sayCommon('close')}</Button>}>
      <dl className="system-facts">
        <dt>{sayCommon('time')}</dt><dd>{day(at)} {seconds(at)}</dd>
        <dt>{say('who')}</dt><dd className="row tight">{who ?? say('someone')}{tokenId !== null && <Button onPress={() => { onWho(tokenId, who ?? tokenId) }}>{sayAudit('sameWho')}</Button>}</dd>
        <dt>{say('address')}</dt><dd>{remoteAddress ?? '–'}</dd>
        <dt>{say('did')}</dt><dd>{actionText(method, route)}<div className="small quiet"><code>{method} {route}</code></div></dd>
        <dt>{sayAudit('objects')}</dt><dd>{targetIds.length === 0 ? '–' : <ul className="stack tight">{targetIds.slice(0, MOST_OBJECTS).map((id) => <li key={id} className="row tight"><span>{nameOf(id)}</span><Button aria-label={`${sayAudit('sameObject')}: ${nameOf(id)}`} onPress={() => { onObject(id, nameOf(id)) }}>{sayAudit('sameObject')}</Button></li>)}{targetIds.length > MOST_OBJECTS && <li>{sayAudit('more', { count: targetIds.length - MOST_OBJECTS })}</li>}</ul>}</dd>
        <dt>{say('fields')}</dt><dd>{fields.length === 0 ? sayAudit('noFields') : <code>{fields.join(', ')}</code>}</dd>
        <dt>{say('result')}</dt><dd><Badge tone={status < 400 ? 'good' : 'warn'}>{say(status < 400 ? 'allowed' : 'denied')} {status} {code ?? ''}</Badge> {count > 1 && sayAudit('times', { count })}</dd>
        <dt>{sayAudit('request')}</dt><dd><code>{requestId ?? '–'}</code></dd>
        <dt>{sayAudit('chain')}</dt><dd><code>{hash}</code></dd>
      </dl>
      <p className="small quiet">{sayAudit('values')}</p>
    </Dialog>
  )
}
