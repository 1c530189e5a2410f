import type { ControlClock } from './ports.ts'

export interface SweepOptions {
  readonly clock: ControlClock
  readonly everyMs: number
  readonly work: () => void
  /** What goes wrong is told, and tried again at the next turn. */
  readonly onError: (error: unknown) => void
}

/** Does something now and from time to time, whatever becomes of it. */
export class Sweep {
  readonly #options: SweepOptions
  #timer: { cancel(): void } | null = null

  constructor(options: SweepOptions) {
    this.#options = options
  }

  start(): void {
    this.stop()
    const { clock, everyMs, work, onError } = this.#options
    try {
      work()
    } catch (error) {
      onError(error)
    }
    this.#timer = clock.setTimer(everyMs, () => {
      this.start()
    })
  }

  /** Idempotent. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }
}
