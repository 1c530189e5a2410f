import { FLOOR_DBFS, LevelMeter, SilenceDetector } from '../../codec/index.ts'

/** What dithered 16-bit silence has; nothing that anybody meant to be heard is below it. */
const SILENCE_DBFS = -90
const METER_WINDOW_MS = 1000

/** Level and silence of what a source brings, as it arrives. */
export class SoundMonitor {
  readonly #meter = new LevelMeter(METER_WINDOW_MS)
  readonly #detector: SilenceDetector
  readonly #detectsSilence: boolean
  #heard = false

  /** @param silenceMs digital silence for this long is silence; 0: never */
  constructor(silenceMs: number) {
    this.#detectsSilence = silenceMs > 0
    this.#detector = new SilenceDetector(SILENCE_DBFS, silenceMs)
  }

  /** Whether it is silent now, for as long as was set. */
  get silent(): boolean {
    return this.#detectsSilence && this.#detector.silent
  }

  get silentMs(): number {
    return this.#detector.silentMs
  }

  /** Whether there has ever been anything but silence. */
  get heard(): boolean {
    return this.#heard
  }

  get peakDbfs(): number {
    return this.#meter.level?.peakDbfs ?? FLOOR_DBFS
  }

  get rmsDbfs(): number {
    return this.#meter.level?.rmsDbfs ?? FLOOR_DBFS
  }

  push(pcm: Float32Array): void {
    this.#meter.push(pcm)
    const before = this.#detector.silentMs
    this.#detector.push(pcm)
    // Silence that grew by less than came in was broken by a sound.
    if (pcm.length >= MIN_JUDGED_SAMPLES && this.#detector.silentMs < before + (pcm.length * 1000) / 48_000 - STEP_MS) this.#heard = true
  }
}

const STEP_MS = 10
const MIN_JUDGED_SAMPLES = 1440
