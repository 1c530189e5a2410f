import { newId } from '../ids.ts'
import { ApiError } from '../problem.ts'
import type { Store } from '../store-port.ts'
import type { AlarmRecord } from './alarm-port.ts'
import { RULES } from './alarm-rules.ts'
import type { TicketEvent, TicketRecord, TicketState } from './ticket-port.ts'

/** What may follow on what. What is done may turn out not to be. */
export const TICKET_STEPS: Readonly<Record<TicketState, readonly TicketState[]>> = {
  open: ['assigned', 'on-site', 'waiting-part', 'done', 'cancelled'],
  assigned: ['open', 'on-site', 'waiting-part', 'done', 'cancelled'],
  'on-site': ['open', 'assigned', 'waiting-part', 'done', 'cancelled'],
  'waiting-part': ['open', 'assigned', 'on-site', 'done', 'cancelled'],
  done: ['open', 'assigned', 'on-site'],
  cancelled: [],
}

export const isFinished = (state: TicketState): boolean => state === 'done' || state === 'cancelled'

/**
 * The ticket in another state, with the times that follow from it. Pure.
 * @throws ApiError LOA_ERR_TICKET_STATE
 */
export function moveTicket(ticket: TicketRecord, state: TicketState, nowMs: number): TicketRecord {
  if (state === ticket.state) return ticket
  if (!TICKET_STEPS[ticket.state].includes(state)) throw new ApiError('LOA_ERR_TICKET_STATE', `a ticket that is '${ticket.state}' cannot become '${state}'`, `phiếu đang ở trạng thái '${ticket.state}' không chuyển sang '${state}' được`)
  const waited = ticket.waitingSinceMs === null ? 0 : Math.max(0, nowMs - ticket.waitingSinceMs)
  return {
    ...ticket,
    state,
    respondedAtMs: ticket.respondedAtMs ?? (state === 'open' || state === 'cancelled' ? null : nowMs),
    onSiteAtMs: ticket.onSiteAtMs ?? (state === 'on-site' ? nowMs : null),
    closedAtMs: isFinished(state) ? nowMs : null,
    waitedMs: ticket.waitedMs + waited,
    waitingSinceMs: state === 'waiting-part' ? nowMs : null,
  }
}

export type NewTicket = Pick<TicketRecord, 'title' | 'unitId' | 'clusterId' | 'alarmId' | 'severity' | 'assignee' | 'openedBy'>

/** To be called in a transaction. @param name of who opens it, for people */
export function openTicket(about: NewTicket, name: string, note: string | null, store: Store, nowMs: number): TicketRecord {
  const fresh: Omit<TicketRecord, 'number'> = { ...about, id: newId('w', nowMs), state: 'open', parts: [], labourVnd: null, openedAtMs: nowMs, respondedAtMs: null, onSiteAtMs: null, closedAtMs: null, waitedMs: 0, waitingSinceMs: null, clusterStateBefore: null }
  const opened = about.assignee === null ? fresh : { ...fresh, state: 'assigned' as const, respondedAtMs: nowMs }
  const event: TicketEvent = { atMs: nowMs, by: about.openedBy, name, state: opened.state, note }
  return store.tickets.insert(opened, event)
}

/** By a rule: not while somebody is at it already. */
export function openTicketFor(alarm: AlarmRecord, store: Store, nowMs: number): TicketRecord | null {
  const { subject, unitId } = alarm
  if (unitId === null || (subject.kind !== 'cluster' && subject.kind !== 'unit')) return null
  const clusterId = subject.kind === 'cluster' ? subject.id : null
  if (store.tickets.isAtWork(unitId, clusterId)) return null
  const { title, titleVi } = RULES[alarm.rule]
  return openTicket({ title: titleVi, unitId, clusterId, alarmId: alarm.id, severity: alarm.severity, assignee: null, openedBy: null }, title, alarm.detailVi, store, nowMs)
}
