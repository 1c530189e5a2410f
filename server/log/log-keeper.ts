import { checkpointBytes, checkpointHash } from '../../control/log-chain.ts'
import { LOG_NAMES, type CheckpointRecord, type LogName, type LogSigner, type Store } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'

const CHECKPOINT_EVERY_MS = 3_600_000
/** Removed in one go, a few ms of work, and how long others have between: a million entries go within minutes and hold up nobody. */
const SWEEP_ENTRIES = 500
const SWEEP_PAUSE_MS = 50
const DAY_MS = 24 * 3_600_000

export interface KeepRules {
  /** Days for which entries are kept; 0: for ever. */
  readonly auditLogKeepDays: number
  readonly airLogKeepDays: number
}

/**
 * Signs a checkpoint of all logs when it starts, every hour, and when it closes; and removes what is older than the rule says, up to a checkpoint
 * made before that time, never further. Checkpoints themselves are never removed, and a removal stands in the audit log, so what is left can still be verified
 * and a head that somebody else has cut off looks different.
 */
export class LogKeeper {
  readonly #store: Store
  readonly #signer: LogSigner
  readonly #clock: Clock
  readonly #wallMs: () => number
  readonly #rules: KeepRules
  readonly #onError: (error: unknown) => void
  #timer: TimerHandle | null = null
  #sweepTimer: TimerHandle | null = null
  #closed = false

  constructor(ports: { store: Store; signer: LogSigner; clock: Clock; wallMs: () => number; rules: KeepRules; onError: (error: unknown) => void }) {
    this.#store = ports.store
    this.#signer = ports.signer
    this.#clock = ports.clock
    this.#wallMs = ports.wallMs
    this.#rules = ports.rules
    this.#onError = ports.onError
  }

  /** Now and from hour to hour. */
  start(): void {
    this.#safely(() => {
      this.trim()
      this.checkpoint()
    })
    this.#sweepSoon()
    this.#timer = this.#clock.setTimer(CHECKPOINT_EVERY_MS, () => {
      this.start()
    })
  }

  /** @returns the checkpoint that stands for the logs as they are: the last one when nothing was written since */
  checkpoint(): CheckpointRecord {
    return this.#store.transaction(() => {
      const last = this.#store.checkpoints.last()
      const heads = this.#store.checkpoints.heads()
      if (last !== undefined && JSON.stringify(last.heads) === JSON.stringify(heads)) return last
      const body = { number: (last?.number ?? 0) + 1, atMs: Math.floor(this.#wallMs()), previousHash: checkpointHash(last), heads }
      const checkpoint = { ...body, ...this.#signer.sign((key) => checkpointBytes({ ...body, ...key })) }
      this.#store.checkpoints.add(checkpoint)
      return checkpoint
    })
  }

  /** Leaves out what is too old; it is removed bit by bit afterwards. @returns how many entries of each log */
  trim(): Readonly<Record<LogName, number>> {
    const days: Readonly<Record<LogName, number>> = { audit: this.#rules.auditLogKeepDays, air: this.#rules.airLogKeepDays, report: this.#rules.airLogKeepDays }
    const removed = { audit: 0, air: 0, report: 0 }
    for (const log of LOG_NAMES) if (days[log] > 0) removed[log] = this.#trim(log, this.#wallMs() - days[log] * DAY_MS)
    return removed
  }

  /** A last checkpoint. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#timer?.cancel()
    this.#sweepTimer?.cancel()
    this.#safely(() => this.checkpoint())
  }

  #trim(log: LogName, beforeMs: number): number {
    const { checkpoints, auditLog } = this.#store
    const until = checkpoints.lastBefore(beforeMs)?.heads.find((head) => head.log === log)?.seq ?? 0
    const head = checkpoints.heads().find((one) => one.log === log)!
    // The last entry stays: the chain goes on from it.
    const seq = Math.min(until, head.seq)
    if (seq < head.firstSeq) return 0
    return this.#store.transaction(() => {
      auditLog.append({ atMs: Math.floor(this.#wallMs()), requestId: null, tokenId: null, tokenName: null, remoteAddress: null, method: 'TRIM', route: log, targetIds: [String(seq)], fields: [], status: 200, code: null, count: seq - head.firstSeq + 1 })
      return checkpoints.trim(log, seq)
    })
  }

  /** Removes what an earlier process has left, too. */
  #sweepSoon(): void {
    this.#sweepTimer?.cancel()
    this.#sweepTimer = this.#clock.setTimer(SWEEP_PAUSE_MS, () => {
      this.#safely(() => {
        if (LOG_NAMES.some((log) => this.#store.checkpoints.sweep(log, SWEEP_ENTRIES) > 0)) this.#sweepSoon()
      })
    })
  }

  #safely(work: () => unknown): void {
    try {
      work()
    } catch (error) {
      this.#onError(error)
    }
  }
}
