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

const STEP_SAMPLES = SAMPLE_RATE_HZ / 100
/** A constant of full scale leaves this much in the difference of the two sums. */
const ROUNDING = 1e-12

/**
 * Notices that a source has gone silent: nothing but digital silence, or noise under a threshold, for a set time. A constant offset counts as silence: it
 * is how a dead sound card sounds. Levels are taken over 10 ms, so that a single click does not hide a silence for longer.
 */
export class SilenceDetector {
  readonly #thresholdPower: number
  readonly #afterSamples: number
  #silentSamples = 0
  #count = 0
  #squares = 0
  #sum = 0

  /**
   * @param thresholdDbfs RMS that still counts as silence; −90 is about what dithered 16-bit silence has
   * @param afterMs how long until `silent` is true
   */
  constructor(thresholdDbfs: number, afterMs: number) {
    this.#thresholdPower = 10 ** (thresholdDbfs / 10)
    this.#afterSamples = Math.round((afterMs * SAMPLE_RATE_HZ) / 1000)
  }

  get silent(): boolean {
    return this.#silentSamples >= this.#afterSamples
  }

  /** How long it has been silent now. */
  get silentMs(): number {
    return (this.#silentSamples * 1000) / SAMPLE_RATE_HZ
  }

  push(block: Float32Array): void {
    for (let i = 0; i < block.length; i += 1) {
      const x = block[i] as number
      const sample = Number.isFinite(x) ? x : 0
      this.#squares += sample * sample
      this.#sum += sample
      this.#count += 1
      if (this.#count === STEP_SAMPLES) this.#step()
    }
  }

  #step(): void {
    const mean = this.#sum / STEP_SAMPLES
    const power = this.#squares / STEP_SAMPLES - mean * mean
    this.#silentSamples = power <= this.#thresholdPower + ROUNDING ? this.#silentSamples + STEP_SAMPLES : 0
    this.#count = 0
    this.#squares = 0
    this.#sum = 0
  }
}
