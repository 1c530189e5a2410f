import { Square } from 'lucide-react'
import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useWords } from '../../words/use-words.ts'
import type { OnAirOrder } from './board.ts'
import { words } from './words.ts'

/** Stops an ordinary order, for who may where it was given from and where it sounds. The server has the last word. */
export function StopOrder({ order: { orderId, title }, clusters }: { readonly order: Pick<OnAirOrder, 'orderId' | 'title'>; readonly clusters: number }) {
  const say = useWords(words)
  const rights = useRights()
  const { data: order } = api.useQuery('get', '/v1/orders/{id}', { params: { path: { id: orderId } } }, { enabled: rights.somewhere('air') })
  const [isAsked, setIsAsked] = useState(false)
  const stopping = useDeed({ onDone: () => { setIsAsked(false) } })
  if (order === undefined) return null
  const { issuer, targets: { units, tags, groups } } = order
  if (!rights.somewhere('air') || ![issuer, ...units, ...(tags.length + groups.length > 0 ? [null] : [])].every((unitId) => rights.at('air', unitId))) return null
  const stop = (): void => { void stopping.run(async () => done(await loa.POST('/v1/orders/{id}/stop', { params: { path: { id: orderId } } })), () => { toast(say('stopped', { title })) }) }
  const close = (): void => {
    setIsAsked(false)
    stopping.forget()
  }
  return (
    <>
      <Button onPress={() => { setIsAsked(true) }}><Square size={18} aria-hidden />{say('stop')}</Button>
      <ConfirmDialog title={say('stopTitle', { title })} action={say('stop')} isOpen={isAsked} onClose={close} onConfirm={stop} isBusy={stopping.isBusy} error={stopping.failure}>{say('stopText', { count: clusters })}</ConfirmDialog>
    </>
  )
}
