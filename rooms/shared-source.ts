import type { PcmSource } from './pcm-source.ts'

/** Programmes of one engine stand at most one block apart (phases of a tick); the rest is for a late one catching up. */
const KEPT_BLOCKS = 4

interface KeptBlock {
  fromSamples: number
  filledSamples: number
  readonly pcm: Float32Array
}

/** Lets any number of programmes read one source: each block is taken from it once and kept for the others. */
export class SharedSource implements PcmSource {
  readonly #source: PcmSource
  readonly #kept: KeptBlock[]
  #newest = -1
  #newestSamples = -Infinity

  constructor(source: PcmSource, blockSamples: number) {
    this.#source = source
    this.#kept = Array.from({ length: KEPT_BLOCKS }, () => ({ fromSamples: -Infinity, filledSamples: 0, pcm: new Float32Array(blockSamples) }))
  }

  read(block: Float32Array, fromSamples: number): number {
    // Hot path: once per block per programme.
    if (fromSamples > this.#newestSamples) {
      this.#newest = (this.#newest + 1) % KEPT_BLOCKS
      this.#newestSamples = fromSamples
      const next = this.#kept[this.#newest]!
      next.fromSamples = fromSamples
      next.filledSamples = this.#source.read(next.pcm, fromSamples)
    }
    for (const kept of this.#kept) {
      if (kept.fromSamples !== fromSamples) continue
      block.set(kept.pcm)
      return kept.filledSamples
    }
    return 0
  }
}
