export type Verdict = 'quiet' | 'good' | 'loud'

/** A word now and then must reach this, or it is drowned by what a loudspeaker's amplifier hums, dBFS. */
const QUIET_DBFS = -36
/** Beyond this a consonant more is cut off, dBFS. */
const LOUD_DBFS = -1
/** Speech pauses for breath; only what lasts longer is too quiet. */
const MEMORY_MS = 3000
/** What was too loud is said for so long, so that it can be read. */
const LOUD_MEMORY_MS = 1500

/** What the microphone hears, judged as a sound engineer would: not by the moment but by the last seconds. */
export class Loudness {
  #rmsDbfs = -Infinity
  #strongMs = -Infinity
  #loudMs = -Infinity
  #startedMs = NaN

  /** @param samples full scale ±1, the newest some ten ms */
  push(samples: Float32Array, nowMs: number): void {
    let sum = 0
    let peak = 0
    for (const sample of samples) {
      sum += sample * sample
      peak = Math.max(peak, Math.abs(sample))
    }
    if (Number.isNaN(this.#startedMs)) this.#startedMs = nowMs
    this.#rmsDbfs = 10 * Math.log10(sum / Math.max(1, samples.length))
    if (this.#rmsDbfs > QUIET_DBFS) this.#strongMs = nowMs
    if (20 * Math.log10(peak) > LOUD_DBFS) this.#loudMs = nowMs
  }

  /** Of the newest samples, dBFS; -Infinity for digital silence. */
  get rmsDbfs(): number {
    return this.#rmsDbfs
  }

  /** @returns null until there is enough to judge by */
  verdict(nowMs: number): Verdict | null {
    if (nowMs - this.#loudMs < LOUD_MEMORY_MS) return 'loud'
    if (nowMs - this.#strongMs < MEMORY_MS) return 'good'
    return nowMs - this.#startedMs < MEMORY_MS || Number.isNaN(this.#startedMs) ? null : 'quiet'
  }

  /** What was heard before means nothing any more. */
  reset(): void {
    this.#rmsDbfs = this.#strongMs = this.#loudMs = -Infinity
    this.#startedMs = NaN
  }
}

/** Length of the meter for a level: 0 at -60 dBFS, 1 at full scale. */
export const meterLength = (dbfs: number): number => Math.min(1, Math.max(0, (dbfs + 60) / 60))
