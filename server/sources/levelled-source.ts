import { fadeInGain, Leveller, type LevellerOptions } from '../../codec/index.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import type { Levelling } from '../link/messages.ts'

/**
 * A source brought to the loudness of the house, once a block whoever reads it. Levelled sound comes later by the look-ahead of its limiter, some 4 ms; `off` changes
 * nothing and adds nothing. Going from one to the other is faded over a block.
 */
export class LevelledSource implements PcmSource {
  readonly #source: PcmSource
  readonly #leveller: Leveller
  readonly #plain: Float32Array
  #levelling: Levelling
  /** Whether the last whole block was levelled; undefined: there was none. */
  #wasOn: boolean | undefined

  constructor(source: PcmSource, levelling: Levelling, options: LevellerOptions, blockSamples: number) {
    this.#source = source
    this.#leveller = new Leveller(options)
    this.#plain = new Float32Array(blockSamples)
    this.#levelling = levelling
    this.levelling = levelling
  }

  /** From the next block on. */
  set levelling(levelling: Levelling) {
    this.#levelling = levelling
    if (levelling !== 'off') this.#leveller.manner = levelling
  }

  read(block: Float32Array, fromSamples: number): number {
    // Hot path: once a block for each source.
    const filled = this.#source.read(block, fromSamples)
    const wasOn = this.#wasOn
    const isOn = this.#levelling !== 'off'
    if (filled < block.length) {
      // What the chain fades away must be as loud as what it fades from.
      if (wasOn === true && filled > 0) this.#leveller.process(block.subarray(0, filled))
      this.#wasOn = undefined
      return filled
    }
    this.#wasOn = isOn
    if (!isOn && wasOn !== true) return filled
    if (wasOn !== true) this.#leveller.restart()
    if (wasOn === undefined || wasOn === isOn) {
      this.#leveller.process(block)
      return filled
    }
    this.#plain.set(block)
    this.#leveller.process(block)
    for (let i = 0; i < block.length; i += 1) {
      const share = fadeInGain(i + 0.5, block.length)
      const levelled = isOn ? share : 1 - share
      block[i] = block[i]! * levelled + this.#plain[i]! * (1 - levelled)
    }
    return filled
  }
}
