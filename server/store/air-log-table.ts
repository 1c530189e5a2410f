import type { FigureKey, AirFilter, AirLogStore, AirRecord, Figure, FigureCursor, FigureSpan, Logged, OpenRunRecord, Page, PageQuery } from '../../control/ports.ts'
import { ChainedLog } from './chained-log.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'
import { cutScan, LOG_PAGE_SCAN } from './log-page.ts'

interface AirRow {
  readonly seq: number
  readonly at_ms: number
  readonly order_id: string
  readonly class: AirRecord['class']
  readonly title: string
  readonly unit_id: string
  readonly issuer_unit_id: string
  readonly source_id: string | null
  readonly clip_ids: string | null
  readonly cluster_ids: string
  readonly planned_from_ms: number
  readonly planned_until_ms: number
  readonly from_ms: number
  readonly until_ms: number
  readonly planned_ms: number
  readonly air_ms: number
  readonly sent_ms: number
  readonly ended: AirRecord['end']
  readonly field: AirRecord['field']
  readonly sounded_ms: number | null
  readonly form: number
  readonly hash: Uint8Array
}

const toRecord = (row: AirRow): Logged<AirRecord> => ({
  seq: row.seq,
  atMs: row.at_ms,
  orderId: row.order_id,
  class: row.class,
  title: row.title,
  unitId: row.unit_id,
  issuerUnitId: row.issuer_unit_id,
  sourceId: row.source_id,
  clipIds: row.clip_ids === null ? null : (JSON.parse(row.clip_ids) as string[]),
  clusterIds: JSON.parse(row.cluster_ids) as string[],
  plannedFromMs: row.planned_from_ms,
  plannedUntilMs: row.planned_until_ms,
  fromMs: row.from_ms,
  untilMs: row.until_ms,
  plannedMs: row.planned_ms,
  airMs: row.air_ms,
  sentMs: row.sent_ms,
  end: row.ended,
  field: row.form < 2 ? null : row.field,
  soundedMs: row.form < 2 ? 0 : row.sounded_ms ?? 0,
  hash: Buffer.from(row.hash).toString('hex'),
})

const toRow = (entry: AirRecord) => ({
  at_ms: entry.atMs,
  order_id: entry.orderId,
  class: entry.class,
  title: entry.title,
  unit_id: entry.unitId,
  issuer_unit_id: entry.issuerUnitId,
  source_id: entry.sourceId,
  clip_ids: entry.clipIds === null ? null : JSON.stringify(entry.clipIds),
  cluster_ids: JSON.stringify(entry.clusterIds),
  planned_from_ms: entry.plannedFromMs,
  planned_until_ms: entry.plannedUntilMs,
  from_ms: entry.fromMs,
  until_ms: entry.untilMs,
  planned_ms: entry.plannedMs,
  air_ms: entry.airMs,
  sent_ms: entry.sentMs,
  ended: entry.end,
  field: entry.field,
  sounded_ms: entry.soundedMs,
})

/** Rows of one slice of figures: a few ms of work. */
const FIGURE_SLICE = 4000
/** Columns that the form of an entry does not hash are not believed. */
const SOUNDED = 'CASE WHEN form >= 2 THEN sounded_ms ELSE 0 END'
/** Viet Nam has had this offset since before the first entry. */
const VIETNAM_DAY = "date((from_ms + 25200000) / 1000, 'unixepoch')"
const KEYS = {
  unit: 'unit_id',
  source: "coalesce(source_id, 'clips')",
  field: "coalesce(CASE WHEN form >= 2 THEN field END, 'none')",
  class: 'class',
  day: VIETNAM_DAY,
  week: `date(${VIETNAM_DAY}, 'weekday 0', '-6 days')`,
  month: `substr(${VIETNAM_DAY}, 1, 7)`,
  quarter: `substr(${VIETNAM_DAY}, 1, 4) || '-Q' || ((substr(${VIETNAM_DAY}, 6, 2) + 2) / 3)`,
  year: `substr(${VIETNAM_DAY}, 1, 4)`,
} as const satisfies Readonly<Record<FigureKey, string>>

const FILTER = `from_ms < $toMs AND until_ms > $fromMs AND ($unitId IS NULL OR unit_id = $unitId)
  AND ($clusterId IS NULL OR EXISTS (SELECT 1 FROM json_each(cluster_ids) WHERE value = $clusterId))`

/** What went out: runs that are over, chained, and those on the air, which are not yet. */
export class AirLogTable implements AirLogStore {
  readonly chain: ChainedLog
  readonly #db: Database
  readonly #open: Statement<OpenRunRecord>
  readonly #putOpen: Statement
  readonly #removeOpen: Statement
  readonly #clustersOf: Statement<{ readonly value: string }>
  readonly #list: Statement<AirRow>
  readonly #listOfOrder: Statement<AirRow>
  readonly #firstSince: Statement<{ readonly seq: number }>
  readonly #figures: Readonly<Record<FigureKey, Statement<Figure>>>
  readonly #entries: Readonly<Record<FigureKey, Statement<AirRow>>>
  readonly #fromOf: Statement<{ readonly fromMs: number }>
  readonly #sliceEnd: Statement<FigureCursor>

  constructor(db: Database) {
    this.#db = db
    this.chain = new ChainedLog(db, 'air')
    this.#open = db.prepare('SELECT id, run, sent FROM air_log_open ORDER BY rowid')
    this.#putOpen = db.prepare('INSERT INTO air_log_open (id, run, sent) VALUES ($id, $run, $sent) ON CONFLICT (id) DO UPDATE SET run = $run, sent = $sent')
    this.#removeOpen = db.prepare('DELETE FROM air_log_open WHERE id = $id')
    this.#clustersOf = db.prepare('SELECT DISTINCT value FROM air_log, json_each(cluster_ids) WHERE order_id = $orderId AND ended NOT IN (\'never\', \'told\')')
    this.#list = db.prepare(`SELECT * FROM air_log WHERE seq > $after AND seq <= $until AND ${FILTER} ORDER BY seq LIMIT $rows`)
    this.#listOfOrder = db.prepare(`SELECT * FROM air_log WHERE order_id = $orderId AND seq > $after AND ${FILTER} ORDER BY seq LIMIT $rows`)
    this.#firstSince = db.prepare('SELECT seq FROM air_log WHERE at_ms >= $fromMs ORDER BY at_ms, seq LIMIT 1')
    const slice = '(from_ms, seq) > ($afterMs, $afterSeq) AND from_ms < $toMs ORDER BY from_ms, seq'
    const figures = (key: string): Statement<Figure> => db.prepare(`
      SELECT key, sum(ended NOT IN ('never', 'told')) AS runs, sum(planned_ms) AS plannedMs, sum(air_ms) AS airMs, sum(sent_ms) AS sentMs, sum(sounded) AS soundedMs
      FROM (SELECT seq, unit_id, ${key} AS key, ended, planned_ms, air_ms, sent_ms, ${SOUNDED} AS sounded FROM air_log INDEXED BY air_log_figures WHERE ${slice} LIMIT ${String(FIGURE_SLICE)})
      WHERE ${lieWithin('unit_id')} AND seq >= $firstSeq GROUP BY key`)
    const entries = (key: string): Statement<AirRow> => db.prepare(`
      SELECT * FROM (SELECT * FROM air_log INDEXED BY air_log_figures WHERE ${slice} LIMIT ${String(FIGURE_SLICE)})
      WHERE ${lieWithin('unit_id')} AND seq >= $firstSeq AND ${key} IN (SELECT value FROM json_each($keys)) ORDER BY from_ms, seq LIMIT $rows`)
    this.#figures = byKey(figures)
    this.#entries = byKey(entries)
    this.#fromOf = db.prepare('SELECT from_ms AS fromMs FROM air_log WHERE seq = $seq')
    this.#sliceEnd = db.prepare(`SELECT from_ms AS fromMs, seq FROM air_log INDEXED BY air_log_figures WHERE ${slice} LIMIT 1 OFFSET ${String(FIGURE_SLICE - 1)}`)
  }

  open(): readonly OpenRunRecord[] {
    return this.#open.all()
  }

  write({ ended, open, closed }: Parameters<AirLogStore['write']>[0]): void {
    if (ended.length + open.length + closed.length === 0) return
    this.#db.transaction(() => {
      this.chain.append(ended.map(toRow))
      for (const id of closed) this.#removeOpen.run({ id })
      for (const { id, run, sent } of open) this.#putOpen.run({ id, run, sent })
    })
  }

  clustersOf(orderId: string): readonly string[] {
    return this.#clustersOf.all({ orderId }).map(({ value }) => value)
  }

  list(page: PageQuery, { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, unitId, clusterId, orderId }: AirFilter): Page<Logged<AirRecord>> {
    const head = this.chain.head()
    const common = { fromMs, toMs, unitId: unitId ?? null, clusterId: clusterId ?? null, rows: page.limit + 1 }
    if (orderId !== undefined) return cutPage(this.#listOfOrder.all({ ...common, orderId, after: Math.max(page.after ?? 0, head.firstSeq - 1) }), page, toRecord)
    const begin = fromMs === 0 || page.after !== null ? 0 : (this.#firstSince.get({ fromMs })?.seq ?? head.seq + 1) - 1 - LOG_PAGE_SCAN / 2
    const after = Math.max(page.after ?? begin, head.firstSeq - 1)
    const until = after + LOG_PAGE_SCAN
    return cutScan(this.#list.all({ ...common, after, until }), page, until, head.seq, toRecord)
  }

  figures(by: FigureKey, { fromMs, toMs, within }: FigureSpan, after: FigureCursor | null): { readonly figures: readonly Figure[]; readonly next: FigureCursor | null } {
    const place = { afterMs: after?.fromMs ?? fromMs, afterSeq: after?.seq ?? -1, toMs }
    const end = this.#sliceEnd.get(place)
    return { figures: this.#figures[by].all({ ...place, firstSeq: this.chain.head().firstSeq, within: within === null ? null : JSON.stringify(within) }).map((row) => ({ ...row })), next: end === undefined ? null : { ...end } }
  }

  entriesOf(page: PageQuery, by: FigureKey, keys: readonly string[], { fromMs, toMs, within }: FigureSpan): Page<Logged<AirRecord>> {
    const { after } = page
    // An entry that was removed since is before all that are kept.
    const place = after === null ? { afterMs: fromMs, afterSeq: -1, toMs } : { afterMs: Math.max(fromMs, this.#fromOf.get({ seq: after })?.fromMs ?? fromMs), afterSeq: after, toMs }
    const end = this.#sliceEnd.get(place)
    const rows = this.#entries[by].all({ ...place, firstSeq: this.chain.head().firstSeq, within: within === null ? null : JSON.stringify(within), keys: JSON.stringify(keys), rows: page.limit + 1 })
    const shown = rows.slice(0, page.limit)
    return { items: shown.map(toRecord), next: rows.length > page.limit ? shown.at(-1)!.seq : end?.seq ?? null }
  }
}

const byKey = <T>(make: (expression: string) => T): Readonly<Record<FigureKey, T>> => Object.fromEntries(Object.entries(KEYS).map(([key, expression]) => [key, make(expression)])) as Record<FigureKey, T>
