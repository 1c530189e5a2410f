import { Square } from 'lucide-react'
import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useWords } from '../../words/use-words.ts'
import type { OnAirOrder } from './board.ts'
import { words } from './words.ts'

/** Stops an ordinary order, for who may where it was given from and where it sounds. The server has the last word. */
export function StopOrder({ order: { orderId, title }, clusters }: { readonly order: Pick<OnAirOrder, 'orderId' | 'title'>; readonly clusters: number }) {
  const say = useWords(words)
  const rights = useRights()
  const { data: order } = api.useQuery('get', '/v1/orders/{id}', { params: { path: { id: orderId } } }, { enabled: rights.somewhere('air') })
  const [isAsked, setIsAsked] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  if (order === undefined) return null
  const { issuer, targets: { units, tags, groups } } = order
  if (!rights.somewhere('air') || ![issuer, ...units, ...(tags.length + groups.length > 0 ? [null] : [])].every((unitId) => rights.at('air', unitId))) return null
  const stop = async (): Promise<void> => {
    setIsBusy(true)
    setError(null)
    try {
      done(await loa.POST('/v1/orders/{id}/stop', { params: { path: { id: orderId } } }))
      setIsAsked(false)
      toast(say('stopped', { title }))
    } catch (refused) {
      setError(problemText(refused))
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <>
      <Button onPress={() => { setIsAsked(true) }}><Square size={18} aria-hidden />{say('stop')}</Button>
      <ConfirmDialog title={say('stopTitle', { title })} action={say('stop')} isOpen={isAsked} onClose={() => { setIsAsked(false) }} onConfirm={() => { void stop() }} isBusy={isBusy} error={error}>{say('stopText', { count: clusters })}</ConfirmDialog>
    </>
  )
}
