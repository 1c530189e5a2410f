import type { Logged, NewReport, OpenProof, Page, PageQuery, ProofStore, ReportRecord } from '../../control/ports.ts'
import { ChainedLog } from './chained-log.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface ReportRow {
  readonly seq: number
  readonly at_ms: number
  readonly kind: ReportRecord['kind']
  readonly order_id: string
  readonly sha256: string
  readonly packed_sha256: string
  readonly bytes: number
  readonly hash: Uint8Array
}

interface OpenRow {
  readonly order_id: string
  readonly cluster_id: string
  readonly proof: string
}

const toRecord = (row: ReportRow): Logged<ReportRecord> => ({
  seq: row.seq,
  atMs: row.at_ms,
  kind: row.kind,
  orderId: row.order_id,
  sha256: row.sha256,
  packedSha256: row.packed_sha256,
  bytes: row.bytes,
  hash: Buffer.from(row.hash).toString('hex'),
})

/** Proofs of orders that run, and the reports that were made of them, chained. */
export class ProofTable implements ProofStore {
  readonly chain: ChainedLog
  readonly #db: Database
  readonly #open: Statement<OpenRow>
  readonly #put: Statement
  readonly #removeOpen: Statement
  readonly #insertContent: Statement
  readonly #ofOrder: Statement<ReportRow>
  readonly #packed: Statement<{ readonly packed: Uint8Array }>
  readonly #list: Statement<ReportRow>
  readonly #seen: Statement<{ readonly at_ms: number }>
  readonly #noteSeen: Statement

  constructor(db: Database) {
    this.#db = db
    this.chain = new ChainedLog(db, 'report')
    this.#open = db.prepare('SELECT * FROM open_proofs')
    this.#put = db.prepare('INSERT INTO open_proofs (order_id, cluster_id, proof) VALUES ($orderId, $clusterId, $proof) ON CONFLICT (order_id, cluster_id) DO UPDATE SET proof = $proof')
    this.#removeOpen = db.prepare('DELETE FROM open_proofs WHERE order_id = $orderId')
    this.#insertContent = db.prepare('INSERT INTO report_contents (seq, packed) VALUES ($seq, $packed)')
    this.#ofOrder = db.prepare('SELECT * FROM report_log WHERE order_id = $orderId AND seq >= $firstSeq ORDER BY seq')
    this.#packed = db.prepare('SELECT packed FROM report_contents WHERE seq = $seq')
    this.#list = db.prepare('SELECT * FROM report_log WHERE seq > $after ORDER BY seq LIMIT $rows')
    this.#seen = db.prepare('SELECT at_ms FROM proofs_seen')
    this.#noteSeen = db.prepare('INSERT INTO proofs_seen (id, at_ms) VALUES (1, $atMs) ON CONFLICT (id) DO UPDATE SET at_ms = $atMs')
  }

  open(): readonly OpenProof[] {
    return this.#open.all().map(({ order_id: orderId, cluster_id: clusterId, proof }) => ({ orderId, clusterId, proof }))
  }

  put(proofs: readonly OpenProof[]): void {
    this.#db.transaction(() => {
      for (const { orderId, clusterId, proof } of proofs) this.#put.run({ orderId, clusterId, proof })
    })
  }

  append(reports: readonly NewReport[]): void {
    this.#db.transaction(() => {
      for (const { atMs, kind, orderId, sha256, packedSha256, bytes, packed } of reports) {
        this.chain.append([{ at_ms: atMs, kind, order_id: orderId, sha256, packed_sha256: packedSha256, bytes }])
        this.#insertContent.run({ seq: this.chain.head().seq, packed })
        if (kind === 'report') this.#removeOpen.run({ orderId })
      }
    })
  }

  ofOrder(orderId: string): readonly Logged<ReportRecord>[] {
    return this.#ofOrder.all({ orderId, firstSeq: this.chain.head().firstSeq }).map(toRecord)
  }

  packed(seq: number): Uint8Array | undefined {
    return seq < this.chain.head().firstSeq ? undefined : this.#packed.get({ seq })?.packed
  }

  list(page: PageQuery): Page<Logged<ReportRecord>> {
    return cutPage(this.#list.all({ after: Math.max(page.after ?? 0, this.chain.head().firstSeq - 1), rows: page.limit + 1 }), page, toRecord)
  }

  seenAtMs(): number | null {
    return this.#seen.get()?.at_ms ?? null
  }

  noteSeen(ms: number): void {
    this.#noteSeen.run({ atMs: Math.round(ms) })
  }
}
