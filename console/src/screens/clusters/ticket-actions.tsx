import { useMutation } from '@tanstack/react-query'
import type { paths } from '../../../../control/client/types.ts'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useMe } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { registerChanged } from './registry-data.ts'
import { NEXT_STATES, type Ticket } from './ticket-rules.ts'
import { ticketWords } from './ticket-words.ts'

export type TicketChange = NonNullable<paths['/v1/tickets/{id}']['patch']['requestBody']>['content']['application/json']

/** Changes a ticket, and reads again what depends on it: a ticket may take its cluster out of use. */
export function useTicketChange(id: string) {
  return useMutation({
    mutationFn: async (body: TicketChange) => done(await loa.PATCH('/v1/tickets/{id}', { params: { path: { id } }, body })),
    onSuccess: () => {
      readAgain(new Set(['/v1/tickets', '/v1/tickets/{id}', '/v1/tickets/{id}/events']))
      registerChanged()
    },
  })
}

/** What can be done next, as buttons for a finger. @param most how many are shown */
export function TicketSteps({ ticket: { id, state, assignee }, most }: { readonly ticket: Ticket; readonly most?: number }) {
  const say = useWords(ticketWords)
  const { data: me } = useMe()
  const change = useTicketChange(id)
  return (
    <>
      <div className="row tight">{NEXT_STATES[state].slice(0, most).map((next, index) => (
        <Button key={next} look={index === 0 ? 'primary' : next === 'cancelled' ? 'danger' : 'normal'} isDisabled={change.isPending}
          onPress={() => { change.mutate({ state: next, ...((next === 'assigned' || next === 'on-site') && assignee === null && me !== undefined ? { assignee: me.name } : {}) }) }}>{say(`to${next[0]?.toUpperCase() ?? ''}${next.slice(1)}` as 'toOpen')}</Button>
      ))}</div>
      {change.error !== null && <Notice tone="bad">{problemText(change.error)}</Notice>}
    </>
  )
}
