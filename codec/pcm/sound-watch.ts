import { SAMPLE_RATE_HZ } from '../audio-format.ts'
import { Latch } from './latch.ts'
import { LoopDetector } from './loop-detector.ts'
import { MISREAD_SAMPLES, misreadAs, type MisreadFormat } from './misread.ts'
import { NoiseDetector } from './noise-detector.ts'

export const SOUND_FAULTS = ['silence', 'noise-floor', 'dc', 'noise', 'stuck', 'clipping', 'wrong-format'] as const
/**
 * What makes a source as good as absent although something comes: nothing but digital silence; nothing but the hiss or hum of a line; nothing but a
 * constant; loud noise; the same moments over and over; peaks cut off most of the time; bytes read in a format that is not theirs.
 */
export type SoundFault = (typeof SOUND_FAULTS)[number]

/** How long each must last, ms; 0: it is not looked for. */
export interface SoundWatchTimes {
  readonly silenceMs: number
  /** Steady noise, soft or loud. */
  readonly noiseFloorMs: number
  /** What nobody can have meant: a constant, loud white noise, a wrong format, gross clipping. */
  readonly brokenMs: number
  /** A loop of 0.1 to 4 s. */
  readonly stuckMs: number
}

/** What dithered 16-bit silence has; nothing that anybody meant to be heard is below it. */
const SILENCE_POWER = 1e-9
const STEP_MS = 10
const STEP_SAMPLES = (SAMPLE_RATE_HZ * STEP_MS) / 1000
/** A constant of full scale leaves this much in the difference of the two sums. */
const ROUNDING = 1e-12

const WINDOW_MS = 100
const DC_OFFSET = 0.01
/** With an offset, less than this beside it is nothing. */
const DC_DBFS = -50
/** What is told of a loop may be a multiple of it; so many of these at least. */
const LEAST_REPEATS = 2
const SECOND_MS = 1000
/** Each excerpt counts as a second: half of speech is pauses. */
const EXCERPT_EVERY_SAMPLES = SAMPLE_RATE_HZ / 2
/** Share of samples in runs at full scale from which speech is no more than a rattle. */
const CLIPPED_SHARE = 0.2
const STILL_CLIPPED_SHARE = 0.1

/** How long the sound must be in order until each is over, ms: as soon as can be told, so that of a voice that comes back no word is lost. */
const RECOVER_MS = { silence: 50, noiseFloor: 200, dc: 200, noise: 2000, steadyNoise: 1000, stuck: 1000, wrongFormat: 3000 } as const

/**
 * Tells whether what a source brings is worth hearing. Streaming; pushes of any size come to the same. Nothing is allocated but a few kilobytes a second while
 * the sound is rough.
 */
export class SoundWatch {
  readonly #times: SoundWatchTimes
  readonly #silence: Latch
  readonly #dc: Latch
  readonly #floor: Latch
  readonly #steadyNoise: Latch
  readonly #loudNoise: Latch
  readonly #stuck: Latch
  readonly #wrongFormat: Latch
  readonly #noise = new NoiseDetector(() => { this.#judgeWindow() })
  readonly #loop = new LoopDetector(() => { this.#judgeLoop() })
  readonly #excerpt = new Float32Array(MISREAD_SAMPLES)
  #misreadFormat: MisreadFormat | null = null
  #count = 0
  #sum = 0
  #squares = 0
  #excerptAt = 0
  #isClipping = false

  constructor(times: SoundWatchTimes) {
    const { silenceMs, noiseFloorMs, brokenMs, stuckMs } = times
    this.#times = times
    this.#silence = new Latch(silenceMs, RECOVER_MS.silence)
    this.#floor = new Latch(noiseFloorMs, RECOVER_MS.noiseFloor)
    this.#steadyNoise = new Latch(noiseFloorMs, RECOVER_MS.steadyNoise)
    this.#dc = new Latch(brokenMs, RECOVER_MS.dc)
    this.#loudNoise = new Latch(brokenMs, RECOVER_MS.noise)
    this.#wrongFormat = new Latch(brokenMs, RECOVER_MS.wrongFormat)
    // Its own time is counted by the loop.
    this.#stuck = new Latch(stuckMs === 0 ? 0 : 1, RECOVER_MS.stuck)
  }

  /** What is wrong now; the one that says most. */
  get fault(): SoundFault | null {
    if (this.#dc.isOn) return 'dc'
    if (this.#silence.isOn) return 'silence'
    if (this.#wrongFormat.isOn) return 'wrong-format'
    if (this.#stuck.isOn) return 'stuck'
    if (this.#loudNoise.isOn || this.#steadyNoise.isOn) return 'noise'
    if (this.#floor.isOn) return 'noise-floor'
    return this.#isClipping ? 'clipping' : null
  }

  /** Whether there has ever been anything but silence. */
  get heard(): boolean {
    return this.#silence.wasGood
  }

  /** What a sound in a wrong format seems to be. */
  get misreadFormat(): MisreadFormat | null {
    return this.#misreadFormat
  }

  /** Length of the loop that it is stuck in, or a multiple of it, ms. */
  get loopMs(): number {
    return this.#loop.periodMs
  }

  push(block: Float32Array): void {
    this.#watchSilence(block)
    if (this.#times.brokenMs > 0) this.#collectExcerpt(block)
    this.#noise.push(block)
    if (this.#times.stuckMs > 0) this.#loop.push(block)
  }

  /** @param share of the samples of the last ten seconds that stood in runs at full scale */
  judgeClipping(share: number): void {
    this.#isClipping = this.#times.brokenMs > 0 && share >= (this.#isClipping ? STILL_CLIPPED_SHARE : CLIPPED_SHARE)
  }

  #watchSilence(block: Float32Array): void {
    // Hot path: all that any source brings goes through here.
    let count = this.#count
    let sum = this.#sum
    let squares = this.#squares
    for (let i = 0; i < block.length; i += 1) {
      const x = block[i]!
      const sample = Number.isFinite(x) ? x : 0
      sum += sample
      squares += sample * sample
      count += 1
      if (count < STEP_SAMPLES) continue
      const mean = sum / STEP_SAMPLES
      this.#silence.push(squares / STEP_SAMPLES - mean * mean <= SILENCE_POWER + ROUNDING, STEP_MS)
      count = sum = squares = 0
    }
    this.#count = count
    this.#sum = sum
    this.#squares = squares
  }

  /** The first samples of each half second are looked at as bytes. */
  #collectExcerpt(block: Float32Array): void {
    for (let i = 0; i < block.length;) {
      const missing = MISREAD_SAMPLES - this.#excerptAt
      const take = Math.min(missing > 0 ? missing : EXCERPT_EVERY_SAMPLES - this.#excerptAt, block.length - i)
      if (missing > 0) for (let k = 0; k < take; k += 1) this.#excerpt[this.#excerptAt + k] = block[i + k]!
      this.#excerptAt += take
      i += take
      if (take === missing) this.#judgeExcerpt()
      if (this.#excerptAt === EXCERPT_EVERY_SAMPLES) this.#excerptAt = 0
    }
  }

  #judgeExcerpt(): void {
    const verdict = misreadAs(this.#excerpt)
    if (verdict === 'unknown') return
    if (verdict !== 'sound') this.#misreadFormat = verdict
    this.#wrongFormat.push(verdict !== 'sound', SECOND_MS)
  }

  #judgeWindow(): void {
    const { offset, levelDbfs, isLoudNoise, isSteady, isFloor } = this.#noise.window
    const isConstant = Math.abs(offset) >= DC_OFFSET && levelDbfs < DC_DBFS
    this.#dc.push(isConstant, WINDOW_MS)
    this.#loudNoise.push(isLoudNoise, WINDOW_MS)
    this.#floor.push(isFloor && isSteady, WINDOW_MS)
    this.#steadyNoise.push(!isFloor && isSteady, WINDOW_MS)
  }

  #judgeLoop(): void {
    const { loopMs, periodMs } = this.#loop
    this.#stuck.push(loopMs >= Math.max(this.#times.stuckMs, LEAST_REPEATS * periodMs), WINDOW_MS)
  }
}
