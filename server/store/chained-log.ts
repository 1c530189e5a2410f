import { chainHash, columnsNow, genesisHash, LOG_FORM, type ChainValue } from '../../control/log-chain.ts'
import type { LogName } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface HeadRow {
  readonly log: LogName
  readonly first_seq: number
  readonly seq: number
  readonly hash: Uint8Array
}

export interface Head {
  readonly firstSeq: number
  readonly seq: number
  readonly hash: string
}

/** Appends to one of the logs: each entry carries the hash of everything before it. The head is read in each transaction, so one that is rolled back leaves no trace. */
export class ChainedLog {
  readonly #db: Database
  readonly #log: LogName
  readonly #columns: readonly string[]
  readonly #insert: Statement
  readonly #head: Statement<HeadRow>
  readonly #putHead: Statement
  readonly #sweep: Statement

  constructor(db: Database, log: LogName) {
    this.#db = db
    this.#log = log
    const columns = columnsNow(log)
    this.#columns = columns
    this.#insert = db.prepare(`INSERT INTO ${log}_log (seq, ${columns.join(', ')}, hash) VALUES ($seq, ${columns.map((column) => `$${column}`).join(', ')}, $hash)`)
    this.#head = db.prepare('SELECT * FROM log_heads WHERE log = $log')
    this.#putHead = db.prepare('INSERT INTO log_heads (log, first_seq, seq, hash) VALUES ($log, $firstSeq, $seq, $hash) ON CONFLICT (log) DO UPDATE SET first_seq = $firstSeq, seq = $seq, hash = $hash')
    this.#sweep = db.prepare(`DELETE FROM ${log}_log WHERE seq IN (SELECT seq FROM ${log}_log NOT INDEXED WHERE seq < $firstSeq ORDER BY seq LIMIT $most)`)
  }

  head(): Head {
    const row = this.#head.get({ log: this.#log })
    return row === undefined ? { firstSeq: 1, seq: 0, hash: genesisHash(this.#log) } : { firstSeq: row.first_seq, seq: row.seq, hash: Buffer.from(row.hash).toString('hex') }
  }

  /** @param entries by name of column, without `form` */
  append(entries: readonly Readonly<Record<string, ChainValue>>[]): void {
    if (entries.length === 0) return
    this.#db.transaction(() => {
      const { firstSeq, ...head } = this.head()
      let { seq, hash } = head
      for (const entry of entries) {
        const values = this.#columns.map((column) => wellFormed(column === 'form' ? LOG_FORM[this.#log] : entry[column] ?? null))
        seq += 1
        hash = chainHash(hash, this.#log, seq, values)
        this.#insert.run({ seq, ...Object.fromEntries(this.#columns.map((column, index) => [column, values[index]!])), hash: Buffer.from(hash, 'hex') })
      }
      this.#putHead.run({ log: this.#log, firstSeq, seq, hash: Buffer.from(hash, 'hex') })
    })
  }

  /** The log begins after this entry. @returns how many entries that leaves out */
  trim(seq: number): number {
    return this.#db.transaction(() => {
      const head = this.head()
      const firstSeq = Math.max(head.firstSeq, seq + 1)
      this.#putHead.run({ log: this.#log, firstSeq, seq: head.seq, hash: Buffer.from(head.hash, 'hex') })
      return firstSeq - head.firstSeq
    })
  }

  /** Removes the oldest rows before the beginning. */
  sweep(most: number): number {
    const { firstSeq } = this.head()
    return this.#sweep.run({ firstSeq, most })
  }
}

/** What SQLite gives back: half a surrogate pair has no UTF-8, and a fraction of a ms is no integer. */
function wellFormed(value: ChainValue): ChainValue {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value === null ? null : Math.round(value)
}
