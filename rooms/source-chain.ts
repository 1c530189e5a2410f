import { FRAME_FLAG } from './frame-bus.ts'
import type { BlockRenderer } from './mixer.ts'
import type { PcmSource } from './pcm-source.ts'

/** 10 ms at 48 kHz: long enough that no click is heard, short enough that no word is. */
export const FADE_SAMPLES = 480

/** Raised cosine from 0 to 1; rooms/ imports only types of codec/, so these few lines stand here. */
const fadeIn = Float32Array.from({ length: FADE_SAMPLES }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / FADE_SAMPLES))

const GONE: PcmSource = { read: () => 0 }

/**
 * A source and what stands in for it, first choice first. Each block comes from the first that has sound. Every change is
 * faded over 10 ms, and where nobody has sound there is silence: the block is always filled.
 */
export class SourceChain implements BlockRenderer {
  #sources: readonly PcmSource[]
  readonly #scratch: Float32Array
  /** Last samples given out, from which a fade is made when a source ends without a warning. */
  readonly #tail = new Float32Array(FADE_SAMPLES)
  /** Index of the source that sounds, or -1. */
  #current = -1
  #starvedTotal = 0

  constructor(sources: readonly PcmSource[], blockSamples: number) {
    if (blockSamples < FADE_SAMPLES) throw new RangeError(`blocks must have at least ${String(FADE_SAMPLES)} samples`)
    this.#sources = sources
    this.#scratch = new Float32Array(blockSamples)
  }

  /** Index of the source that sounds now; -1 when none does. */
  get current(): number {
    return this.#current
  }

  /** How often a sounding source ran dry. */
  get starvedTotal(): number {
    return this.#starvedTotal
  }

  /** Another order of preference. A source that sounds and stays in the list goes on sounding. */
  setSources(sources: readonly PcmSource[]): void {
    const sounding = this.#sources[this.#current]
    const place = sounding === undefined ? -1 : sources.indexOf(sounding)
    if (sounding !== undefined && place === -1) {
      // It leaves the list: the next block is its fade, made from what was heard last.
      this.#sources = [...sources, GONE]
      this.#current = sources.length
      return
    }
    this.#sources = sources
    this.#current = place
  }

  /** @returns bits of FRAME_FLAG */
  render(block: Float32Array, fromSamples: number): number {
    // Hot path: once per block per programme.
    const previous = this.#current
    let leftSamples = 0
    let chosen = -1
    for (let i = 0; i < this.#sources.length; i++) {
      const filled = this.#sources[i]!.read(block, fromSamples)
      if (filled === block.length) {
        chosen = i
        break
      }
      if (i === previous) {
        leftSamples = filled
        this.#scratch.set(block)
      }
    }

    let flags = 0
    if (chosen === previous) {
      if (chosen === -1) {
        block.fill(0)
        flags = FRAME_FLAG.BRIDGED
      }
    } else if (previous === -1) {
      for (let i = 0; i < FADE_SAMPLES; i++) block[i]! *= fadeIn[i]!
      this.#current = chosen
      flags = FRAME_FLAG.FADE
    } else if (chosen !== -1 && chosen < previous) {
      this.#current = chosen
      flags = FRAME_FLAG.FADE
      // The better source is back: both sound through the fade, unless the worse one ends at this very moment.
      const other = this.#sources[previous]!.read(this.#scratch, fromSamples)
      if (other < FADE_SAMPLES) this.#fadeOut(this.#scratch, other)
      for (let i = 0; i < FADE_SAMPLES; i++) block[i] = block[i]! * fadeIn[i]! + this.#scratch[i]! * (1 - fadeIn[i]!)
    } else {
      this.#starvedTotal++
      this.#current = -1
      flags = FRAME_FLAG.BRIDGED | FRAME_FLAG.FADE
      block.set(this.#scratch)
      this.#fadeOut(block, leftSamples)
    }
    this.#tail.set(block.subarray(block.length - FADE_SAMPLES))
    return flags
  }

  /**
   * Fades `block`, of which `leftSamples` are real, to silence within its last real samples. Where fewer than 10 ms are
   * left, what was heard last is played backwards from its end: that continues the wave without a step.
   */
  #fadeOut(block: Float32Array, leftSamples: number): void {
    const end = Math.max(leftSamples, FADE_SAMPLES)
    for (let i = leftSamples; i < end; i++) {
      const mirrored = 2 * leftSamples - 1 - i
      block[i] = mirrored >= 0 ? block[mirrored]! : this.#tail[FADE_SAMPLES + mirrored]!
    }
    for (let i = 0; i < FADE_SAMPLES; i++) block[end - FADE_SAMPLES + i]! *= 1 - fadeIn[i]!
    block.fill(0, end)
  }
}

/**
 * Ids of a source and its fallbacks in order. A cycle is refused by ending the chain before the first repeat.
 * @param fallbackOf fallback of a source; null or undefined: none, or no such source
 */
export function fallbackChain(sourceId: string, fallbackOf: (sourceId: string) => string | null | undefined): { readonly ids: readonly string[]; readonly cycle: boolean } {
  const ids: string[] = []
  for (let id: string | null | undefined = sourceId; id !== null && id !== undefined; id = fallbackOf(id)) {
    if (ids.includes(id)) return { ids, cycle: true }
    ids.push(id)
  }
  return { ids, cycle: false }
}
