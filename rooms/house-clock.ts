import { SAMPLE_RATE_HZ, samplesToMs } from './grid.ts'
import type { Clock } from './clock.ts'

/** House sample 0: 2026-01-01T00:00:00Z. Recent, so that 64-bit granules stay small for old players. */
export const HOUSE_EPOCH_WALL_MS = Date.UTC(2026, 0, 1)

/** House time, as ms since 1970 with a fraction, at which a house sample stands. */
export const houseMsAt = (samples: number): number => HOUSE_EPOCH_WALL_MS + samplesToMs(samples)

/** Ties the house clock to the machine's monotonic clock. Made once by the supervisor and given to every role, so that all agree. */
export interface HouseAnchor {
  readonly monotonicMs: number
  readonly houseSamples: number
}

/** Takes the anchor from the wall clock as it is now; afterwards the wall clock is never looked at again for media time. */
export function anchorFromWall(clock: Clock): HouseAnchor {
  const houseMs = clock.wallMs() - HOUSE_EPOCH_WALL_MS
  return { monotonicMs: clock.monotonicMs(), houseSamples: Math.round((houseMs * SAMPLE_RATE_HZ) / 1000) }
}

/** Media time: samples at 48 kHz since the epoch, advancing with the monotonic clock only. */
export class HouseClock {
  readonly anchor: HouseAnchor
  readonly #clock: Clock

  constructor(clock: Clock, anchor: HouseAnchor) {
    this.#clock = clock
    this.anchor = anchor
  }

  /** Samples, with a fraction. */
  nowSamples(): number {
    return this.samplesAt(this.#clock.monotonicMs())
  }

  samplesAt(monotonicMs: number): number {
    return this.anchor.houseSamples + ((monotonicMs - this.anchor.monotonicMs) * SAMPLE_RATE_HZ) / 1000
  }

  /** Monotonic time of a house sample, for timers. */
  monotonicMsAt(samples: number): number {
    return this.anchor.monotonicMs + ((samples - this.anchor.houseSamples) * 1000) / SAMPLE_RATE_HZ
  }
}
