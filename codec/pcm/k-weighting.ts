/** The filter by which loudness is measured (ITU-R BS.1770-4, annex 1), at 48 kHz: a shelf for the head, then a high pass. */
const SHELF = { b0: 1.53512485958697, b1: -2.69169618940638, b2: 1.19839281085285, a1: -1.69065929318241, a2: 0.73248077421585 } as const
const HIGH_PASS = { a1: -1.99004745483398, a2: 0.99007225036621 } as const

/** What is added to the mean square of what the filter lets through. */
const OFFSET_DB = -0.691

/** Mean square after the filter to LUFS, or LU; −Infinity for nothing. */
export const loudnessOf = (meanSquare: number): number => OFFSET_DB + 10 * Math.log10(meanSquare)
export const meanSquareOf = (lufs: number): number => 10 ** ((lufs - OFFSET_DB) / 10)

/** K-weighted energy of a mono stream. */
export class KWeighting {
  #s1 = 0
  #s2 = 0
  #h1 = 0
  #h2 = 0

  /** @returns the sum of squares of what the filter makes of `block[from]` to `block[to - 1]`; the block is left as it is */
  energyOf(block: Float32Array, from: number, to: number): number {
    // Hot path: once a block for each source. Transposed form II.
    let s1 = this.#s1
    let s2 = this.#s2
    let h1 = this.#h1
    let h2 = this.#h2
    let energy = 0
    for (let i = from; i < to; i += 1) {
      const x = block[i]!
      const shelved = SHELF.b0 * x + s1
      s1 = SHELF.b1 * x - SHELF.a1 * shelved + s2
      s2 = SHELF.b2 * x - SHELF.a2 * shelved
      const y = shelved + h1
      h1 = -2 * shelved - HIGH_PASS.a1 * y + h2
      h2 = shelved - HIGH_PASS.a2 * y
      energy += y * y
    }
    // Numbers too small to be normal cost a hundred times as much.
    this.#s1 = normal(s1)
    this.#s2 = normal(s2)
    this.#h1 = normal(h1)
    this.#h2 = normal(h2)
    return energy
  }
}

const normal = (x: number): number => (Math.abs(x) < 1e-30 ? 0 : x)
