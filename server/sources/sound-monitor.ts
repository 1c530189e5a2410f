import { FLOOR_DBFS, LevelMeter, SAMPLE_RATE_HZ, SoundWatch, type Level, type SoundFault, type SoundWatchTimes } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'

const METER_WINDOW_MS = 1000
/** Clipping is told over so many windows: a single cut-off beat is no overdriven studio. */
const CLIP_WINDOWS = 10
const WINDOW_SAMPLES = (SAMPLE_RATE_HZ * METER_WINDOW_MS) / 1000

/** Level and soundness of what a source brings, as it arrives. */
export class SoundMonitor {
  readonly #meter = new LevelMeter(METER_WINDOW_MS)
  readonly #watch: SoundWatch
  readonly #clipped: number[] = []
  #judged: Level | undefined

  constructor(times: SoundWatchTimes) {
    this.#watch = new SoundWatch(times)
  }

  /** What is wrong with the sound now. */
  get fault(): SoundFault | null {
    return this.#watch.fault
  }

  /** Whether there is nothing worth hearing, so that whoever stands in is asked. Overdriven speech is still understood: it is told of, and played. */
  get isMissing(): boolean {
    const { fault } = this.#watch
    return fault !== null && fault !== 'clipping'
  }

  /** Whether there has ever been anything but silence. */
  get heard(): boolean {
    return this.#watch.heard
  }

  /** What is wrong, in words for the log and the screen; '' when nothing is. */
  get reason(): string {
    switch (this.#watch.fault) {
      case null: return ''
      case 'silence': return sourceReason('silence')
      case 'noise-floor': return sourceReason('noise-floor')
      case 'dc': return sourceReason('dc')
      case 'noise': return sourceReason('noise')
      case 'stuck': return sourceReason('stuck', `every ${(this.#watch.loopMs / 1000).toFixed(2)} s`)
      case 'clipping': return sourceReason('clipping', `${this.clippedPercent.toFixed(0)} %`)
      case 'wrong-format': return sourceReason('wrong-format', String(this.#watch.misreadFormat))
    }
  }

  get peakDbfs(): number {
    return this.#meter.level?.peakDbfs ?? FLOOR_DBFS
  }

  get rmsDbfs(): number {
    return this.#meter.level?.rmsDbfs ?? FLOOR_DBFS
  }

  /** Share of the samples in runs at full scale, over the last ten seconds. */
  get clippedPercent(): number {
    const samples = this.#clipped.length * WINDOW_SAMPLES
    return samples === 0 ? 0 : (this.#clipped.reduce((sum, count) => sum + count, 0) * 100) / samples
  }

  push(pcm: Float32Array): void {
    // In pieces of less than a window, so that none is missed.
    if (pcm.length <= WINDOW_SAMPLES) this.#measure(pcm)
    else for (let at = 0; at < pcm.length; at += WINDOW_SAMPLES) this.#measure(pcm.subarray(at, at + WINDOW_SAMPLES))
    this.#watch.push(pcm)
  }

  #measure(pcm: Float32Array): void {
    this.#meter.push(pcm)
    const { level } = this.#meter
    if (level === undefined || level === this.#judged) return
    this.#judged = level
    this.#clipped.push(level.clippedSamples)
    if (this.#clipped.length > CLIP_WINDOWS) this.#clipped.shift()
    if (this.#clipped.length === CLIP_WINDOWS) this.#watch.judgeClipping(this.clippedPercent / 100)
  }
}
