import { SAMPLE_RATE_HZ } from '../audio-format.ts'
import { CodecError } from '../codec-error.ts'
import { dbToGain } from './decibels.ts'

export interface LimiterOptions {
  /** Highest true peak let through. Default −1 dBTP (EBU R128). */
  readonly ceilingDbtp?: number
  /** How long before a peak the gain begins to go down; also the delay. Default 5 ms. */
  readonly lookAheadMs?: number
  /** Time constant of the gain coming back. Default 100 ms. */
  readonly releaseMs?: number
}

const PHASES = 4
const TAPS = 12
const LIMITS = { ceilingDbtp: { min: -40, max: 0 }, lookAheadMs: { min: 1, max: 50 }, releaseMs: { min: 1, max: 5000 } } as const

/** What four-fold oversampling may still miss of a peak between its points, with the ripple of so short a filter. */
const MARGIN = dbToGain(-0.4)

/** Interpolator that shows the signal between its samples: phases × taps, windowed sinc, each phase with a sum of 1 (as in ITU-R BS.1770, annex 2). */
const INTERPOLATOR = designInterpolator()
/** No true peak is higher than this times the highest sample. */
const WORST_OVERSHOOT = Math.max(...INTERPOLATOR.map((phase) => phase.reduce((sum, tap) => sum + Math.abs(tap), 0)))

function designInterpolator(): Float64Array[] {
  return Array.from({ length: PHASES }, (_, phase) => {
    const taps = Float64Array.from({ length: TAPS }, (__, tap) => {
      const x = tap - TAPS / 2 + 1 - phase / PHASES
      const across = x / (TAPS / 2)
      const window = Math.abs(across) >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * across)
      return (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window
    })
    const sum = taps.reduce((total, tap) => total + tap, 0)
    return taps.map((tap) => tap / sum)
  })
}

/**
 * Look-ahead limiter on true peaks, in place on a stream of blocks of any size, 48 kHz mono.
 *
 * The gain each sample may have follows from the peak around it; its minimum over the look-ahead, averaged over the same time, comes down
 * smoothly and has arrived when the peak comes out. It goes back up exponentially. Sound below the ceiling passes unchanged, delayed by `delaySamples`.
 */
export class TruePeakLimiter {
  readonly delaySamples: number
  readonly #ceiling: number
  readonly #release: number
  readonly #lookAhead: number
  /** The last TAPS samples, twice over, so that they can be read as one piece. */
  readonly #recent = new Float64Array(2 * TAPS)
  #recentAt = 0
  readonly #delayed: Float32Array
  #delayedAt = 0
  /** Sliding minimum: gains that may still become it, rising, each with the sample it came with. */
  readonly #minGains: Float64Array
  readonly #minTimes: Float64Array
  #minHead = 0
  #minCount = 0
  readonly #averaged: Float64Array
  #averagedAt = 0
  #averagedSum: number
  #held = 1
  #time = 0
  #quietSamples = 0

  /** @throws CodecError `CODEC_ERR_OPTION` */
  constructor(options: LimiterOptions = {}) {
    const ceilingDbtp = checked('ceilingDbtp', options.ceilingDbtp ?? -1)
    this.#ceiling = dbToGain(ceilingDbtp) * MARGIN
    this.#lookAhead = Math.round((checked('lookAheadMs', options.lookAheadMs ?? 5) * SAMPLE_RATE_HZ) / 1000)
    this.#release = 1 - Math.exp(-1000 / (SAMPLE_RATE_HZ * checked('releaseMs', options.releaseMs ?? 100)))
    // A peak is known TAPS / 2 samples after it came in; it must come out no sooner than the averaged gain is down.
    this.delaySamples = this.#lookAhead + TAPS / 2
    this.#delayed = new Float32Array(this.delaySamples)
    this.#minGains = new Float64Array(this.#lookAhead + 3)
    this.#minTimes = new Float64Array(this.#lookAhead + 3)
    this.#averaged = new Float64Array(this.#lookAhead).fill(1)
    this.#averagedSum = this.#lookAhead
  }

  /** In place; what comes out is `delaySamples` older. NaN counts as silence. */
  process(block: Float32Array): void {
    for (let i = 0; i < block.length; i += 1) {
      const x = block[i] as number
      const sample = Number.isFinite(x) ? x : 0
      const gain = this.#averageGain(this.#releasedGain(this.#minimumGain(this.#allowedGain(sample))))
      block[i] = (this.#delayed[this.#delayedAt] as number) * gain
      this.#delayed[this.#delayedAt] = sample
      this.#delayedAt = this.#delayedAt + 1 === this.delaySamples ? 0 : this.#delayedAt + 1
      this.#time += 1
    }
  }

  /** What the highest of the four points after the middle sample of the last `TAPS` allows. */
  #allowedGain(sample: number): number {
    this.#recent[this.#recentAt] = sample
    this.#recent[this.#recentAt + TAPS] = sample
    this.#recentAt = this.#recentAt + 1 === TAPS ? 0 : this.#recentAt + 1
    // Most sound is far from the ceiling, and then the four sums need not be made.
    if (Math.abs(sample) * WORST_OVERSHOOT > this.#ceiling) this.#quietSamples = 0
    else this.#quietSamples += 1
    if (this.#quietSamples >= TAPS) return 1

    let peak = 0
    for (const taps of INTERPOLATOR) {
      let sum = 0
      for (let tap = 0; tap < TAPS; tap += 1) sum += (taps[tap] as number) * (this.#recent[this.#recentAt + tap] as number)
      peak = Math.max(peak, Math.abs(sum))
    }
    return peak > this.#ceiling ? this.#ceiling / peak : 1
  }

  #minimumGain(allowed: number): number {
    const size = this.#minGains.length
    while (this.#minCount > 0 && (this.#minGains[(this.#minHead + this.#minCount - 1) % size] as number) >= allowed) this.#minCount -= 1
    const at = (this.#minHead + this.#minCount) % size
    this.#minGains[at] = allowed
    this.#minTimes[at] = this.#time
    this.#minCount += 1
    // One sample longer than the average: a peak lies between two samples, and the later of them comes out one later.
    if ((this.#minTimes[this.#minHead] as number) < this.#time - this.#lookAhead - 1) {
      this.#minHead = (this.#minHead + 1) % size
      this.#minCount -= 1
    }
    return this.#minGains[this.#minHead] as number
  }

  #releasedGain(minimum: number): number {
    this.#held = minimum < this.#held ? minimum : this.#held + (minimum - this.#held) * this.#release
    if (minimum === 1 && this.#held > 0.99999) this.#held = 1
    return this.#held
  }

  #averageGain(gain: number): number {
    this.#averagedSum += gain - (this.#averaged[this.#averagedAt] as number)
    this.#averaged[this.#averagedAt] = gain
    this.#averagedAt += 1
    if (this.#averagedAt === this.#lookAhead) {
      this.#averagedAt = 0
      // Once around, the sum is made afresh: rounding may not pile up over days.
      this.#averagedSum = this.#averaged.reduce((sum, value) => sum + value, 0)
    }
    return Math.min(1, this.#averagedSum / this.#lookAhead)
  }
}

function checked(name: keyof typeof LIMITS, value: number): number {
  const { min, max } = LIMITS[name]
  if (value >= min && value <= max) return value
  throw new CodecError('CODEC_ERR_OPTION', `${name} must be from ${String(min)} to ${String(max)}, not ${String(value)}`)
}
