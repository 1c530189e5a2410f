import type { CapMessageFilter, CapMessageRecord, CapMessageStore, CapSignature, Page, PageQuery } from '../../control/ports.ts'
import type { CapReference } from '../../control/cap/cap-message.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface MessageRow {
  readonly seq: number
  readonly id: string
  readonly received_at_ms: number
  readonly via_kind: CapMessageRecord['via']['kind']
  readonly via_id: string
  readonly sender_id: string | null
  readonly unit_id: string | null
  readonly sender: string
  readonly identifier: string
  readonly sent: string
  readonly status: CapMessageRecord['status']
  readonly msg_type: CapMessageRecord['msgType']
  readonly scope: CapMessageRecord['scope']
  readonly refers_to: string
  readonly signature: CapSignature
  readonly outcome: CapMessageRecord['outcome']
  readonly reason: string
  readonly alert_id: string | null
  readonly repeats: number
  readonly xml: string
}

const toMessage = (row: MessageRow): CapMessageRecord => ({
  id: row.id,
  receivedAtMs: row.received_at_ms,
  via: { kind: row.via_kind, id: row.via_id },
  senderId: row.sender_id,
  unitId: row.unit_id,
  sender: row.sender,
  identifier: row.identifier,
  sent: row.sent,
  status: row.status,
  msgType: row.msg_type,
  scope: row.scope,
  references: JSON.parse(row.refers_to) as CapReference[],
  signature: row.signature,
  outcome: row.outcome,
  reason: row.reason,
  alertId: row.alert_id,
  repeats: row.repeats,
  xml: row.xml,
})

const SAME = 'sender = $sender AND identifier = $identifier AND sent = $sent'

/** What came of CAP messages; whom they refer to stands apart, to be found from there. */
export class CapMessageTable implements CapMessageStore {
  readonly #insert: Statement
  readonly #insertReference: Statement
  readonly #settle: Statement
  readonly #get: Statement<MessageRow>
  readonly #same: Statement<MessageRow>
  readonly #referringTo: Statement<MessageRow>
  readonly #list: Statement<MessageRow>
  readonly #count: Statement<{ readonly total: number; readonly aired: number }>
  readonly #working: Statement<MessageRow>
  readonly #trim: Statement

  constructor(db: Database) {
    this.#insert = db.prepare(`
      INSERT INTO cap_messages (id, received_at_ms, via_kind, via_id, sender_id, unit_id, sender, identifier, sent, status, msg_type, scope, refers_to, signature, outcome, reason, alert_id, repeats, xml)
      VALUES ($id, $receivedAtMs, $viaKind, $viaId, $senderId, $unitId, $sender, $identifier, $sent, $status, $msgType, $scope, $refersTo, $signature, $outcome, $reason, $alertId, $repeats, $xml)`)
    this.#insertReference = db.prepare('INSERT OR IGNORE INTO cap_references (message_id, sender, identifier, sent) VALUES ($id, $sender, $identifier, $sent)')
    this.#settle = db.prepare('UPDATE cap_messages SET received_at_ms = $receivedAtMs, via_kind = $viaKind, via_id = $viaId, sender_id = $senderId, unit_id = $unitId, outcome = $outcome, reason = $reason, alert_id = $alertId, repeats = $repeats WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM cap_messages WHERE id = $id')
    this.#same = db.prepare(`SELECT * FROM cap_messages WHERE ${SAME} ORDER BY seq`)
    this.#referringTo = db.prepare(`SELECT * FROM cap_messages WHERE id IN (SELECT message_id FROM cap_references WHERE ${SAME}) ORDER BY seq`)
    this.#list = db.prepare(`
      SELECT * FROM cap_messages
      WHERE ($before IS NULL OR seq < $before) AND ($outcome IS NULL OR outcome = $outcome) AND ($senderId IS NULL OR sender_id = $senderId) AND ${lieWithin('unit_id')}
      ORDER BY seq DESC LIMIT $rows`)
    this.#count = db.prepare("SELECT count(*) AS total, count(*) FILTER (WHERE outcome = 'on-air') AS aired FROM cap_messages WHERE sender_id = $senderId AND signature = $signature AND received_at_ms > $sinceMs")
    this.#working = db.prepare("SELECT * FROM cap_messages WHERE outcome = 'working' ORDER BY seq")
    this.#trim = db.prepare("DELETE FROM cap_messages WHERE outcome = 'refused' AND seq <= (SELECT seq FROM cap_messages WHERE outcome = 'refused' ORDER BY seq DESC LIMIT 1 OFFSET $most)")
  }

  insert(message: CapMessageRecord): CapMessageRecord {
    const { via, references, ...plain } = message
    this.#insert.run({ ...plain, viaKind: via.kind, viaId: via.id, refersTo: JSON.stringify(references) })
    for (const { sender, identifier, sent } of references) this.#insertReference.run({ id: message.id, sender, identifier, sent })
    return message
  }

  settle(id: string, change: Parameters<CapMessageStore['settle']>[1]): CapMessageRecord {
    const settled = { ...this.get(id)!, ...change }
    const { receivedAtMs, via, senderId, unitId, outcome, reason, alertId, repeats } = settled
    this.#settle.run({ id, receivedAtMs, viaKind: via.kind, viaId: via.id, senderId, unitId, outcome, reason, alertId, repeats })
    return settled
  }

  get(id: string): CapMessageRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toMessage(row)
  }

  same({ sender, identifier, sent }: CapReference): readonly CapMessageRecord[] {
    return this.#same.all({ sender, identifier, sent }).map(toMessage)
  }

  referringTo({ sender, identifier, sent }: CapReference): readonly CapMessageRecord[] {
    return this.#referringTo.all({ sender, identifier, sent }).map(toMessage)
  }

  list(page: PageQuery, { outcome, senderId, within }: CapMessageFilter): Page<CapMessageRecord> {
    return cutPage(this.#list.all({ before: page.after, rows: page.limit + 1, outcome: outcome ?? null, senderId: senderId ?? null, within: within == null ? null : JSON.stringify(within) }), page, toMessage)
  }

  countSince(senderId: string, signature: CapSignature, sinceMs: number): { readonly all: number; readonly aired: number } {
    const { total, aired } = this.#count.get({ senderId, signature, sinceMs })!
    return { all: total, aired }
  }

  working(): readonly CapMessageRecord[] {
    return this.#working.all().map(toMessage)
  }

  trimRefused(most: number): void {
    this.#trim.run({ most })
  }
}
