import { SAMPLE_RATE_HZ } from '../../codec/playback.ts'

const NOMINAL_MS = 1000 / SAMPLE_RATE_HZ
/** Older positions fade out of the estimate with this time constant. */
const MEMORY_MS = 15_000
/** Before anything is known of the crystal. */
const RATE_PRIOR_PPM = 200
/** What one report of a card's position may be off by, ms. */
const REPORT_ERROR_MS = 0.5
/** A card this far from where it should be has stopped in between (a suspended device, a stalled program); so many reports in a row begin it anew. */
const JUMP_MS = 20
const JUMP_REPORTS = 5

/** When a card's samples leave, from its reports of how many have left: least squares with fading memory, so the card's own crystal is known. */
export class CardClock {
  #known = false
  /** Samples and local time around which the sums are kept; both move on. */
  #originSamples = 0
  #originMs = 0
  #w0 = 0
  #w1 = 0
  #w2 = 0
  #y0 = 0
  #y1 = 0
  #offsetMs = 0
  /** Deviation of one sample's length, as a fraction. */
  #rate = 0
  #lastSamples = -1
  #jumps = 0
  #restartsTotal = 0

  get known(): boolean {
    return this.#known
  }

  /** The card is faster than the local clock by this. */
  get ppm(): number {
    return -this.#rate * 1e6
  }

  get restartsTotal(): number {
    return this.#restartsTotal
  }

  /** Local ms from one sample to the next. */
  get sampleMs(): number {
    return NOMINAL_MS * (1 + this.#rate)
  }

  /** Forgets everything: the device was opened anew. */
  reset(): void {
    this.#known = false
    this.#lastSamples = -1
  }

  /** Takes a report: so many samples had left at this local time. Reports that bring nothing new are passed over. */
  observe(samples: number, atMs: number): void {
    // Hot path: once per turn of each agent.
    if (samples === this.#lastSamples) return
    this.#lastSamples = samples
    if (!this.#known) {
      this.#begin(samples, atMs)
      return
    }
    const errorMs = atMs - this.leavesAtMs(samples)
    if (Math.abs(errorMs) > JUMP_MS) {
      if (++this.#jumps >= JUMP_REPORTS) {
        this.#restartsTotal++
        this.#begin(samples, atMs)
      }
      return
    }
    this.#jumps = 0
    this.#moveTo(samples)
    const weight = 1 / REPORT_ERROR_MS ** 2
    this.#w0 += weight
    this.#y0 += weight * (atMs - this.#originMs)
    this.#solve()
  }

  /** Local time at which the sample with this number leaves. */
  leavesAtMs(samples: number): number {
    const ahead = (samples - this.#originSamples) * NOMINAL_MS
    return this.#originMs + ahead + this.#offsetMs + this.#rate * ahead
  }

  /** Samples that have left at a local time. */
  leftAt(localMs: number): number {
    return this.#originSamples + (localMs - this.#originMs - this.#offsetMs) / this.sampleMs
  }

  #begin(samples: number, atMs: number): void {
    this.#known = true
    this.#jumps = 0
    this.#originSamples = samples
    this.#originMs = atMs
    this.#offsetMs = 0
    this.#rate = 0
    this.#w0 = 1 / REPORT_ERROR_MS ** 2
    this.#w1 = 0
    this.#w2 = 0
    this.#y0 = 0
    this.#y1 = 0
  }

  /** Moves the origin along the nominal card to a new report, and lets the past fade. Deviations from the nominal card stay what they are. */
  #moveTo(samples: number): void {
    const ahead = (samples - this.#originSamples) * NOMINAL_MS
    const fade = Math.exp(-ahead / MEMORY_MS)
    this.#w0 *= fade
    this.#w1 *= fade
    this.#w2 *= fade
    this.#y0 *= fade
    this.#y1 *= fade
    this.#w2 += ahead * (ahead * this.#w0 - 2 * this.#w1)
    this.#w1 -= ahead * this.#w0
    this.#y1 -= ahead * this.#y0
    this.#originMs += ahead
    this.#originSamples = samples
  }

  #solve(): void {
    const w2 = this.#w2 + 1 / ((RATE_PRIOR_PPM / 1e6) ** 2)
    const determinant = this.#w0 * w2 - this.#w1 * this.#w1
    this.#offsetMs = (this.#y0 * w2 - this.#y1 * this.#w1) / determinant
    this.#rate = (this.#w0 * this.#y1 - this.#w1 * this.#y0) / determinant
  }
}
