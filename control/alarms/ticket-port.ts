import type { ClusterState } from '../records.ts'
import type { Page, PageQuery, Within } from '../store-port.ts'
import type { Severity } from './alarm-port.ts'

export const TICKET_STATES = ['open', 'assigned', 'on-site', 'waiting-part', 'done', 'cancelled'] as const
export type TicketState = (typeof TICKET_STATES)[number]

export interface TicketPart {
  readonly name: string
  readonly quantity: number
  /** Dong for all of them; null: nobody has said. */
  readonly costVnd: number | null
}

/** Something to be repaired, from when it was noticed until it works again. */
export interface TicketRecord {
  readonly id: string
  /** Counts up from 1; what people call it by. */
  readonly number: number
  readonly title: string
  /** Where the cluster stood when it was opened. */
  readonly unitId: string
  /** Null: it is about the unit as a whole. */
  readonly clusterId: string | null
  /** The alarm it was opened for. */
  readonly alarmId: string | null
  readonly severity: Severity
  readonly state: TicketState
  /** Whoever repairs it, as people call them. */
  readonly assignee: string | null
  readonly parts: readonly TicketPart[]
  readonly labourVnd: number | null
  readonly openedAtMs: number
  /** Id of the token or user; null: a rule. */
  readonly openedBy: string | null
  /** First time somebody was on it: it was assigned, or someone was on site. */
  readonly respondedAtMs: number | null
  readonly onSiteAtMs: number | null
  /** When it was done or cancelled; null again when it is taken up anew. */
  readonly closedAtMs: number | null
  /** Waited for parts so far, without the wait that goes on. */
  readonly waitedMs: number
  readonly waitingSinceMs: number | null
  /** What the cluster was before this ticket took it out of use; null: it did not. */
  readonly clusterStateBefore: ClusterState | null
}

/** Something that was done or said. */
export interface TicketEvent {
  readonly atMs: number
  readonly by: string | null
  readonly name: string
  readonly state: TicketState
  readonly note: string | null
}

export interface TicketFilter {
  readonly within?: Within
  readonly unitId?: string
  readonly clusterId?: string
  readonly alarmId?: string
  readonly state?: TicketState | 'unfinished'
  readonly assignee?: string
  readonly fromMs?: number
  readonly toMs?: number
}

export interface TicketStore {
  /** Gives the number. */
  insert(ticket: Omit<TicketRecord, 'number'>, event: TicketEvent): TicketRecord
  replace(ticket: TicketRecord, event: TicketEvent): TicketRecord
  get(id: string): TicketRecord | undefined
  /** Oldest first. */
  events(id: string): readonly TicketEvent[]
  /** Whether somebody is at the cluster; null: at the unit as a whole. */
  isAtWork(unitId: string, clusterId: string | null): boolean
  /** Newest first; `fromMs` and `toMs` bound when it was opened. */
  list(page: PageQuery, filter: TicketFilter): Page<TicketRecord>
}
