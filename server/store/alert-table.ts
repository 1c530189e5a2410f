import type { AlertFilter, AlertNeeds, AlertRecord, AlertStore, Page, PageQuery } from '../../control/ports.ts'
import { overAtMs } from '../../control/alerts/alert-state.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface AlertRow {
  readonly seq: number
  readonly record: string
}

const toAlert = ({ record }: AlertRow): AlertRecord => JSON.parse(record) as AlertRecord

const toParameters = (alert: AlertRecord) => ({ id: alert.id, kind: alert.kind, hazard: alert.hazard, overAtMs: overAtMs(alert), record: JSON.stringify(alert) })

/** Alerts as JSON; beside it what they are looked for by. Which clusters one meant and which have heard it are lists of thousands, and stand apart. */
export class AlertTable implements AlertStore {
  readonly #insert: Statement
  readonly #insertClusters: Statement
  readonly #replace: Statement
  readonly #get: Statement<AlertRow>
  readonly #list: Statement<AlertRow>
  readonly #open: Statement<AlertRow>
  readonly #clusters: Statement<{ readonly meant: string; readonly reached: string }>
  readonly #noteReached: Statement
  readonly #usersOf: Statement<{ readonly id: string }>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO alerts (id, kind, hazard, over_at_ms, record) VALUES ($id, $kind, $hazard, $overAtMs, $record)')
    this.#insertClusters = db.prepare("INSERT INTO alert_clusters (alert_id, meant, reached) VALUES ($id, $clusterIds, '[]')")
    this.#replace = db.prepare('UPDATE alerts SET kind = $kind, hazard = $hazard, over_at_ms = $overAtMs, record = $record WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM alerts WHERE id = $id')
    this.#list = db.prepare(`
      SELECT * FROM alerts
      WHERE ($before IS NULL OR seq < $before) AND ($kind IS NULL OR kind = $kind) AND ($hazard IS NULL OR hazard = $hazard) AND ($over IS NULL OR (over_at_ms <= $nowMs) = $over)
        AND ($isConfirmed IS NULL OR is_confirmed = $isConfirmed) AND ($fromMs IS NULL OR prepared_at_ms >= $fromMs) AND ($toMs IS NULL OR prepared_at_ms < $toMs)
      ORDER BY seq DESC LIMIT $rows`)
    this.#open = db.prepare('SELECT * FROM alerts WHERE over_at_ms > $nowMs ORDER BY seq')
    this.#clusters = db.prepare('SELECT meant, reached FROM alert_clusters WHERE alert_id = $id')
    this.#noteReached = db.prepare('UPDATE alert_clusters SET reached = $clusterIds WHERE alert_id = $id')
    this.#usersOf = db.prepare(`
      SELECT id FROM alerts
      WHERE over_at_ms > $nowMs AND (record ->> 'sourceId' = $sourceId OR record ->> 'issuerUnitId' = $unitId OR record ->> 'frameClipId' = $clipId OR record ->> 'cancelClipId' = $clipId
        OR EXISTS (SELECT 1 FROM json_each(record, '$.parts') WHERE value ->> 'clipId' = $clipId)
        OR EXISTS (SELECT 1 FROM json_each(record, '$.targets.units') WHERE value = $unitId)
        OR EXISTS (SELECT 1 FROM json_each(record, '$.targets.groups') WHERE value = $groupId))
      UNION ALL SELECT id FROM alert_templates WHERE EXISTS (SELECT 1 FROM json_each(record, '$.recordings') WHERE value ->> 'clipId' = $clipId)`)
  }

  insert(alert: AlertRecord, clusterIds: readonly string[]): AlertRecord {
    this.#insert.run(toParameters(alert))
    this.#insertClusters.run({ id: alert.id, clusterIds: JSON.stringify(clusterIds) })
    return alert
  }

  replace(alert: AlertRecord): AlertRecord {
    this.#replace.run(toParameters(alert))
    return alert
  }

  get(id: string): AlertRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toAlert(row)
  }

  list(page: PageQuery, { kind, hazard, over, isConfirmed, fromMs, toMs }: AlertFilter, nowMs: number): Page<AlertRecord> {
    const flag = (is: boolean | undefined): number | null => (is === undefined ? null : Number(is))
    return cutPage(this.#list.all({ before: page.after, rows: page.limit + 1, kind: kind ?? null, hazard: hazard ?? null, over: flag(over), isConfirmed: flag(isConfirmed), fromMs: fromMs ?? null, toMs: toMs ?? null, nowMs }), page, toAlert)
  }

  open(nowMs: number): readonly AlertRecord[] {
    return this.#open.all({ nowMs }).map(toAlert)
  }

  clustersOf(id: string): readonly string[] {
    return JSON.parse(this.#clusters.get({ id })?.meant ?? '[]') as string[]
  }

  reached(id: string): readonly string[] {
    return JSON.parse(this.#clusters.get({ id })?.reached ?? '[]') as string[]
  }

  noteReached(id: string, clusterIds: readonly string[]): void {
    this.#noteReached.run({ id, clusterIds: JSON.stringify([...new Set([...this.reached(id), ...clusterIds])]) })
  }

  usersOf(what: AlertNeeds, nowMs: number): readonly string[] {
    return this.#usersOf.all({ sourceId: null, clipId: null, unitId: null, groupId: null, ...what, nowMs }).map(({ id }) => id)
  }
}
