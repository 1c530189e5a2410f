import type { BusFrame } from './frame-bus.ts'

/**
 * The last frames of one room in one format, shared by everybody who hears it. Nobody copies a frame: a listener holds an
 * index, the ring holds the bytes.
 *
 * ```
 *            oldest = newest − capacity + 1                     newest
 *   slots:  [ n−7 ][ n−6 ][  –  ][ n−4 ][ n−3 ][ n−2 ][ n−1 ][  n  ]     slot of frame i = i & mask
 *                            ↑ never came: a hole
 * ```
 */
export class FrameRing {
  readonly capacity: number
  readonly #mask: number
  readonly #slots: (BusFrame | undefined)[]
  #newest = -1

  /** @param minFrames least number of frames kept; rounded up to a power of two. */
  constructor(minFrames: number) {
    this.capacity = 2 ** Math.ceil(Math.log2(Math.max(2, minFrames)))
    this.#mask = this.capacity - 1
    this.#slots = new Array<BusFrame | undefined>(this.capacity)
  }

  /** Index of the newest frame, −1 while empty. */
  get newest(): number {
    return this.#newest
  }

  /** @returns false when the frame is older than everything kept, or stands here already: the first one in is the one that was heard. */
  put(frame: BusFrame): boolean {
    const index = frame.frameIndex
    if (index <= this.#newest - this.capacity) return false
    const slot = this.#slot(index)
    if (this.#slots[slot]?.frameIndex === index) return false
    this.#slots[slot] = frame
    if (index > this.#newest) this.#newest = index
    return true
  }

  get(frameIndex: number): BusFrame | undefined {
    const frame = this.#slots[this.#slot(frameIndex)]
    return frame?.frameIndex === frameIndex ? frame : undefined
  }

  /** Indices pass 2^32 after 2.7 years, so the mask works on the remainder. */
  #slot(frameIndex: number): number {
    return (frameIndex % this.capacity) & this.#mask
  }
}
