import { FRAME_FLAG } from './frame-bus.ts'
import { levelDbAt, type LevelRamp } from './mix-room.ts'

/** Fills blocks of a programme, whatever happens to its sources: a chain of sources, or several mixed. */
export interface BlockRenderer {
  /**
   * Fills the whole of `block` with what sounds from house sample `fromSamples` on.
   * @returns bits of FRAME_FLAG
   */
  render(block: Float32Array, fromSamples: number): number
  /** How often a source that sounded ran dry. */
  readonly starvedTotal: number
}

/** Above this amplitude (-1 dBFS) sums are bent, so that no sum passes full scale; below it nothing is changed. */
export const KNEE = 10 ** (-1 / 20)
const HEADROOM = 1 - KNEE

/**
 * Bends what is above the knee of a sum towards full scale, in place. Without delay, because a mixed room must stand on the same samples as
 * the rooms it is made of: listeners come from them and go back to them.
 */
export function bendPeaks(block: Float32Array, from = 0, until = block.length): void {
  for (let i = from; i < until; i++) {
    const x = block[i]!
    if (x > KNEE) block[i] = KNEE + HEADROOM * Math.tanh((x - KNEE) / HEADROOM)
    else if (x < -KNEE) block[i] = -KNEE - HEADROOM * Math.tanh((-x - KNEE) / HEADROOM)
  }
}

/** Gain of what comes in with equal power, at the middle of sample `position` of a fade of `samples`; that of what goes out is `fadeOutGain`. */
export const fadeInGain = (position: number, samples: number): number => (position >= samples ? 1 : position < 0 ? 0 : Math.sin((Math.PI / 2) * ((position + 0.5) / samples)))
export const fadeOutGain = (position: number, samples: number): number => (position >= samples ? 0 : position < 0 ? 1 : Math.cos((Math.PI / 2) * ((position + 0.5) / samples)))

/** Both bridged: nothing real sounds. Either fades: a fade is heard. */
const flagsOf = (a: number, b: number): number => (a & b & FRAME_FLAG.BRIDGED) | ((a | b) & FRAME_FLAG.FADE)

/** One sound fades into another with equal power; see Crossfade in mix-room.ts. */
export class CrossfadeMixer implements BlockRenderer {
  readonly #from: BlockRenderer
  readonly #to: BlockRenderer
  readonly #atSamples: number
  readonly #samples: number
  readonly #scratch: Float32Array

  constructor(from: BlockRenderer, to: BlockRenderer, { atSamples, samples }: { readonly atSamples: number; readonly samples: number }, blockSamples: number) {
    this.#from = from
    this.#to = to
    this.#atSamples = atSamples
    this.#samples = samples
    this.#scratch = new Float32Array(blockSamples)
  }

  get starvedTotal(): number {
    return this.#from.starvedTotal + this.#to.starvedTotal
  }

  render(block: Float32Array, fromSamples: number): number {
    // Hot path. What comes in is asked for before it sounds: being asked is how a source knows that it is needed.
    const flagsTo = this.#to.render(block, fromSamples)
    const begins = this.#atSamples - fromSamples
    const ends = begins + this.#samples
    if (ends <= 0) return flagsTo
    const other = this.#scratch
    const flagsFrom = this.#from.render(other, fromSamples)
    if (begins >= block.length) {
      block.set(other)
      return flagsFrom
    }
    for (let i = Math.min(begins, block.length) - 1; i >= 0; i--) block[i] = other[i]!
    const first = Math.max(0, begins)
    const last = Math.min(block.length, ends)
    for (let i = first; i < last; i++) {
      const position = i - begins
      block[i] = other[i]! * fadeOutGain(position, this.#samples) + block[i]! * fadeInGain(position, this.#samples)
    }
    bendPeaks(block, first, last)
    return flagsOf(flagsFrom, flagsTo)
  }
}

/** One sound over another, which goes on at a lower level; see Overlay in mix-room.ts. */
export class OverlayMixer implements BlockRenderer {
  readonly #over: BlockRenderer | null
  readonly #under: BlockRenderer
  readonly #level: LevelRamp
  readonly #scratch: Float32Array

  constructor(over: BlockRenderer | null, under: BlockRenderer, level: LevelRamp, blockSamples: number) {
    this.#over = over
    this.#under = under
    this.#level = level
    this.#scratch = new Float32Array(blockSamples)
  }

  get starvedTotal(): number {
    return this.#under.starvedTotal + (this.#over?.starvedTotal ?? 0)
  }

  render(block: Float32Array, fromSamples: number): number {
    // Hot path.
    const flags = this.#under.render(block, fromSamples)
    this.#applyLevel(block, fromSamples)
    if (this.#over === null) return flags
    const over = this.#scratch
    const flagsOver = this.#over.render(over, fromSamples)
    for (let i = 0; i < block.length; i++) block[i] = block[i]! + over[i]!
    bendPeaks(block)
    return flagsOf(flags, flagsOver)
  }

  #applyLevel(block: Float32Array, fromSamples: number): void {
    const level = this.#level
    const last = levelDbAt(level, fromSamples + block.length)
    if (levelDbAt(level, fromSamples) === last) {
      if (last === 0) return
      const gain = gainOf(last)
      for (let i = 0; i < block.length; i++) block[i] = block[i]! * gain
      return
    }
    for (let i = 0; i < block.length; i++) block[i] = block[i]! * gainOf(levelDbAt(level, fromSamples + i))
  }
}

const gainOf = (db: number): number => 10 ** (db / 20)
