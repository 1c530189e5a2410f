import type { Page, PageQuery, TicketEvent, TicketFilter, TicketRecord, TicketStore } from '../../control/ports.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface TicketRow {
  readonly seq: number
  readonly id: string
  readonly title: string
  readonly unit_id: string
  readonly cluster_id: string | null
  readonly alarm_id: string | null
  readonly severity: TicketRecord['severity']
  readonly state: TicketRecord['state']
  readonly assignee: string | null
  readonly parts: string
  readonly labour_vnd: number | null
  readonly opened_at_ms: number
  readonly opened_by: string | null
  readonly responded_at_ms: number | null
  readonly on_site_at_ms: number | null
  readonly closed_at_ms: number | null
  readonly waited_ms: number
  readonly waiting_since_ms: number | null
  readonly cluster_state_before: TicketRecord['clusterStateBefore']
}

interface EventRow {
  readonly at_ms: number
  readonly given_by: string | null
  readonly name: string
  readonly state: TicketRecord['state']
  readonly note: string | null
}

const toTicket = (row: TicketRow): TicketRecord => ({
  id: row.id,
  number: row.seq,
  title: row.title,
  unitId: row.unit_id,
  clusterId: row.cluster_id,
  alarmId: row.alarm_id,
  severity: row.severity,
  state: row.state,
  assignee: row.assignee,
  parts: JSON.parse(row.parts) as TicketRecord['parts'],
  labourVnd: row.labour_vnd,
  openedAtMs: row.opened_at_ms,
  openedBy: row.opened_by,
  respondedAtMs: row.responded_at_ms,
  onSiteAtMs: row.on_site_at_ms,
  closedAtMs: row.closed_at_ms,
  waitedMs: row.waited_ms,
  waitingSinceMs: row.waiting_since_ms,
  clusterStateBefore: row.cluster_state_before,
})

/** Tickets are never removed; the number of one is its place in the table. */
export class TicketTable implements TicketStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #get: Statement<TicketRow>
  readonly #list: Statement<TicketRow>
  readonly #atWork: Statement
  readonly #addEvent: Statement
  readonly #events: Statement<EventRow>
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare(`INSERT INTO tickets (id, title, unit_id, cluster_id, alarm_id, severity, state, assignee, parts, labour_vnd, opened_at_ms, opened_by, responded_at_ms, on_site_at_ms, closed_at_ms, waited_ms, waiting_since_ms, cluster_state_before)
      VALUES ($id, $title, $unitId, $clusterId, $alarmId, $severity, $state, $assignee, $parts, $labourVnd, $openedAtMs, $openedBy, $respondedAtMs, $onSiteAtMs, $closedAtMs, $waitedMs, $waitingSinceMs, $clusterStateBefore)`)
    this.#replace = db.prepare(`UPDATE tickets SET title = $title, severity = $severity, state = $state, assignee = $assignee, parts = $parts, labour_vnd = $labourVnd, responded_at_ms = $respondedAtMs, on_site_at_ms = $onSiteAtMs,
      closed_at_ms = $closedAtMs, waited_ms = $waitedMs, waiting_since_ms = $waitingSinceMs, cluster_state_before = $clusterStateBefore WHERE id = $id`)
    this.#get = db.prepare('SELECT * FROM tickets WHERE id = $id')
    this.#list = db.prepare(`SELECT * FROM tickets WHERE ($before IS NULL OR seq < $before) AND ${lieWithin('unit_id')}
      AND ($unitId IS NULL OR unit_id IN (WITH RECURSIVE of_unit (id) AS (SELECT $unitId UNION SELECT u.id FROM units u JOIN of_unit ON u.parent_id = of_unit.id) SELECT id FROM of_unit))
      AND ($clusterId IS NULL OR cluster_id = $clusterId) AND ($alarmId IS NULL OR alarm_id = $alarmId) AND ($assignee IS NULL OR assignee = $assignee)
      AND ($state IS NULL OR state = $state OR ($state = 'unfinished' AND state NOT IN ('done', 'cancelled')))
      AND ($fromMs IS NULL OR opened_at_ms >= $fromMs) AND ($toMs IS NULL OR opened_at_ms < $toMs) ORDER BY seq DESC LIMIT $rows`)
    this.#atWork = db.prepare("SELECT 1 FROM tickets WHERE cluster_id IS $clusterId AND unit_id = $unitId AND state NOT IN ('done', 'cancelled') LIMIT 1")
    this.#addEvent = db.prepare('INSERT INTO ticket_events (ticket_id, at_ms, given_by, name, state, note) VALUES ($id, $atMs, $by, $name, $state, $note)')
    this.#events = db.prepare('SELECT * FROM ticket_events WHERE ticket_id = $id ORDER BY seq')
  }

  insert({ parts, ...ticket }: Omit<TicketRecord, 'number'>, event: TicketEvent): TicketRecord {
    return this.#db.transaction(() => {
      this.#insert.run({ ...ticket, parts: JSON.stringify(parts) })
      this.#addEvent.run({ id: ticket.id, ...event })
      return this.get(ticket.id)!
    })
  }

  replace(ticket: TicketRecord, event: TicketEvent): TicketRecord {
    const { id, title, severity, state, assignee, parts, labourVnd, respondedAtMs, onSiteAtMs, closedAtMs, waitedMs, waitingSinceMs, clusterStateBefore } = ticket
    return this.#db.transaction(() => {
      this.#replace.run({ id, title, severity, state, assignee, parts: JSON.stringify(parts), labourVnd, respondedAtMs, onSiteAtMs, closedAtMs, waitedMs, waitingSinceMs, clusterStateBefore })
      this.#addEvent.run({ id, ...event })
      return this.get(id)!
    })
  }

  get(id: string): TicketRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toTicket(row)
  }

  events(id: string): readonly TicketEvent[] {
    return this.#events.all({ id }).map(({ at_ms, given_by, name, state, note }) => ({ atMs: at_ms, by: given_by, name, state, note }))
  }

  isAtWork(unitId: string, clusterId: string | null): boolean {
    return this.#atWork.get({ unitId, clusterId }) !== undefined
  }

  list(page: PageQuery, filter: TicketFilter): Page<TicketRecord> {
    const { within, unitId = null, clusterId = null, alarmId = null, state = null, assignee = null, fromMs = null, toMs = null } = filter
    return cutPage(this.#list.all({ before: page.after, rows: page.limit + 1, within: within == null ? null : JSON.stringify(within), unitId, clusterId, alarmId, state, assignee, fromMs, toMs }), page, toTicket)
  }
}
