import { SAMPLE_RATE_HZ } from '../../codec/playback.ts'
import type { LocalClock, Output, OutputPosition } from '../ports.ts'

export interface VirtualCardOptions {
  /** The true clock the crystal is off against. For a device whose own clock is off too, this is not that clock. */
  readonly trueMs: () => number
  /** The device's clock, in which positions are told. */
  readonly local: LocalClock
  /** The crystal is faster by this. */
  readonly ppm?: number
  /** What the agent keeps waiting in it. Default 40 ms. */
  readonly queueMs?: number
  /** Most it takes. Default 200 ms. */
  readonly bufferMs?: number
  /** It fetches so much at once. Default 5 ms. */
  readonly blockMs?: number
  /** Gets what leaves, in order, silence of underruns too, at the card's pace; given in each `position` and `write`. */
  readonly sink?: (pcm: Float32Array) => void
}

/**
 * A sound card without sound: a crystal that is off by a set ppm, a ring buffer, and blocks pulled at its own pace. It needs no timer:
 * whatever it would have done until now is done when it is looked at.
 */
export class VirtualCard implements Output {
  readonly queueMs: number
  readonly #options: VirtualCardOptions
  readonly #blockSamples: number
  readonly #capacity: number
  readonly #ring: Float32Array | null
  #sampleMs: number
  #lastPullMs: number
  #nextPullMs: number
  /** Of the block pulled last. */
  #pulledReal = 0
  #pulledSilent = 0
  #written = 0
  #left = 0
  #silent = 0
  #overflows = 0
  #closed = false

  constructor(options: VirtualCardOptions) {
    this.#options = options
    this.queueMs = options.queueMs ?? 40
    this.#blockSamples = Math.round(((options.blockMs ?? 5) * SAMPLE_RATE_HZ) / 1000)
    this.#capacity = Math.round(((options.bufferMs ?? 200) * SAMPLE_RATE_HZ) / 1000)
    this.#ring = options.sink === undefined ? null : new Float32Array(this.#capacity)
    this.#sampleMs = 1000 / (SAMPLE_RATE_HZ * (1 + (options.ppm ?? 0) / 1e6))
    this.#lastPullMs = options.trueMs()
    this.#nextPullMs = this.#lastPullMs
  }

  /** Samples that were thrown away because the buffer was full. */
  get overflowSamples(): number {
    return this.#overflows
  }

  /** Silence put in because nothing was there; in what the sink gets, samples stand so much later. */
  get silentSamples(): number {
    return this.#silent
  }

  /** The crystal changes its rate, as with temperature. */
  setPpm(ppm: number): void {
    this.#run()
    this.#sampleMs = 1000 / (SAMPLE_RATE_HZ * (1 + ppm / 1e6))
  }

  write(block: Float32Array, samples: number): void {
    this.#run()
    const taken = Math.min(samples, this.#capacity - (this.#written - this.#left))
    this.#overflows += samples - taken
    if (this.#ring !== null) {
      const at = this.#written % this.#capacity
      const first = Math.min(taken, this.#capacity - at)
      this.#ring.set(block.subarray(0, first), at)
      if (first < taken) this.#ring.set(block.subarray(first, taken), 0)
    }
    this.#written += taken
  }

  position(): OutputPosition | null {
    if (this.#closed) return null
    this.#run()
    // The card pulls a block at a time; what it pulled last begins to leave at that moment.
    const agoMs = this.#options.trueMs() - this.#lastPullMs
    return { leftSamples: this.#left - this.#pulledReal, silentSamples: this.#silent - this.#pulledSilent, atMs: this.#options.local.monotonicMs() - agoMs }
  }

  /** True position for measurements: which sample (of those written) leaves at this true time, with a fraction; NaN when it is silence of the card's own. */
  sampleAt(trueMs: number): number {
    const into = (trueMs - this.#lastPullMs) / this.#sampleMs
    const sample = this.#left - this.#pulledReal + into
    return sample >= this.#written || this.#pulledSilent > 0 ? NaN : sample
  }

  close(): Promise<void> {
    this.#closed = true
    return Promise.resolve()
  }

  #run(): void {
    // Hot path: twice per turn of each agent.
    const nowMs = this.#options.trueMs()
    while (this.#nextPullMs <= nowMs) this.#pull()
  }

  #pull(): void {
    const real = Math.min(this.#blockSamples, this.#written - this.#left)
    const silent = this.#blockSamples - real
    if (this.#ring !== null) {
      const block = new Float32Array(this.#blockSamples)
      const at = this.#left % this.#capacity
      const first = Math.min(real, this.#capacity - at)
      block.set(this.#ring.subarray(at, at + first), 0)
      if (first < real) block.set(this.#ring.subarray(0, real - first), first)
      this.#options.sink?.(block)
    }
    this.#left += real
    this.#silent += silent
    this.#pulledReal = real
    this.#pulledSilent = silent
    this.#lastPullMs = this.#nextPullMs
    this.#nextPullMs += this.#blockSamples * this.#sampleMs
  }
}
