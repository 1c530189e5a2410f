import type { ChannelRecord, NotificationFilter, NotificationRecord, NotificationStore, Page, PageQuery, Within } from '../../control/ports.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface ChannelRow {
  readonly seq: number
  readonly id: string
  readonly name: string
  readonly unit_id: string | null
  readonly target: string
  readonly min_severity: ChannelRecord['minSeverity']
  readonly rules: string | null
  readonly level: number
  readonly enabled: number
  readonly created_at_ms: number
}

interface NotificationRow {
  readonly seq: number
  readonly id: string
  readonly channel_id: string
  readonly alarm_id: string | null
  readonly kind: NotificationRecord['kind']
  readonly payload: string
  readonly created_at_ms: number
  readonly state: NotificationRecord['state']
  readonly attempts: number
  readonly next_at_ms: number
  readonly last_error: string | null
  readonly done_at_ms: number | null
}

const toChannel = (row: ChannelRow): ChannelRecord => ({
  id: row.id,
  name: row.name,
  unitId: row.unit_id,
  target: JSON.parse(row.target) as ChannelRecord['target'],
  minSeverity: row.min_severity,
  rules: row.rules === null ? null : JSON.parse(row.rules) as ChannelRecord['rules'],
  level: row.level,
  enabled: row.enabled !== 0,
  createdAtMs: row.created_at_ms,
})

const toNotification = (row: NotificationRow): NotificationRecord => ({
  id: row.id,
  channelId: row.channel_id,
  alarmId: row.alarm_id,
  kind: row.kind,
  payload: row.payload,
  createdAtMs: row.created_at_ms,
  state: row.state,
  attempts: row.attempts,
  nextAtMs: row.next_at_ms,
  lastError: row.last_error,
  doneAtMs: row.done_at_ms,
})

const channelValues = ({ id, name, unitId, target, minSeverity, rules, level, enabled }: ChannelRecord) =>
  ({ id, name, unitId, target: JSON.stringify(target), minSeverity, rules: rules === null ? null : JSON.stringify(rules), level, enabled: enabled ? 1 : 0 })

const asJson = (within: Within | undefined): string | null => (within == null ? null : JSON.stringify(within))

/** Channels, and what is to be sent there. */
export class NotificationTable implements NotificationStore {
  readonly #insertChannel: Statement
  readonly #replaceChannel: Statement
  readonly #removeChannel: Statement
  readonly #channel: Statement<ChannelRow>
  readonly #channels: Statement<ChannelRow>
  readonly #listChannels: Statement<ChannelRow>
  readonly #enqueue: Statement
  readonly #settle: Statement
  readonly #get: Statement<NotificationRow>
  readonly #waits: Statement<{ readonly untilMs: number | null }>
  readonly #holdBack: Statement
  readonly #due: Statement<NotificationRow>
  readonly #queues: Statement<{ readonly channelId: string; readonly pending: number; readonly oldestMs: number; readonly nextAtMs: number; readonly lastError: string | null }>
  readonly #list: Statement<NotificationRow>
  readonly #trim: Statement

  constructor(db: Database) {
    this.#insertChannel = db.prepare('INSERT INTO notification_channels (id, name, unit_id, target, min_severity, rules, level, enabled, created_at_ms) VALUES ($id, $name, $unitId, $target, $minSeverity, $rules, $level, $enabled, $createdAtMs)')
    this.#replaceChannel = db.prepare('UPDATE notification_channels SET name = $name, unit_id = $unitId, target = $target, min_severity = $minSeverity, rules = $rules, level = $level, enabled = $enabled WHERE id = $id')
    this.#removeChannel = db.prepare('DELETE FROM notification_channels WHERE id = $id')
    this.#channel = db.prepare('SELECT * FROM notification_channels WHERE id = $id')
    this.#channels = db.prepare('SELECT * FROM notification_channels ORDER BY seq')
    this.#listChannels = db.prepare(`SELECT * FROM notification_channels WHERE seq > $after AND ${lieWithin('unit_id')} ORDER BY seq LIMIT $rows`)
    this.#enqueue = db.prepare(`INSERT INTO notifications (id, channel_id, alarm_id, kind, payload, created_at_ms, state, attempts, next_at_ms, last_error, done_at_ms)
      VALUES ($id, $channelId, $alarmId, $kind, $payload, $createdAtMs, $state, $attempts, $nextAtMs, $lastError, $doneAtMs)`)
    this.#settle = db.prepare('UPDATE notifications SET state = $state, attempts = $attempts, next_at_ms = $nextAtMs, last_error = $lastError, done_at_ms = $doneAtMs WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM notifications WHERE id = $id')
    this.#waits = db.prepare("SELECT max(next_at_ms) AS untilMs FROM notifications WHERE alarm_id = $alarmId AND channel_id = $channelId AND state = 'pending'")
    this.#holdBack = db.prepare("UPDATE notifications SET next_at_ms = $untilMs WHERE alarm_id = $alarmId AND channel_id = $channelId AND state = 'pending' AND next_at_ms < $untilMs")
    // The planner would walk through all that was delivered in 30 days.
    this.#due = db.prepare("SELECT * FROM notifications INDEXED BY notifications_pending WHERE channel_id = $channelId AND state = 'pending' AND next_at_ms <= $nowMs ORDER BY seq LIMIT $rows")
    // Counted in the index alone; only the oldest of each is read.
    this.#queues = db.prepare(`WITH queue AS (SELECT channel_id AS channelId, count(*) AS pending, min(next_at_ms) AS nextAtMs, min(seq) AS seq FROM notifications INDEXED BY notifications_pending WHERE state = 'pending' GROUP BY channel_id)
      SELECT channelId, pending, nextAtMs, oldest.created_at_ms AS oldestMs, oldest.last_error AS lastError FROM queue JOIN notifications oldest ON oldest.seq = queue.seq`)
    this.#list = db.prepare(`SELECT * FROM notifications WHERE ($before IS NULL OR seq < $before) AND ($channelId IS NULL OR channel_id = $channelId) AND ($alarmId IS NULL OR alarm_id = $alarmId) AND ($state IS NULL OR state = $state)
      AND channel_id IN (SELECT id FROM notification_channels WHERE ${lieWithin('unit_id')}) ORDER BY seq DESC LIMIT $rows`)
    this.#trim = db.prepare('DELETE FROM notifications WHERE done_at_ms < $ms')
  }

  insertChannel(channel: ChannelRecord): ChannelRecord {
    this.#insertChannel.run({ ...channelValues(channel), createdAtMs: channel.createdAtMs })
    return channel
  }

  replaceChannel(channel: ChannelRecord): ChannelRecord | undefined {
    return this.#replaceChannel.run(channelValues(channel)) === 0 ? undefined : this.channel(channel.id)
  }

  removeChannel(id: string): boolean {
    return this.#removeChannel.run({ id }) > 0
  }

  channel(id: string): ChannelRecord | undefined {
    const row = this.#channel.get({ id })
    return row === undefined ? undefined : toChannel(row)
  }

  channels(): readonly ChannelRecord[] {
    return this.#channels.all().map(toChannel)
  }

  listChannels(page: PageQuery, { within }: { readonly within?: Within }): Page<ChannelRecord> {
    return cutPage(this.#listChannels.all({ after: page.after ?? 0, rows: page.limit + 1, within: asJson(within) }), page, toChannel)
  }

  enqueue(notification: NotificationRecord): void {
    this.#enqueue.run({ ...notification })
  }

  settle({ id, state, attempts, nextAtMs, lastError, doneAtMs }: NotificationRecord): void {
    this.#settle.run({ id, state, attempts, nextAtMs, lastError, doneAtMs })
  }

  get(id: string): NotificationRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toNotification(row)
  }

  waitsUntil(channelId: string, alarmId: string): number | null {
    return this.#waits.get({ channelId, alarmId })?.untilMs ?? null
  }

  holdBack(channelId: string, alarmId: string, untilMs: number): void {
    this.#holdBack.run({ channelId, alarmId, untilMs })
  }

  due(channelId: string, nowMs: number, limit: number): readonly NotificationRecord[] {
    return this.#due.all({ channelId, nowMs, rows: limit }).map(toNotification)
  }

  queues(): ReturnType<NotificationStore['queues']> {
    return this.#queues.all().map((row) => ({ ...row }))
  }

  list(page: PageQuery, { within, channelId, alarmId, state }: NotificationFilter): Page<NotificationRecord> {
    return cutPage(this.#list.all({ before: page.after, rows: page.limit + 1, within: asJson(within), channelId: channelId ?? null, alarmId: alarmId ?? null, state: state ?? null }), page, toNotification)
  }

  removeDoneBefore(ms: number): number {
    return this.#trim.run({ ms })
  }
}
