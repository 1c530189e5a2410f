import { dbToGain, GainRamp, limiterDesign, SAMPLE_RATE_HZ, writeSine } from '../../codec/playback.ts'
import { limiterOnBoard } from '../native/board.ts'

const RAMP_SAMPLES = SAMPLE_RATE_HZ / 200
/** Decibels between full volume and a tenth of it; an even scale for the ear. */
const DB_PER_DECADE = 40
const LIMITER = { ceilingDbtp: -1, lookAheadMs: 2 } as const
const BEEP = { frequencyHz: 1000, onSamples: SAMPLE_RATE_HZ * 0.15, everySamples: SAMPLE_RATE_HZ * 0.3, amplitude: dbToGain(-12) } as const

export interface LevelOptions {
  /** 0 to 100. */
  readonly volumePercent: number
  /** An emergency is never heard at less than this, nor muted. */
  readonly emergencyVolumePercent: number
}

/** Volume in percent to linear gain: 100 % is 0 dB, 50 % −12 dB, 10 % −40 dB, 0 % nothing. */
export const volumeGain = (percent: number): number => (percent <= 0 ? 0 : 10 ** ((DB_PER_DECADE * Math.log10(Math.min(100, percent) / 100)) / 20))

/**
 * Volume, mute, the beep that tells one horn from the next, and the peak limiter. What an emergency overrides is not changed,
 * only not used for its frames, so afterwards everything is as it was.
 */
export class Level {
  volumePercent: number
  muted = false
  /** Part of the volume at which it sounds by the hours of its unit; no emergency does. */
  hoursPercent = 100
  readonly #emergencyPercent: number
  readonly #ramp: GainRamp
  #target: number
  #limiter: ReturnType<typeof limiterOnBoard> | null = null
  #beepLeft = 0
  #beepAt = 0
  #beepScratch: Float32Array | null = null

  constructor(options: LevelOptions) {
    this.volumePercent = options.volumePercent
    this.#emergencyPercent = options.emergencyVolumePercent
    this.#target = volumeGain(options.volumePercent)
    this.#ramp = new GainRamp(this.#target, RAMP_SAMPLES)
  }

  /** How much later sound comes out of `process`. */
  static readonly delaySamples = limiterDesign(LIMITER).delaySamples

  /** Gain for sound of this kind now. */
  gainFor(isEmergency: boolean): number {
    if (!isEmergency) return this.muted ? 0 : volumeGain((this.volumePercent * this.hoursPercent) / 100)
    return Math.max(this.muted ? 0 : volumeGain(this.volumePercent), volumeGain(this.#emergencyPercent))
  }

  /** Beeps for so long, muted or not. */
  identify(durationMs: number): void {
    this.#beepLeft = Math.round((durationMs * SAMPLE_RATE_HZ) / 1000)
    this.#beepAt = 0
  }

  /** In place, a stream of blocks; delayed by `delaySamples`. */
  process(block: Float32Array, isEmergency: boolean): void {
    // Hot path: once per frame.
    const gain = this.gainFor(isEmergency)
    if (gain !== this.#target) {
      this.#target = gain
      this.#ramp.set(gain)
    }
    this.#ramp.apply(block)
    // An emergency is not talked over.
    if (this.#beepLeft > 0 && !isEmergency) this.#beep(block)
    this.#limiter ??= limiterOnBoard(LIMITER)
    this.#limiter.process(block)
  }

  #beep(block: Float32Array): void {
    this.#beepScratch ??= new Float32Array(RAMP_SAMPLES)
    for (let at = 0; at < block.length && this.#beepLeft > 0; at += RAMP_SAMPLES) {
      const samples = Math.min(RAMP_SAMPLES, block.length - at)
      const into = this.#beepAt % BEEP.everySamples
      if (into < BEEP.onSamples) {
        const tone = this.#beepScratch.subarray(0, samples)
        writeSine(tone, into, BEEP.frequencyHz, BEEP.amplitude)
        for (let i = 0; i < samples; i++) block[at + i] = block[at + i]! * 0.25 + tone[i]!
      }
      this.#beepLeft -= samples
      this.#beepAt += samples
    }
  }
}
