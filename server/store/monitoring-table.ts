import type { DayRecord, LoggedRow, MonitoredCluster, MonitoringStore, StateRow } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface ClusterRow {
  readonly number: number
  readonly cluster_id: string
  readonly was_seen: number
  readonly left_at_ms: number | null
}

interface LogRow {
  readonly seq: number
  readonly at_ms: number
  readonly bucket: number
  readonly clusters: Uint8Array
}

interface DayRow {
  readonly day: string
  readonly from_ms: number
  readonly until_ms: number
  readonly totals: Uint8Array
}

const toCluster = (row: ClusterRow): MonitoredCluster => ({ number: row.number, clusterId: row.cluster_id, wasSeen: row.was_seen === 1, leftAtMs: row.left_at_ms })

const toRow = ({ at_ms: atMs, bucket, clusters }: Omit<LogRow, 'seq'>): StateRow => ({ atMs, bucket, clusters })

const toDay = (row: DayRow): DayRecord => ({ day: row.day, fromMs: row.from_ms, untilMs: row.until_ms, totals: row.totals })

export class MonitoringTable implements MonitoringStore {
  readonly #db: Database
  readonly #clusters: Statement<ClusterRow>
  readonly #number: Statement
  readonly #last: Statement<{ readonly number: number }>
  readonly #newer: Statement<ClusterRow>
  readonly #seen: Statement
  readonly #knownUntil: Statement<{ readonly until_ms: number }>
  readonly #setKnownUntil: Statement
  readonly #append: Statement
  readonly #rows: Statement<Omit<LogRow, 'seq'>>
  readonly #rowsAfter: Statement<LogRow>
  readonly #closeDay: Statement
  readonly #days: Statement<DayRow>
  readonly #firstDay: Statement<{ readonly day: string | null }>
  readonly #removeRows: Statement
  readonly #removeDays: Statement

  constructor(db: Database) {
    this.#db = db
    this.#clusters = db.prepare('SELECT * FROM monitored_clusters ORDER BY number')
    this.#number = db.prepare('INSERT INTO monitored_clusters (cluster_id, was_seen) SELECT value, 0 FROM json_each($clusterIds) WHERE value NOT IN (SELECT cluster_id FROM monitored_clusters)')
    this.#last = db.prepare('SELECT coalesce(max(number), 0) AS number FROM monitored_clusters')
    this.#newer = db.prepare('SELECT * FROM monitored_clusters WHERE number > $number ORDER BY number')
    this.#seen = db.prepare('UPDATE monitored_clusters SET was_seen = 1, left_at_ms = $leftAtMs WHERE cluster_id = $clusterId')
    this.#knownUntil = db.prepare('SELECT until_ms FROM state_log_known')
    this.#setKnownUntil = db.prepare('INSERT INTO state_log_known (id, until_ms) VALUES (1, $untilMs) ON CONFLICT (id) DO UPDATE SET until_ms = $untilMs')
    this.#append = db.prepare('INSERT INTO state_log (at_ms, bucket, clusters) VALUES ($atMs, $bucket, $clusters)')
    this.#rows = db.prepare('SELECT at_ms, bucket, clusters FROM state_log WHERE at_ms >= $fromMs AND at_ms < $untilMs ORDER BY at_ms, seq')
    this.#rowsAfter = db.prepare('SELECT seq, at_ms, bucket, clusters FROM state_log WHERE (at_ms, seq) > ($atMs, $seq) AND at_ms < $untilMs ORDER BY at_ms, seq LIMIT $limit')
    this.#closeDay = db.prepare('INSERT INTO availability_days (day, from_ms, until_ms, totals) VALUES ($day, $fromMs, $untilMs, $totals) ON CONFLICT (day) DO UPDATE SET from_ms = $fromMs, until_ms = $untilMs, totals = $totals')
    this.#days = db.prepare('SELECT * FROM availability_days WHERE day >= $from AND day <= $to ORDER BY day')
    this.#firstDay = db.prepare('SELECT min(day) AS day FROM availability_days')
    this.#removeRows = db.prepare('DELETE FROM state_log WHERE seq IN (SELECT seq FROM state_log WHERE at_ms < $atMs ORDER BY at_ms, seq LIMIT $limit)')
    this.#removeDays = db.prepare('DELETE FROM availability_days WHERE day < $day')
  }

  clusters(): readonly MonitoredCluster[] {
    return this.#clusters.all().map(toCluster)
  }

  number(clusterIds: readonly string[]): readonly MonitoredCluster[] {
    if (clusterIds.length === 0) return []
    return this.#db.transaction(() => {
      const { number } = this.#last.get()!
      this.#number.run({ clusterIds: JSON.stringify(clusterIds) })
      return this.#newer.all({ number }).map(toCluster)
    })
  }

  seen(clusters: readonly { readonly clusterId: string; readonly leftAtMs: number | null }[]): void {
    if (clusters.length === 0) return
    this.#db.transaction(() => {
      for (const { clusterId, leftAtMs } of clusters) this.#seen.run({ clusterId, leftAtMs })
    })
  }

  knownUntilMs(): number | null {
    return this.#knownUntil.get()?.until_ms ?? null
  }

  append(rows: readonly StateRow[], knownUntilMs: number): void {
    this.#db.transaction(() => {
      for (const { atMs, bucket, clusters } of rows) this.#append.run({ atMs, bucket, clusters })
      this.#setKnownUntil.run({ untilMs: knownUntilMs })
    })
  }

  rows(fromMs: number, untilMs: number): readonly StateRow[] {
    return this.#rows.all({ fromMs, untilMs }).map(toRow)
  }

  rowsAfter({ atMs, seq }: Pick<LoggedRow, 'atMs' | 'seq'>, untilMs: number, limit: number): readonly LoggedRow[] {
    return this.#rowsAfter.all({ atMs, seq, untilMs, limit }).map((row) => ({ seq: row.seq, ...toRow(row) }))
  }

  closeDay({ day, fromMs, untilMs, totals }: DayRecord): void {
    this.#closeDay.run({ day, fromMs, untilMs, totals })
  }

  days(from: string, to: string): readonly DayRecord[] {
    return this.#days.all({ from, to }).map(toDay)
  }

  firstDay(): string | null {
    return this.#firstDay.get()?.day ?? null
  }

  removeRowsBefore(atMs: number, limit: number): number {
    return this.#removeRows.run({ atMs, limit })
  }

  removeDaysBefore(day: string): number {
    return this.#removeDays.run({ day })
  }
}
