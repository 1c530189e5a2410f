import { LOG_NAMES, type CheckpointRecord, type CheckpointStore, type LogHead, type LogName, type Page, type PageQuery } from '../../control/ports.ts'
import type { ChainedLog } from './chained-log.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface CheckpointRow {
  readonly number: number
  readonly seq: number
  readonly at_ms: number
  readonly previous_hash: string
  readonly heads: string
  readonly key_id: string
  readonly public_key: string
  readonly signature: string
}

/** @throws SyntaxError or TypeError when the heads cannot be read */
export const toCheckpoint = (row: Omit<CheckpointRow, 'seq'>): CheckpointRecord => ({
  number: row.number,
  atMs: row.at_ms,
  previousHash: row.previous_hash,
  heads: (JSON.parse(row.heads) as [LogName, number, number, string][]).map(([log, firstSeq, seq, hash]) => ({ log, firstSeq, seq, hash })),
  keyId: row.key_id,
  publicKey: row.public_key,
  signature: row.signature,
})

export class CheckpointTable implements CheckpointStore {
  readonly #logs: Readonly<Record<LogName, ChainedLog>>
  readonly #last: Statement<CheckpointRow>
  readonly #lastBefore: Statement<CheckpointRow>
  readonly #insert: Statement
  readonly #list: Statement<CheckpointRow>

  constructor(db: Database, logs: Readonly<Record<LogName, ChainedLog>>) {
    this.#logs = logs
    this.#last = db.prepare('SELECT *, number AS seq FROM log_checkpoints ORDER BY number DESC LIMIT 1')
    this.#lastBefore = db.prepare('SELECT *, number AS seq FROM log_checkpoints WHERE at_ms < $atMs ORDER BY number DESC LIMIT 1')
    this.#insert = db.prepare('INSERT INTO log_checkpoints (number, at_ms, previous_hash, heads, key_id, public_key, signature) VALUES ($number, $atMs, $previousHash, $heads, $keyId, $publicKey, $signature)')
    this.#list = db.prepare('SELECT *, number AS seq FROM log_checkpoints WHERE number > $after ORDER BY number LIMIT $rows')
  }

  heads(): readonly LogHead[] {
    return LOG_NAMES.map((log) => ({ log, ...this.#logs[log].head() }))
  }

  last(): CheckpointRecord | undefined {
    const row = this.#last.get()
    return row === undefined ? undefined : toCheckpoint(row)
  }

  lastBefore(atMs: number): CheckpointRecord | undefined {
    const row = this.#lastBefore.get({ atMs })
    return row === undefined ? undefined : toCheckpoint(row)
  }

  add({ heads, ...rest }: CheckpointRecord): void {
    this.#insert.run({ ...rest, heads: JSON.stringify(heads.map(({ log, firstSeq, seq, hash }) => [log, firstSeq, seq, hash])) })
  }

  list(page: PageQuery): Page<CheckpointRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1 }), page, toCheckpoint)
  }

  trim(log: LogName, seq: number): number {
    return this.#logs[log].trim(seq)
  }

  sweep(log: LogName, most: number): number {
    return this.#logs[log].sweep(most)
  }
}
