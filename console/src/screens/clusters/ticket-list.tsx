import { useState } from 'react'
import { Link } from 'wouter'
import { api } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Badge, Empty, Loaded, type Tone } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { words as listWords } from './words.ts'
import { NewTicketDialog, type NewTicketAbout } from './new-ticket-dialog.tsx'
import type { TicketState } from './ticket-rules.ts'
import { ticketWords } from './ticket-words.ts'

const TONES: Readonly<Record<TicketState, Tone>> = { 'open': 'warn', 'assigned': 'air', 'on-site': 'air', 'waiting-part': 'warn', 'done': 'good', 'cancelled': 'off' }
export const TicketBadge = ({ state }: { readonly state: TicketState }) => <Badge tone={TONES[state]}>{useWords(ticketWords)(state)}</Badge>

export interface TicketListFilter {
  readonly clusterId?: string
  readonly unitId?: string
  readonly state?: TicketState | 'unfinished'
}

/** Tickets, newest first; with `about`, one can be opened. */
export function TicketList({ filter, about }: { readonly filter: TicketListFilter; readonly about?: NewTicketAbout }) {
  const say = useWords(ticketWords)
  const sayList = useWords(listWords)
  const rights = useRights()
  const { units } = useUnits()
  const { dayTime } = useFormats()
  const [isOpening, setIsOpening] = useState(false)
  const query = api.useQuery('get', '/v1/tickets', { params: { query: { limit: 200, ...filter } } })
  return (
    <section className="card stack">
      {about !== undefined && <div className="row"><h2 className="grow">{sayList('tickets')}</h2>{rights.at('maintain', about.unitId) && <Button look="primary" onPress={() => { setIsOpening(true) }}>{say('newTicket')}</Button>}</div>}
      <Loaded query={query}>{({ items }) => (items.length === 0 ? <Empty>{say('none')}</Empty> : (
        <ul className="stack tight">{items.map(({ id, number, title, state, severity, unitId, assignee, openedAt }) => (
          <li key={id} className="row"><TicketBadge state={state} /><span className="grow"><Link href={`/clusters/tickets/${id}`}>{say('number', { number })}: {title}</Link><br /><span className="small quiet">{units.name(unitId)} · {say('opened', { time: dayTime(openedAt) })}{assignee === null ? '' : ` · ${assignee}`}</span></span>{severity === 'critical' && <Badge tone="warn">{say('critical')}</Badge>}</li>
        ))}</ul>
      ))}</Loaded>
      {isOpening && about !== undefined && <NewTicketDialog about={about} onClose={() => { setIsOpening(false) }} />}
    </section>
  )
}
