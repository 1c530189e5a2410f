import { existsSync } from 'node:fs'
import type { Logger } from 'pino'
import { sourceReason } from '../../control/source-reasons.ts'
import { CrashBackoff } from './crash-backoff.ts'
import { RtcWorker, type RtcWorkerOptions } from './rtc-worker.ts'

export interface RtcHostOptions extends Omit<RtcWorkerOptions, 'port'> {
  /** UDP and TCP port of each worker that may run; 0: any that is free. */
  readonly ports: readonly number[]
  readonly logger: Logger
}

/** A session's place in a worker. All that is made there ends with the worker. */
export interface RtcSeat {
  readonly worker: RtcWorker
  /** To be called when the session is over. Idempotent. */
  release(): void
}

/** WebRTC cannot be had here; the message says how to get it. */
export class RtcUnavailableError extends Error {
  override readonly name = 'RtcUnavailableError'
  readonly code = 'WEBRTC_ERR_UNAVAILABLE'
}

/**
 * So many sessions share a worker before another is started. One worker carries hundreds; the next one is started sooner so that the death of one
 * takes few with it.
 */
const SESSIONS_PER_WORKER = 8

interface Slot {
  readonly port: number
  readonly backoff: CrashBackoff
  worker: Promise<RtcWorker> | undefined
  pid: number | undefined
  sessions: number
}

/**
 * mediasoup's workers of this process: the first is started when somebody first comes, others as more come, and each again when it has died. Sessions
 * learn of its end by their transports' `routerclose`.
 */
export class RtcHost {
  readonly #options: RtcHostOptions
  readonly #slots: readonly Slot[]
  readonly #restarts = new Set<NodeJS.Timeout>()
  #closed = false
  /** Workers that died by themselves. */
  diedTotal = 0

  constructor(options: RtcHostOptions) {
    this.#options = options
    this.#slots = options.ports.map((port) => ({ port, backoff: new CrashBackoff(), worker: undefined, pid: undefined, sessions: 0 }))
  }

  /** @throws RtcUnavailableError when there is no worker program, or it does not start, or has just crashed again and again */
  async seat(): Promise<RtcSeat> {
    if (this.#closed) throw new RtcUnavailableError('WebRTC is being shut down')
    if (this.lack !== undefined) throw new RtcUnavailableError(this.lack)
    const slot = this.#pick()
    slot.sessions += 1
    let released = false
    const release = (): void => {
      if (!released) slot.sessions -= 1
      released = true
    }
    try {
      return { worker: await this.#workerOf(slot), release }
    } catch (cause) {
      release()
      throw cause instanceof RtcUnavailableError ? cause : new RtcUnavailableError(`mediasoup's worker cannot be started: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }

  /** What is missing here, in words that say how to get it; undefined when nothing is. */
  get lack(): string | undefined {
    return existsSync(this.#options.workerPath) ? undefined : sourceReason('webrtc-off', `mediasoup's worker is not at ${this.#options.workerPath}; make it with: npm run build:mediasoup`)
  }

  /** Of the workers that run. */
  get pids(): number[] {
    return this.#slots.flatMap(({ pid }) => pid ?? [])
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    for (const timer of this.#restarts) clearTimeout(timer)
    for (const { worker } of this.#slots) worker?.then((opened) => { opened.close() }, () => undefined)
  }

  #pick(): Slot {
    const nowMs = performance.now()
    const usable = this.#slots.filter(({ worker, backoff }) => worker !== undefined || backoff.waitMs(nowMs) === 0)
    const running = usable.filter(({ worker }) => worker !== undefined).sort((a, b) => a.sessions - b.sessions)[0]
    const next = running === undefined || running.sessions >= SESSIONS_PER_WORKER ? usable.find(({ worker }) => worker === undefined) : undefined
    const slot = next ?? running
    if (slot === undefined) throw new RtcUnavailableError(`mediasoup's worker dies again and again; it is tried again in ${String(Math.ceil(Math.min(...this.#slots.map(({ backoff }) => backoff.waitMs(nowMs))) / 1000))} s`)
    return slot
  }

  #workerOf(slot: Slot): Promise<RtcWorker> {
    slot.worker ??= this.#open(slot)
    return slot.worker
  }

  async #open(slot: Slot): Promise<RtcWorker> {
    const { logger } = this.#options
    const startedMs = performance.now()
    try {
      const worker: RtcWorker = await RtcWorker.open({ ...this.#options, port: slot.port }, (error) => { this.#died(slot, worker.pid, performance.now() - startedMs, error) })
      if (this.#closed) worker.close()
      slot.pid = worker.pid
      logger.info({ pid: worker.pid, port: slot.port }, "mediasoup's worker runs")
      return worker
    } catch (error) {
      slot.worker = undefined
      slot.backoff.died(performance.now(), 0)
      throw error
    }
  }

  #died(slot: Slot, pid: number, ranMs: number, error: Error): void {
    this.diedTotal += 1
    slot.worker = undefined
    slot.pid = undefined
    const nowMs = performance.now()
    slot.backoff.died(nowMs, ranMs)
    const waitMs = slot.backoff.waitMs(nowMs)
    this.#options.logger.error({ err: error, pid, waitMs }, "mediasoup's worker died")
    if (this.#closed) return
    // Whom it carried comes back at once, and is not to wait for it.
    const timer = setTimeout(() => {
      this.#restarts.delete(timer)
      this.#workerOf(slot).catch((cause: unknown) => { this.#options.logger.error({ err: cause }, "mediasoup's worker cannot be started again") })
    }, waitMs)
    this.#restarts.add(timer)
  }
}
