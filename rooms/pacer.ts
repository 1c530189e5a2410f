import type { Clock, TimerHandle } from './clock.ts'
import type { HouseClock } from './house-clock.ts'
import { msToSamples, samplesToMs } from './grid.ts'

/** The runtime's timers drop fractions of a millisecond and so fire early; what is due within that is done now, not in another turn. */
const EARLY_SAMPLES = msToSamples(1)

export interface PacerOptions {
  readonly clock: Clock
  readonly house: HouseClock
  /** Length of a tick in house samples, an integer. */
  readonly periodSamples: number
  /** Tick n is due at n × periodSamples + phaseSamples. Default 0. */
  readonly phaseSamples?: number
  /**
   * How many ticks may be made up for one after the other when the process was held up; when more are due, all but the
   * newest are dropped. Default: what fits in 1 s.
   */
  readonly maxCatchUpTicks?: number
  /** Ticks are counted from the house epoch on. Lateness is the time since the tick was due, 0 when it was up to 1 ms early. */
  readonly onTick: (tickIndex: number, latenessMs: number) => void
}

/**
 * Calls `onTick` once for each tick of the house grid. Each timer is set to the absolute time of the next tick, so late
 * timers make single ticks late and never add up, and pacers of one phase tick together in every process of the machine.
 */
export class Pacer {
  readonly #options: Required<PacerOptions>
  #timer: TimerHandle | null = null
  #running = false
  #nextTick = 0
  #resyncsTotal = 0
  #droppedTicksTotal = 0

  constructor(options: PacerOptions) {
    const { periodSamples } = options
    if (!Number.isInteger(periodSamples) || periodSamples <= 0) throw new RangeError('periodSamples must be a positive integer')
    this.#options = { phaseSamples: 0, maxCatchUpTicks: Math.max(1, Math.floor(1000 / samplesToMs(periodSamples))), ...options }
  }

  /** Times that more ticks were due than may be made up for. */
  get resyncsTotal(): number {
    return this.#resyncsTotal
  }

  /** Ticks that were never called because of that. */
  get droppedTicksTotal(): number {
    return this.#droppedTicksTotal
  }

  /** The first tick is the next one of the grid. Does nothing when running. */
  start(): void {
    if (this.#running) return
    this.#running = true
    const { house, periodSamples, phaseSamples } = this.#options
    this.#nextTick = Math.ceil((house.nowSamples() - phaseSamples) / periodSamples)
    this.#arm()
  }

  /** No tick comes after it, not even one that is being made up for. Idempotent. */
  stop(): void {
    this.#running = false
    this.#timer?.cancel()
    this.#timer = null
  }

  #arm(): void {
    const { clock } = this.#options
    this.#timer = clock.setTimer(Math.max(0, this.#dueMs(this.#nextTick) - clock.monotonicMs()), this.#fire)
  }

  #dueMs(tick: number): number {
    const { house, periodSamples, phaseSamples } = this.#options
    return house.monotonicMsAt(tick * periodSamples + phaseSamples)
  }

  readonly #fire = (): void => {
    const { clock, house, periodSamples, phaseSamples, maxCatchUpTicks, onTick } = this.#options
    this.#timer = null
    const lastDue = Math.floor((house.nowSamples() + EARLY_SAMPLES - phaseSamples) / periodSamples)
    const due = lastDue - this.#nextTick + 1
    if (due > maxCatchUpTicks) {
      this.#resyncsTotal++
      this.#droppedTicksTotal += due - 1
      this.#nextTick = lastDue
    }
    try {
      // Ticks that fall due while these are worked off wait for the next turn, so that other events get theirs.
      while (this.#running && this.#nextTick <= lastDue) {
        const tick = this.#nextTick++
        onTick(tick, Math.max(0, clock.monotonicMs() - this.#dueMs(tick)))
      }
    } finally {
      // A tick that throws must not be the last one. One that stopped and started has armed already.
      if (this.#running && this.#timer === null) this.#arm()
    }
  }
}
