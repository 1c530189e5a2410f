import type { LogRecord, PlayLogEntry, RunProgress } from './log-records.ts'

/** What a log says when its records are read in order. Pure: the same records always give the same state. */
export class LogState {
  logId = ''
  /** Number of the next entry. */
  next = 1
  /** The server has taken all entries up to this one. */
  acked = 0
  /** Entries given up because there was no room, since the log began. */
  dropped = 0
  /** House sample after the last one that any entry claims. */
  lastSamples = -Infinity
  /** Closed and not yet taken by the server, in order of their numbers. */
  readonly closed: PlayLogEntry[] = []
  open: PlayLogEntry | null = null

  apply(record: LogRecord): void {
    switch (record.r) {
      case 'base':
        this.logId = record.logId
        this.next = record.next
        this.acked = record.acked
        this.dropped = record.dropped
        this.lastSamples = record.lastSamples ?? -Infinity
        break
      case 'open': {
        // A run without its end lost that line; it is over all the same.
        this.#closeOpen('crash')
        this.open = { number: record.n, ...beginningOf(record), end: 'crash' }
        this.next = Math.max(this.next, record.n + 1)
        this.#claim(record)
        break
      }
      case 'until':
        if (this.open?.number !== record.n) break
        this.open = { ...this.open, ...progressOf(record) }
        this.#claim(record)
        break
      case 'close':
        if (this.open?.number !== record.n) break
        this.open = { ...this.open, ...progressOf(record), end: record.end }
        this.#claim(record)
        this.#closeOpen(record.end)
        break
      case 'acked':
        this.acked = Math.max(this.acked, record.n)
        while (this.closed[0] !== undefined && this.closed[0].number <= this.acked) this.closed.shift()
        break
    }
  }

  /** The shortest records that give this state again. */
  records(): LogRecord[] {
    const { logId, next, acked, dropped } = this
    const records: LogRecord[] = [{ r: 'base', logId, next, acked, dropped, lastSamples: Number.isFinite(this.lastSamples) ? this.lastSamples : null }]
    for (const entry of this.closed) {
      records.push({ r: 'open', n: entry.number, ...beginningOf(entry) }, { r: 'close', n: entry.number, end: entry.end, ...progressOf(entry) })
    }
    if (this.open !== null) records.push({ r: 'open', n: this.open.number, ...beginningOf(this.open) })
    return records
  }

  #claim({ untilSamples }: RunProgress): void {
    this.lastSamples = Math.max(this.lastSamples, untilSamples)
  }

  #closeOpen(end: PlayLogEntry['end']): void {
    if (this.open === null) return
    if (this.open.number > this.acked) this.closed.push({ ...this.open, end })
    this.open = null
  }
}

type Beginning = Omit<PlayLogEntry, 'number' | 'end'>

const beginningOf = (entry: Beginning): Beginning => ({ orderId: entry.orderId, playing: entry.playing, audible: entry.audible, verified: entry.verified, fromSamples: entry.fromSamples, heardAtHouseUs: entry.heardAtHouseUs, ...progressOf(entry) })

export const progressOf = ({ untilSamples, missingSamples, heard }: RunProgress): RunProgress => ({ untilSamples, missingSamples, heard })
