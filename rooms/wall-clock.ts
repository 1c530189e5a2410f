import { HOUSE_EPOCH_WALL_MS, houseMsAt } from './house-clock.ts'
import type { HouseClock } from './house-clock.ts'
import type { Clock } from './clock.ts'
import { msToSamples, samplesToMs } from './grid.ts'

export interface WallClockOptions {
  /** From this difference on it is a step, not drift. Default 1 s. */
  readonly stepMs?: number
  /** A step is believed once it has held for this long. Default 60 s. */
  readonly holdMs?: number
  /** Smaller differences are worked off at this rate at most. Default 500 ppm, as the kernel does. */
  readonly slewPpm?: number
  /**
   * Wall time minus house time to begin with, when one is known from before: `offsetMs` of the clock that this one takes
   * over from on the same house anchor. By default the system's wall clock is believed as it stands.
   */
  readonly offsetMs?: number
  /** The system's wall clock has stepped; nothing is changed yet. Called once for each step. */
  readonly onFault?: (fault: { readonly code: 'LOA_FAULT_WALL_CLOCK_STEP'; readonly message: string; readonly stepMs: number }) => void
  /** A step has held and is now followed: convert again whatever is planned and has not begun. */
  readonly onAdopt?: (stepMs: number) => void
  /** A step was taken back before it was believed. */
  readonly onWithdraw?: () => void
}

/** A step of the system's wall clock that is being watched. */
interface Suspicion {
  readonly offsetMs: number
  readonly sinceSamples: number
}

/**
 * Wall time for schedules: house time plus an offset that follows the system's wall clock, but never jumps with it. Small
 * differences are worked off slowly; a step is reported, and believed only after it has held, so that an operator's slip or
 * a lying time server does not put the evening's programme on air at noon.
 *
 * What is on air must not move even when a step is believed. Therefore its owner converts the times of an order with
 * `samplesAtWall` when it is accepted, again in `onAdopt` as long as its start is still to come, and never after: once begun,
 * an order stands on the house clock. A stop is put at the house time at which it is given.
 */
export class WallClock {
  readonly #clock: Clock
  readonly #house: HouseClock
  readonly #options: Required<Pick<WallClockOptions, 'stepMs' | 'holdMs' | 'slewPpm'>> & WallClockOptions
  #offsetMs: number
  #observedSamples: number
  #suspicion: Suspicion | null = null

  constructor(clock: Clock, house: HouseClock, options: WallClockOptions = {}) {
    this.#clock = clock
    this.#house = house
    this.#options = { stepMs: 1000, holdMs: 60_000, slewPpm: 500, ...options }
    this.#observedSamples = house.nowSamples()
    this.#offsetMs = options.offsetMs ?? this.#systemOffsetMs(this.#observedSamples)
  }

  /** Wall time minus house time, as followed now. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  /** The step that is being watched, or null. */
  get suspectedStepMs(): number | null {
    return this.#suspicion === null ? null : this.#suspicion.offsetMs - this.#offsetMs
  }

  /** Wall time, in ms since 1970 with a fraction, at which a house sample stands as far as is known now. */
  wallMsAt(samples: number): number {
    return houseMsAt(samples) + this.#offsetMs
  }

  /** House sample, an integer, at which a wall time stands as far as is known now. */
  samplesAtWall(wallMs: number): number {
    return msToSamples(wallMs - HOUSE_EPOCH_WALL_MS - this.#offsetMs)
  }

  /** Compares with the system's wall clock and follows it as far as allowed. To be called about once a second. */
  observe(): void {
    const { stepMs, holdMs, slewPpm, onFault, onAdopt, onWithdraw } = this.#options
    const nowSamples = this.#house.nowSamples()
    const elapsedMs = Math.max(0, samplesToMs(nowSamples - this.#observedSamples))
    this.#observedSamples = nowSamples
    const systemMs = this.#systemOffsetMs(nowSamples)
    const errorMs = systemMs - this.#offsetMs
    const suspicion = this.#suspicion

    if (Math.abs(errorMs) < stepMs) {
      const mostMs = (elapsedMs * slewPpm) / 1e6
      this.#offsetMs += Math.max(-mostMs, Math.min(mostMs, errorMs))
      if (suspicion === null) return
      this.#suspicion = null
      onWithdraw?.()
    } else if (suspicion === null || Math.abs(systemMs - suspicion.offsetMs) >= stepMs) {
      this.#suspicion = { offsetMs: systemMs, sinceSamples: nowSamples }
      const message = `the system's wall clock is ${describe(errorMs)} house time; plans follow it if this lasts ${String(holdMs / 1000)} s; what is on air is not touched`
      onFault?.({ code: 'LOA_FAULT_WALL_CLOCK_STEP', message, stepMs: errorMs })
    } else if (samplesToMs(nowSamples - suspicion.sinceSamples) >= holdMs) {
      this.#suspicion = null
      this.#offsetMs = systemMs
      onAdopt?.(errorMs)
    }
  }

  #systemOffsetMs(nowSamples: number): number {
    return this.#clock.wallMs() - HOUSE_EPOCH_WALL_MS - samplesToMs(nowSamples)
  }
}

const describe = (errorMs: number): string => `${(Math.abs(errorMs) / 1000).toFixed(1)} s ${errorMs > 0 ? 'ahead of' : 'behind'}`
