import type { HouseSpan, KeptRecording, Page, PageQuery, RecordingFilter, RecordingHold, RecordingRecord, RecordingSpan, RecordingStore, RecordingUsage } from '../../control/ports.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface RecordingRow {
  readonly seq: number
  readonly record: string
  readonly hold: string | null
}

interface SpanRow {
  readonly room: string
  readonly order_id: string
  readonly unit_id: string
  readonly class: RecordingSpan['class']
  readonly title: string
  readonly from_samples: number
  readonly until_samples: number
  readonly is_open: number
}

const toRecording = ({ record, hold }: RecordingRow): KeptRecording => ({ ...(JSON.parse(record) as RecordingRecord), hold: hold === null ? null : JSON.parse(hold) as RecordingHold })

const toSpan = (row: SpanRow): RecordingSpan => ({
  room: row.room,
  orderId: row.order_id,
  unitId: row.unit_id,
  class: row.class,
  title: row.title,
  fromSamples: row.from_samples,
  untilSamples: row.until_samples,
  isOpen: row.is_open === 1,
})

/** A span of the room while which the recording ran. */
const HEARD = 's.room = r.room AND s.from_samples < r.until_samples AND s.until_samples > r.from_samples'
const OF_UNIT = '(s.unit_id IN (WITH RECURSIVE of_unit (id) AS (SELECT $unitId UNION SELECT u.id FROM units u JOIN of_unit ON u.parent_id = of_unit.id) SELECT id FROM of_unit))'
const USAGE = 'count(*) AS recordings, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(bytes) FILTER (WHERE hold IS NOT NULL), 0) AS held'

interface UsageRow {
  readonly recordings: number
  readonly bytes: number
  readonly held: number
}

/** Recordings, and when the clusters of which unit heard them for which order. */
export class RecordingTable implements RecordingStore {
  readonly #put: Statement
  readonly #get: Statement<RecordingRow>
  readonly #open: Statement<RecordingRow>
  readonly #hold: Statement
  readonly #remove: Statement
  readonly #list: Statement<RecordingRow>
  readonly #ofRoom: Statement<RecordingRow>
  readonly #removable: Statement<RecordingRow>
  readonly #oldest: Statement<RecordingRow>
  readonly #putSpan: Statement
  readonly #openSpans: Statement<SpanRow>
  readonly #spansOf: Statement<SpanRow>
  readonly #spansOfOrder: Statement<SpanRow>
  readonly #removeSpans: Statement
  readonly #usage: Statement<UsageRow>
  readonly #usageByUnit: Statement<UsageRow & { readonly unit_id: string }>
  readonly #keepDays: Statement<{ readonly unit_id: string; readonly keep_days: number }>
  readonly #putKeepDays: Statement
  readonly #removeKeepDays: Statement

  constructor(db: Database) {
    this.#put = db.prepare(`INSERT INTO recordings (id, room, source_id, order_id, class, from_samples, until_samples, from_ms, until_ms, bytes, is_open, record)
      VALUES ($id, $room, $sourceId, $orderId, $class, $fromSamples, $untilSamples, $fromMs, $untilMs, $bytes, $isOpen, $record)
      ON CONFLICT (id) DO UPDATE SET from_samples = $fromSamples, until_samples = $untilSamples, from_ms = $fromMs, until_ms = $untilMs, bytes = $bytes, is_open = $isOpen, record = $record`)
    this.#get = db.prepare('SELECT * FROM recordings WHERE id = $id')
    this.#open = db.prepare('SELECT * FROM recordings WHERE is_open = 1 ORDER BY seq')
    this.#hold = db.prepare('UPDATE recordings SET hold = $hold WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM recordings WHERE id = $id')
    this.#list = db.prepare(`SELECT * FROM recordings r WHERE ($before IS NULL OR seq < $before)
      AND ($sourceId IS NULL OR source_id = $sourceId) AND ($class IS NULL OR class = $class) AND ($fromMs IS NULL OR until_ms > $fromMs) AND ($toMs IS NULL OR from_ms < $toMs)
      AND (($within IS NULL AND $unitId IS NULL AND $orderId IS NULL) OR EXISTS (SELECT 1 FROM recording_spans s WHERE ${HEARD}
        AND ($orderId IS NULL OR s.order_id = $orderId) AND ($unitId IS NULL OR ${OF_UNIT}) AND ${lieWithin('s.unit_id')}))
      ORDER BY seq DESC LIMIT $rows`)
    this.#ofRoom = db.prepare('SELECT * FROM recordings WHERE room = $room AND from_samples < $untilSamples AND until_samples > $fromSamples ORDER BY from_samples, seq')
    this.#removable = db.prepare('SELECT * FROM recordings WHERE is_open = 0 AND hold IS NULL AND until_ms > $afterMs AND until_ms < $beforeMs ORDER BY until_ms LIMIT $most')
    this.#oldest = db.prepare("SELECT * FROM recordings WHERE is_open = 0 AND hold IS NULL ORDER BY class = 'emergency', until_ms LIMIT $most")
    this.#putSpan = db.prepare(`INSERT INTO recording_spans (room, order_id, unit_id, class, title, from_samples, until_samples, is_open)
      VALUES ($room, $orderId, $unitId, $class, $title, $fromSamples, $untilSamples, $isOpen)
      ON CONFLICT (room, order_id, unit_id, from_samples) DO UPDATE SET until_samples = $untilSamples, is_open = $isOpen`)
    this.#openSpans = db.prepare('SELECT * FROM recording_spans WHERE is_open = 1 ORDER BY seq')
    this.#spansOf = db.prepare('SELECT * FROM recording_spans WHERE room = $room AND from_samples < $untilSamples AND until_samples > $fromSamples ORDER BY from_samples, seq')
    this.#spansOfOrder = db.prepare('SELECT * FROM recording_spans WHERE order_id = $orderId ORDER BY from_samples, seq')
    this.#removeSpans = db.prepare(`DELETE FROM recording_spans AS s WHERE is_open = 0 AND until_samples <= $samples AND NOT EXISTS (SELECT 1 FROM recordings r WHERE ${HEARD})`)
    this.#usage = db.prepare(`SELECT ${USAGE} FROM recordings`)
    this.#usageByUnit = db.prepare(`SELECT unit_id, ${USAGE} FROM (SELECT DISTINCT s.unit_id, r.seq, r.bytes, r.hold FROM recordings r JOIN recording_spans s ON ${HEARD}) GROUP BY unit_id ORDER BY unit_id`)
    this.#keepDays = db.prepare('SELECT * FROM recording_rules')
    this.#putKeepDays = db.prepare('INSERT INTO recording_rules (unit_id, keep_days) VALUES ($unitId, $days) ON CONFLICT (unit_id) DO UPDATE SET keep_days = $days')
    this.#removeKeepDays = db.prepare('DELETE FROM recording_rules WHERE unit_id = $unitId')
  }

  put(recording: RecordingRecord): void {
    const { id, room, sourceId, orderId, class: itsClass, fromSamples, untilSamples, fromMs, untilMs, bytes, isOpen } = recording
    this.#put.run({ id, room, sourceId, orderId, class: itsClass, fromSamples, untilSamples, fromMs, untilMs, bytes, isOpen: isOpen ? 1 : 0, record: JSON.stringify(recording) })
  }

  get(id: string): KeptRecording | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toRecording(row)
  }

  open(): readonly KeptRecording[] {
    return this.#open.all().map(toRecording)
  }

  hold(id: string, hold: RecordingHold | null): void {
    this.#hold.run({ id, hold: hold === null ? null : JSON.stringify(hold) })
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  list(page: PageQuery, filter: RecordingFilter): Page<KeptRecording> {
    const { within = null, unitId = null, orderId = null, sourceId = null, class: itsClass = null, fromMs = null, toMs = null } = filter
    return cutPage(this.#list.all({ within: within === null ? null : JSON.stringify(within), unitId, orderId, sourceId, class: itsClass, fromMs, toMs, before: page.after, rows: page.limit + 1 }), page, toRecording)
  }

  ofRoom(room: string, { fromSamples, untilSamples }: HouseSpan): readonly KeptRecording[] {
    return this.#ofRoom.all({ room, fromSamples, untilSamples }).map(toRecording)
  }

  removable(afterMs: number, beforeMs: number, most: number): readonly KeptRecording[] {
    return this.#removable.all({ afterMs, beforeMs, most }).map(toRecording)
  }

  oldest(most: number): readonly KeptRecording[] {
    return this.#oldest.all({ most }).map(toRecording)
  }

  putSpan({ room, orderId, unitId, class: itsClass, title, fromSamples, untilSamples, isOpen }: RecordingSpan): void {
    this.#putSpan.run({ room, orderId, unitId, class: itsClass, title, fromSamples, untilSamples, isOpen: isOpen ? 1 : 0 })
  }

  openSpans(): readonly RecordingSpan[] {
    return this.#openSpans.all().map(toSpan)
  }

  spansOf(room: string, { fromSamples, untilSamples }: HouseSpan): readonly RecordingSpan[] {
    return this.#spansOf.all({ room, fromSamples, untilSamples }).map(toSpan)
  }

  spansOfOrder(orderId: string): readonly RecordingSpan[] {
    return this.#spansOfOrder.all({ orderId }).map(toSpan)
  }

  removeSpansUntil(samples: number): number {
    return this.#removeSpans.run({ samples })
  }

  usage(): RecordingUsage {
    const { recordings, bytes, held } = this.#usage.get()!
    return { recordings, bytes, heldBytes: held }
  }

  usageByUnit(): readonly (RecordingUsage & { readonly unitId: string })[] {
    return this.#usageByUnit.all().map(({ unit_id, recordings, bytes, held }) => ({ unitId: unit_id, recordings, bytes, heldBytes: held }))
  }

  keepDays(): ReadonlyMap<string, number> {
    return new Map(this.#keepDays.all().map(({ unit_id, keep_days }) => [unit_id, keep_days]))
  }

  putKeepDays(unitId: string, days: number | null): void {
    if (days === null) this.#removeKeepDays.run({ unitId })
    else this.#putKeepDays.run({ unitId, days })
  }
}
