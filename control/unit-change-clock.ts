import type { FastifyBaseLogger } from 'fastify'
import { newId } from './ids.ts'
import type { Broadcast, ControlClock, Store, UnitChangeRecord } from './ports.ts'
import { explainError } from './error-handler.ts'
import { takeSteps } from './unit-change-rules.ts'

/** Timers do not reach further than 24 days; and a wall clock may be set meanwhile. */
const LOOK_EVERY_MS = 3600_000

/** Carries out planned changes of the map when their time has come, also those whose time came while the server was off. */
export class UnitChangeClock {
  readonly #store: Store
  readonly #broadcast: Broadcast
  readonly #clock: ControlClock
  readonly #log: FastifyBaseLogger
  #timer: { cancel(): void } | null = null

  constructor(store: Store, broadcast: Broadcast, clock: ControlClock, log: FastifyBaseLogger) {
    this.#store = store
    this.#broadcast = broadcast
    this.#clock = clock
    this.#log = log
  }

  /** Does what is due, and sets its watch to the next. Call it when something was planned or cancelled. */
  look(): void {
    this.stop()
    let nextMs = LOOK_EVERY_MS
    try {
      for (const change of this.#store.unitChanges.planned()) {
        const dueInMs = change.atMs - this.#clock.wallMs()
        if (dueInMs > 0) {
          nextMs = Math.min(nextMs, dueInMs)
          break
        }
        this.#carryOut(change)
      }
    } catch (error) {
      // Such as a full disk. The change stays planned.
      this.#log.error({ err: error }, 'a planned change of units could not be carried out')
      nextMs = 60_000
    }
    this.#timer = this.#clock.setTimer(nextMs, () => {
      this.look()
    })
  }

  /** Idempotent. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #carryOut(change: UnitChangeRecord): void {
    const nowMs = this.#clock.wallMs()
    try {
      this.#store.transaction(() => {
        const result = takeSteps(this.#store, change.steps, { atMs: change.atMs, nowMs, newId: () => newId('u', nowMs) })
        this.#store.unitChanges.settle(change.id, { state: 'done', result, problem: null })
        this.#note(change, nowMs, 200, null)
      })
      this.#broadcast.registryChanged()
    } catch (error) {
      const { code, detail, detailVi } = explainError(error)
      // What may pass by itself is tried again.
      if (code === 'LOA_ERR_DISK_FULL' || code === 'LOA_ERR_BUSY' || code === 'LOA_ERR_INTERNAL') throw error
      this.#log.error({ unitChange: change.id, code, detail }, 'a planned change of units does not fit the map any more')
      this.#store.transaction(() => {
        this.#store.unitChanges.settle(change.id, { state: 'failed', result: null, problem: { detail, detailVi } })
        this.#note(change, nowMs, 409, code)
      })
    }
  }

  /** Nobody asks at that moment; the entry names who planned it. */
  #note(change: UnitChangeRecord, atMs: number, status: number, code: string | null): void {
    this.#store.auditLog.append({ atMs, requestId: null, tokenId: change.createdBy, tokenName: this.#store.tokens.get(change.createdBy)?.name ?? null, remoteAddress: null, method: 'DUE', route: '/v1/unit-changes/:id', targetIds: [change.id], fields: [], status, code, count: 1 })
  }
}
