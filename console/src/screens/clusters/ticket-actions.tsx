import type { paths } from '../../../../control/client/types.ts'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useMe } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useWords } from '../../words/use-words.ts'
import { registerChanged } from './registry-data.ts'
import { NEXT_STATES, type Ticket } from './ticket-rules.ts'
import { ticketWords } from './ticket-words.ts'

export type TicketChange = NonNullable<paths['/v1/tickets/{id}']['patch']['requestBody']>['content']['application/json']
const TICKETS: ReadonlySet<string> = new Set(['/v1/tickets', '/v1/tickets/{id}', '/v1/tickets/{id}/events'])
const NO_FORM: readonly unknown[] = []

/** Changes a ticket, and reads again what depends on it: a ticket may take its cluster out of use. */
export function useTicketChange(id: string, form: readonly unknown[] = NO_FORM) {
  const changing = useDeed({ reads: TICKETS, form })
  const change = (body: TicketChange, then?: () => void): void => {
    void changing.run(async () => done(await loa.PATCH('/v1/tickets/{id}', { params: { path: { id } }, body })), () => {
      registerChanged()
      then?.()
    })
  }
  return { ...changing, change }
}

/** What can be done next, as buttons for a finger. @param most how many are shown */
export function TicketSteps({ ticket: { id, state, assignee }, most }: { readonly ticket: Ticket; readonly most?: number }) {
  const say = useWords(ticketWords)
  const { data: me } = useMe()
  const ticket = useTicketChange(id)
  return (
    <>
      <div className="row tight">{NEXT_STATES[state].slice(0, most).map((next, index) => (
        <Button key={next} look={index === 0 ? 'primary' : next === 'cancelled' ? 'danger' : 'normal'} isDisabled={ticket.isBusy}
          onPress={() => { ticket.change({ state: next, ...((next === 'assigned' || next === 'on-site') && assignee === null && me !== undefined ? { assignee: me.name } : {}) }) }}>{say(`to${next[0]?.toUpperCase() ?? ''}${next.slice(1)}` as 'toOpen')}</Button>
      ))}</div>
      <Failure text={ticket.failure} />
    </>
  )
}
