import { SAMPLE_RATE_HZ } from '../audio-format.ts'
import { gainToDb, powerToDb } from './decibels.ts'

export interface Level {
  readonly peakDbfs: number
  readonly rmsDbfs: number
  /** Mean of the samples, of full scale 1: a constant offset eats headroom and clicks at every cut. */
  readonly dcOffset: number
  /** Samples in runs of `CLIP_RUN_SAMPLES` or more at full scale. */
  readonly clippedSamples: number
}

/** A single sample at full scale happens; three in a row are a cut-off wave. */
export const CLIP_RUN_SAMPLES = 3
const FULL_SCALE = 32767 / 32768

/** Level of a stream, window by window: the last whole window stands until the next is full. */
export class LevelMeter {
  readonly #windowSamples: number
  #level: Level | undefined
  #count = 0
  #peak = 0
  #squares = 0
  #sum = 0
  #clipped = 0
  #clipRun = 0

  /** @param windowMs default 300 ms, what operators' meters are read by */
  constructor(windowMs = 300) {
    this.#windowSamples = Math.max(1, Math.round((windowMs * SAMPLE_RATE_HZ) / 1000))
  }

  /** The last whole window; undefined until there is one. */
  get level(): Level | undefined {
    return this.#level
  }

  push(block: Float32Array): void {
    for (let i = 0; i < block.length; i += 1) {
      const x = block[i] as number
      const sample = Number.isFinite(x) ? x : 0
      const magnitude = Math.abs(sample)
      if (magnitude > this.#peak) this.#peak = magnitude
      this.#squares += sample * sample
      this.#sum += sample
      if (magnitude >= FULL_SCALE) {
        this.#clipRun += 1
        if (this.#clipRun === CLIP_RUN_SAMPLES) this.#clipped += CLIP_RUN_SAMPLES
        else if (this.#clipRun > CLIP_RUN_SAMPLES) this.#clipped += 1
      } else {
        this.#clipRun = 0
      }
      this.#count += 1
      if (this.#count === this.#windowSamples) this.#close()
    }
  }

  #close(): void {
    this.#level = {
      peakDbfs: gainToDb(this.#peak),
      rmsDbfs: powerToDb(this.#squares / this.#count),
      dcOffset: this.#sum / this.#count,
      clippedSamples: this.#clipped,
    }
    this.#count = 0
    this.#peak = 0
    this.#squares = 0
    this.#sum = 0
    this.#clipped = 0
  }
}
