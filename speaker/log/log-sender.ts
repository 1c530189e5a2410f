import type { PlayLogEntry } from './log-records.ts'
import type { LocalClock, TimerHandle } from '../ports.ts'
import type { PlayLog } from './play-log.ts'

/** Entries in one message; the server takes messages of 16 KiB at most. */
const BATCH_ENTRIES = 20
const MAX_MESSAGE_BYTES = 12 * 1024
/** No answer for this long: it is sent again. */
const ANSWER_TIMEOUT_MS = 10_000

export interface LogMessage {
  readonly type: 'log'
  readonly logId: string
  readonly dropped: number
  readonly entries: readonly PlayLogEntry[]
}

/**
 * Brings the log to the server: one message at a time, the next when the last is acknowledged, again from the oldest after each
 * connection. What arrives twice is known there by (cluster, log, number), so all arrives once.
 */
export class LogSender {
  readonly #log: PlayLog
  readonly #clock: LocalClock
  #send: ((message: LogMessage) => void) | null = null
  #waitingFor: number | null = null
  #timer: TimerHandle | null = null

  constructor(log: PlayLog, clock: LocalClock) {
    this.#log = log
    this.#clock = clock
    log.onReady = () => {
      this.#next()
    }
  }

  /** After the server's welcome. */
  connected(send: (message: LogMessage) => void): void {
    this.disconnected()
    this.#send = send
    this.#next()
  }

  /** Idempotent. */
  disconnected(): void {
    this.#send = null
    this.#stopWaiting()
  }

  /** The server's `log-ack`: it keeps all entries of this log up to `number`. */
  acknowledged(logId: string, number: number): void {
    if (logId !== this.#log.logId) return
    this.#log.acked(number)
    if (this.#waitingFor === null || number < this.#waitingFor) return
    this.#stopWaiting()
    this.#next()
  }

  #next(): void {
    if (this.#send === null || this.#waitingFor !== null) return
    const entries = batch(this.#log.pending(BATCH_ENTRIES))
    if (entries.length === 0) return
    this.#waitingFor = entries.at(-1)!.number
    this.#timer = this.#clock.setTimer(ANSWER_TIMEOUT_MS, () => {
      this.#stopWaiting()
      this.#next()
    })
    this.#send({ type: 'log', logId: this.#log.logId, dropped: this.#log.status().dropped, entries })
  }

  #stopWaiting(): void {
    this.#waitingFor = null
    this.#timer?.cancel()
    this.#timer = null
  }
}

function batch(entries: readonly PlayLogEntry[]): readonly PlayLogEntry[] {
  let bytes = 0
  const fitting = entries.findIndex((entry) => (bytes += Buffer.byteLength(JSON.stringify(entry))) > MAX_MESSAGE_BYTES)
  return fitting === -1 ? entries : entries.slice(0, Math.max(1, fitting))
}
