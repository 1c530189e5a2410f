import type { Page, PageQuery, PlayLogRecord, PlayLogStore } from '../../control/ports.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface PlayLogRow {
  readonly seq: number
  readonly cluster_id: string
  readonly device_id: string | null
  readonly log_id: string
  readonly number: number
  readonly order_id: string | null
  readonly playing: PlayLogRecord['playing']
  readonly audible: number
  readonly verified: number
  readonly heard: number | null
  readonly from_samples: number
  readonly until_samples: number
  readonly missing_samples: number
  readonly heard_at_ms: number
  readonly ended: PlayLogRecord['end']
  readonly received_at_ms: number
}

const toRecord = (row: PlayLogRow): PlayLogRecord => ({
  clusterId: row.cluster_id,
  deviceId: row.device_id,
  logId: row.log_id,
  number: row.number,
  orderId: row.order_id,
  playing: row.playing,
  audible: row.audible === 1,
  verified: row.verified === 1,
  heard: row.heard === null ? null : row.heard === 1,
  fromSamples: row.from_samples,
  untilSamples: row.until_samples,
  missingSamples: row.missing_samples,
  heardAtMs: row.heard_at_ms,
  end: row.ended,
  receivedAtMs: row.received_at_ms,
})

/** What devices say has sounded. It outlives the clusters it is of. */
export class PlayLogTable implements PlayLogStore {
  readonly #db: Database
  readonly #insert: Statement
  readonly #list: Statement<PlayLogRow>
  readonly #ofOrder: Statement<PlayLogRow>
  readonly #soundedOf: Statement<{ readonly cluster_id: string; readonly samples: number }>

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare(`
      INSERT INTO air_log_device (cluster_id, device_id, log_id, number, order_id, playing, audible, verified, heard, from_samples, until_samples, missing_samples, heard_at_ms, ended, received_at_ms)
      VALUES ($clusterId, $deviceId, $logId, $number, $orderId, $playing, $audible, $verified, $heard, $fromSamples, $untilSamples, $missingSamples, $heardAtMs, $end, $receivedAtMs)
      ON CONFLICT (cluster_id, log_id, number) DO NOTHING`)
    this.#ofOrder = db.prepare('SELECT * FROM air_log_device WHERE order_id = $orderId AND seq > $after ORDER BY seq LIMIT $rows')
    this.#soundedOf = db.prepare(`
      SELECT cluster_id, SUM(until_samples - from_samples - missing_samples) AS samples FROM air_log_device
      WHERE order_id = $orderId AND audible = 1 AND playing IN ('live', 'cached') GROUP BY cluster_id`)
    this.#list = db.prepare(`
      SELECT * FROM air_log_device
      WHERE cluster_id = $clusterId AND seq < $before AND ($orderId IS NULL OR order_id = $orderId)
      ORDER BY seq DESC LIMIT $rows`)
  }

  take(entries: readonly PlayLogRecord[]): readonly PlayLogRecord[] {
    return this.#db.transaction(() => entries.filter((entry) => this.#insert.run({ ...entry, audible: Number(entry.audible), verified: Number(entry.verified), heard: entry.heard === null ? null : Number(entry.heard) }) > 0))
  }

  ofOrder(orderId: string, page: PageQuery): Page<PlayLogRecord> {
    return cutPage(this.#ofOrder.all({ orderId, after: page.after ?? 0, rows: page.limit + 1 }), page, toRecord)
  }

  soundedOf(orderId: string): ReadonlyMap<string, number> {
    return new Map(this.#soundedOf.all({ orderId }).map(({ cluster_id, samples }) => [cluster_id, samples]))
  }

  list(page: PageQuery, filter: { readonly clusterId: string; readonly orderId?: string }): Page<PlayLogRecord> {
    return cutPage(this.#list.all({ before: page.after ?? Number.MAX_SAFE_INTEGER, rows: page.limit + 1, clusterId: filter.clusterId, orderId: filter.orderId ?? null }), page, toRecord)
  }
}
