import { FLOOR_DBFS, LevelMeter, SilenceDetector, type Level } from '../../codec/index.ts'

/** What dithered 16-bit silence has; nothing that anybody meant to be heard is below it. */
const SILENCE_DBFS = -90
const METER_WINDOW_MS = 1000
/** Clipping is told over so many windows: a single cut-off beat is no overdriven studio. */
const CLIP_WINDOWS = 10

/** Level and silence of what a source brings, as it arrives. */
export class SoundMonitor {
  readonly #meter = new LevelMeter(METER_WINDOW_MS)
  readonly #detector: SilenceDetector
  readonly #detectsSilence: boolean
  readonly #clipped: number[] = []
  #judged: Level | undefined
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

  /** Share of the samples in runs at full scale, over the last ten seconds. */
  get clippedPercent(): number {
    const samples = this.#clipped.length * METER_WINDOW_MS * SAMPLES_PER_MS
    return samples === 0 ? 0 : (this.#clipped.reduce((sum, count) => sum + count, 0) * 100) / samples
  }

  push(pcm: Float32Array): void {
    // In pieces of less than a window, so that none is missed.
    for (let at = 0; at < pcm.length; at += SAMPLES_PER_MS * METER_WINDOW_MS) this.#measure(pcm.subarray(at, at + SAMPLES_PER_MS * METER_WINDOW_MS))
    const before = this.#detector.silentMs
    this.#detector.push(pcm)
    // Silence that grew by less than came in was broken by a sound.
    if (pcm.length >= MIN_JUDGED_SAMPLES && this.#detector.silentMs < before + pcm.length / SAMPLES_PER_MS - STEP_MS) this.#heard = true
  }

  #measure(pcm: Float32Array): void {
    this.#meter.push(pcm)
    const { level } = this.#meter
    if (level === undefined || level === this.#judged) return
    this.#judged = level
    this.#clipped.push(level.clippedSamples)
    if (this.#clipped.length > CLIP_WINDOWS) this.#clipped.shift()
  }
}

const SAMPLES_PER_MS = 48

const STEP_MS = 10
const MIN_JUDGED_SAMPLES = 1440
