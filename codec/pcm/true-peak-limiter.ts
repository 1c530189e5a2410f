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

/**
 * Interpolator that shows the signal between its samples: phases × taps, windowed sinc, each phase with a sum of 1 (as in ITU-R BS.1770, annex 2).
 * The first phase is the middle sample itself, `MIDDLE` of the window.
 */
const INTERPOLATOR = designInterpolator()
const MIDDLE = TAPS / 2 - 1
/** The other phases, one after the other. */
const BETWEEN = Float64Array.from(INTERPOLATOR.slice(1).flatMap((phase) => [...phase]))
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

/** What the options come to. */
export interface LimiterDesign {
  /** Highest amplitude let through, of what is seen of it. */
  readonly ceiling: number
  /** Samples above this may reach the ceiling between them. */
  readonly loud: number
  /** Part of the way back to 1 that the gain goes with each sample. */
  readonly release: number
  readonly lookAheadSamples: number
  readonly delaySamples: number
  /** Taps of the three points between two samples, one after the other. */
  readonly between: Float64Array
}

/** @throws CodecError `CODEC_ERR_OPTION` */
export function limiterDesign(options: LimiterOptions = {}): LimiterDesign {
  const ceiling = dbToGain(checked('ceilingDbtp', options.ceilingDbtp ?? -1)) * MARGIN
  const lookAheadSamples = Math.round((checked('lookAheadMs', options.lookAheadMs ?? 5) * SAMPLE_RATE_HZ) / 1000)
  const release = 1 - Math.exp(-1000 / (SAMPLE_RATE_HZ * checked('releaseMs', options.releaseMs ?? 100)))
  // A peak is known TAPS / 2 samples after it came in; it must come out no sooner than the averaged gain is down.
  return { ceiling, loud: ceiling / WORST_OVERSHOOT, release, lookAheadSamples, delaySamples: lookAheadSamples + TAPS / 2, between: BETWEEN }
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
  readonly #loud: number
  readonly #release: number
  readonly #lookAhead: number
  /** The last TAPS − 1 samples, oldest first. */
  readonly #recent = new Float64Array(TAPS - 1)
  /** `#recent`, and the block behind it. */
  #window = new Float64Array(0)
  readonly #delayed: Float32Array
  /** What takes its place. */
  readonly #coming: Float32Array
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
  /** So many samples in a row were let through as they are. */
  #openSamples = 0

  /** @throws CodecError `CODEC_ERR_OPTION` */
  constructor(options: LimiterOptions = {}) {
    const { ceiling, loud, release, lookAheadSamples, delaySamples } = limiterDesign(options)
    this.#ceiling = ceiling
    this.#loud = loud
    this.#lookAhead = lookAheadSamples
    this.#release = release
    this.delaySamples = delaySamples
    this.#delayed = new Float32Array(this.delaySamples)
    this.#coming = new Float32Array(this.delaySamples)
    this.#minGains = new Float64Array(this.#lookAhead + 3)
    this.#minTimes = new Float64Array(this.#lookAhead + 3)
    this.#averaged = new Float64Array(this.#lookAhead).fill(1)
    this.#averagedSum = this.#lookAhead
  }

  /** As if nothing had come yet: what was still on its way is dropped. */
  reset(): void {
    this.#recent.fill(0)
    this.#delayed.fill(0)
    this.#averaged.fill(1)
    this.#averagedSum = this.#lookAhead
    this.#delayedAt = this.#averagedAt = this.#minHead = this.#minCount = this.#time = this.#quietSamples = this.#openSamples = 0
    this.#held = 1
  }

  /** In place; what comes out is `delaySamples` older. NaN counts as silence. */
  process(block: Float32Array): void {
    // Hot path: once per frame, on boards with a slow core and a compiler that optimises little. Hence plain loops over local names.
    if (this.#isOpen && this.#isFarBelow(block)) this.#delayOnly(block)
    else this.#limit(block)
  }

  /** Nothing of what was held down is left in any memory: twice around, for the sum that is made afresh. */
  get #isOpen(): boolean {
    return this.#openSamples >= 2 * this.#lookAhead && this.#quietSamples >= TAPS
  }

  /** Whether no sum of the interpolator could reach the ceiling, and the block is long enough to be all that is remembered. False for NaN. */
  #isFarBelow(block: Float32Array): boolean {
    if (block.length < Math.max(TAPS, this.delaySamples)) return false
    const loud = this.#loud
    for (let i = 0; i < block.length; i += 1) if (!(Math.abs(block[i] as number) <= loud)) return false
    return true
  }

  /** What `#limit` comes to for a block that needs no limiting after others that needed none. */
  #delayOnly(block: Float32Array): void {
    const { delaySamples } = this
    const delayed = this.#delayed
    for (let i = 0; i < TAPS - 1; i += 1) this.#recent[i] = block[block.length - TAPS + 1 + i] as number
    const coming = this.#coming
    const first = block.length - delaySamples
    for (let i = 0; i < delaySamples; i += 1) coming[i] = block[first + i] as number
    block.copyWithin(delaySamples, 0)
    for (let i = 0, at = this.#delayedAt; i < delaySamples; i += 1) {
      block[i] = delayed[at] as number
      at = at + 1 === delaySamples ? 0 : at + 1
    }
    delayed.set(coming)
    this.#delayedAt = 0
    this.#time += block.length
    this.#minGains[this.#minHead] = 1
    this.#minTimes[this.#minHead] = this.#time - 1
    this.#minCount = 1
  }

  #limit(block: Float32Array): void {
    const { delaySamples } = this
    const window = this.#fillWindow(block)
    const delayed = this.#delayed
    const averaged = this.#averaged
    const release = this.#release
    const lookAhead = this.#lookAhead
    const loud = this.#loud
    let held = this.#held
    let quietSamples = this.#quietSamples
    let openSamples = this.#openSamples
    let delayedAt = this.#delayedAt
    let averagedAt = this.#averagedAt
    let averagedSum = this.#averagedSum
    for (let i = 0; i < block.length; i += 1) {
      const sample = window[i + TAPS - 1] as number
      quietSamples = Math.abs(sample) > loud ? 0 : quietSamples + 1
      // Most sound is far from the ceiling, and then the sums need not be made.
      const allowed = quietSamples >= TAPS ? 1 : this.#allowedGain(window, i)
      const minimum = this.#minimumGain(allowed)

      held = minimum < held ? minimum : held + (minimum - held) * release
      if (minimum === 1 && held > 0.99999) held = 1
      openSamples = held === 1 ? openSamples + 1 : 0

      averagedSum += held - (averaged[averagedAt] as number)
      averaged[averagedAt] = held
      averagedAt += 1
      if (averagedAt === lookAhead) {
        averagedAt = 0
        // Once around, the sum is made afresh: rounding may not pile up over days.
        averagedSum = 0
        for (let at = 0; at < lookAhead; at += 1) averagedSum += averaged[at] as number
      }
      block[i] = (delayed[delayedAt] as number) * Math.min(1, averagedSum / lookAhead)
      delayed[delayedAt] = sample
      delayedAt = delayedAt + 1 === delaySamples ? 0 : delayedAt + 1
      this.#time += 1
    }
    this.#held = held
    this.#quietSamples = quietSamples
    this.#openSamples = openSamples
    this.#delayedAt = delayedAt
    this.#averagedAt = averagedAt
    this.#averagedSum = averagedSum
  }

  /** @returns the block with the TAPS − 1 samples before it; the next ones are remembered */
  #fillWindow(block: Float32Array): Float64Array {
    const samples = block.length + TAPS - 1
    if (this.#window.length < samples) this.#window = new Float64Array(samples)
    const window = this.#window
    window.set(this.#recent)
    for (let i = 0; i < block.length; i += 1) {
      const x = block[i] as number
      window[TAPS - 1 + i] = Number.isFinite(x) ? x : 0
    }
    for (let i = 0; i < TAPS - 1; i += 1) this.#recent[i] = window[block.length + i] as number
    return window
  }

  /** What the highest of the four points after the middle sample of `TAPS` allows. */
  #allowedGain(window: Float64Array, from: number): number {
    const taps = BETWEEN
    let peak = Math.abs(window[from + MIDDLE] as number)
    for (let tap = 0; tap < taps.length;) {
      let sum = 0
      for (let x = from; x < from + TAPS; x += 4, tap += 4) {
        sum += taps[tap]! * window[x]! + taps[tap + 1]! * window[x + 1]! + taps[tap + 2]! * window[x + 2]! + taps[tap + 3]! * window[x + 3]!
      }
      const point = Math.abs(sum)
      if (point > peak) peak = point
    }
    return peak > this.#ceiling ? this.#ceiling / peak : 1
  }

  #minimumGain(allowed: number): number {
    const gains = this.#minGains
    const times = this.#minTimes
    if (this.#minCount === 1 && allowed === 1 && gains[this.#minHead] === 1) {
      times[this.#minHead] = this.#time
      return 1
    }
    const size = gains.length
    while (this.#minCount > 0 && (gains[(this.#minHead + this.#minCount - 1) % size] as number) >= allowed) this.#minCount -= 1
    const at = (this.#minHead + this.#minCount) % size
    gains[at] = allowed
    times[at] = this.#time
    this.#minCount += 1
    // One sample longer than the average: a peak lies between two samples, and the later of them comes out one later.
    if ((times[this.#minHead] as number) < this.#time - this.#lookAhead - 1) {
      this.#minHead = (this.#minHead + 1) % size
      this.#minCount -= 1
    }
    return gains[this.#minHead] as number
  }
}

function checked(name: keyof typeof LIMITS, value: number): number {
  const { min, max } = LIMITS[name]
  if (value >= min && value <= max) return value
  throw new CodecError('CODEC_ERR_OPTION', `${name} must be from ${String(min)} to ${String(max)}, not ${String(value)}`)
}
