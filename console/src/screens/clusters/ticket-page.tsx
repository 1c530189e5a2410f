import { ArrowLeft, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { api } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { NumberField, Switch, TextField } from '../../kit/fields.tsx'
import { Badge, Failure, Loaded, Page } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { TicketSteps, useTicketChange } from './ticket-actions.tsx'
import { TicketBadge } from './ticket-list.tsx'
import type { Ticket } from './ticket-rules.ts'
import { ticketWords } from './ticket-words.ts'

/** One ticket: where it stands, what was done and said, what it cost. */
export default function TicketPage({ id }: { readonly id: string }) {
  const query = api.useQuery('get', '/v1/tickets/{id}', { params: { path: { id } } })
  return <Loaded query={query}>{(ticket) => <TicketDetail ticket={ticket} />}</Loaded>
}

function TicketDetail({ ticket }: { readonly ticket: Ticket }) {
  const say = useWords(ticketWords)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const { dayTime, duration } = useFormats()
  const [note, setNote] = useState('')
  const changing = useTicketChange(ticket.id, [note])
  const { id, number, title, unitId, clusterId, clusterState, state, severity, assignee, openedAt, repairMs, waitedMs } = ticket
  const events = api.useQuery('get', '/v1/tickets/{id}/events', { params: { path: { id } } })
  const mayMaintain = rights.at('maintain', unitId)
  return (
    <Page title={`${say('number', { number })}: ${title}`} help={<p>{say('help')}</p>} actions={<ButtonLink href="/clusters/tickets" look="plain"><ArrowLeft size={18} aria-hidden />{say('toTickets')}</ButtonLink>}>
      <section className="card stack">
        <div className="row"><TicketBadge state={state} /><Badge tone={severity === 'critical' ? 'warn' : 'off'}>{say(severity)}</Badge><span>{units.name(unitId)}</span>{clusterId !== null && <Link href={`/clusters/${clusterId}`}>{say('toCluster')}</Link>}</div>
        <p className="quiet">{say('opened', { time: dayTime(openedAt) })} · {say('assignee')}: {assignee ?? sayCommon('none')}{repairMs === null ? '' : ` · ${say('repairTime', { time: duration(repairMs) })}`}{waitedMs > 0 ? ` · ${say('waited', { time: duration(waitedMs) })}` : ''}</p>
        {mayMaintain && <TicketSteps ticket={ticket} />}
        {mayMaintain && clusterId !== null && state !== 'done' && state !== 'cancelled' && <Switch isDisabled={changing.isBusy} isSelected={clusterState === 'repair'} onChange={(outOfUse) => { changing.change({ outOfUse }) }}>{say('outOfUse')}</Switch>}
        <Failure text={changing.failure} />
      </section>
      <div className="cluster-grid">
        <section className="card stack">
          <h2>{say('events')}</h2>
          <Loaded query={events}>{({ items }) => <ol className="timeline">{items.map(({ at, name, state: then, note: said }, index) => <li key={`${at} ${String(index)}`}><TicketBadge state={then} /> <span className="small quiet number">{dayTime(at)} · {name}</span>{said !== null && <p>{said}</p>}</li>)}</ol>}</Loaded>
          {mayMaintain && (
            <form className="stack tight" onSubmit={(event) => { event.preventDefault(); if (note.trim() !== '') changing.change({ note: note.trim() }, () => { setNote('') }) }}>
              <TextField label={say('note')} value={note} onChange={setNote} lines={2} /><div className="row end"><Button type="submit" isDisabled={changing.isBusy || note.trim() === ''}>{say('addNote')}</Button></div>
            </form>
          )}
        </section>
        <Costs key={JSON.stringify([ticket.parts, ticket.labourVnd])} ticket={ticket} mayMaintain={mayMaintain} />
      </div>
    </Page>
  )
}

function Costs({ ticket, mayMaintain }: { readonly ticket: Ticket; readonly mayMaintain: boolean }) {
  const say = useWords(ticketWords)
  const { number } = useFormats()
  const [parts, setParts] = useState<readonly Ticket['parts'][number][]>(ticket.parts)
  const [labour, setLabour] = useState(ticket.labourVnd)
  const saving = useTicketChange(ticket.id, [parts, labour])
  const set = (index: number, part: Partial<Ticket['parts'][number]>): void => { setParts(parts.map((one, at) => (at === index ? { ...one, ...part } : one))) }
  return (
    <section className="card stack">
      <div className="row"><h2 className="grow">{say('parts')}</h2><b className="number">{say('total', { amount: number(ticket.costVnd) })}</b></div>
      {!mayMaintain && <ul className="stack tight">{parts.map(({ name, quantity, costVnd }) => <li key={name}>{number(quantity)} × {name} {costVnd === null ? '' : `(${number(costVnd)} đ)`}</li>)}</ul>}
      {mayMaintain && (
        <>
          {parts.map(({ name, quantity, costVnd }, index) => (
            <div key={index} className="row"><div className="grow"><TextField label={say('part')} value={name} onChange={(value) => { set(index, { name: value }) }} /></div>
              <NumberField label={say('quantity')} value={quantity} minValue={1} onChange={(value) => { set(index, { quantity: value ?? 1 }) }} /><NumberField label={say('cost')} value={costVnd} minValue={0} onChange={(value) => { set(index, { costVnd: value }) }} />
              <Button icon look="plain" aria-label={say('removePart', { name })} onPress={() => { setParts(parts.filter((_, at) => at !== index)) }}><Trash2 size={18} aria-hidden /></Button></div>
          ))}
          <Button onPress={() => { setParts([...parts, { name: '', quantity: 1, costVnd: null }]) }}>{say('addPart')}</Button>
          <NumberField label={say('labour')} value={labour} minValue={0} onChange={setLabour} />
          <Failure text={saving.failure} />
          <div className="row end"><Button look="primary" isDisabled={saving.isBusy} onPress={() => { saving.change({ parts: parts.filter(({ name }) => name.trim() !== '').map((part) => ({ ...part, name: part.name.trim() })), labourVnd: labour }) }}>{say('saveCosts')}</Button></div>
        </>
      )}
    </section>
  )
}
