/** Raised-cosine fade: gain at `position` of a fade that is `length` samples long; 0 before it, 1 after it. Two of them, one reversed, add up to 1. */
export function fadeInGain(position: number, length: number): number {
  if (position >= length) return 1
  if (position <= 0) return 0
  return 0.5 - 0.5 * Math.cos((Math.PI * position) / length)
}

/**
 * Applies the part of a fade-in that falls on this block, in place.
 * @param position of the block's first sample in the fade; negative when the fade begins later (what is before it is silenced)
 * @param length of the whole fade in samples; 0 switches
 */
export function fadeIn(block: Float32Array, position: number, length: number): void {
  for (let i = 0; i < block.length && position + i < length; i += 1) block[i] = (block[i] as number) * fadeInGain(position + i, length)
}

/** The mirror image: what is after the end is silenced. */
export function fadeOut(block: Float32Array, position: number, length: number): void {
  for (let i = Math.max(0, -position); i < block.length; i += 1) block[i] = (block[i] as number) * fadeInGain(length - position - i, length)
}

/** A gain that moves without a step: every change runs over `rampSamples` along a raised cosine. */
export class GainRamp {
  readonly #rampSamples: number
  #from: number
  #to: number
  #position: number

  /** @param gain linear, 1 leaves the sound as it is */
  constructor(gain: number, rampSamples: number) {
    this.#rampSamples = rampSamples
    this.#from = gain
    this.#to = gain
    this.#position = rampSamples
  }

  /** Linear gain of the next sample. */
  get gain(): number {
    return this.#from + (this.#to - this.#from) * fadeInGain(this.#position, this.#rampSamples)
  }

  /** Starts from wherever a running ramp has come to. */
  set(gain: number): void {
    this.#from = this.gain
    this.#to = gain
    this.#position = 0
  }

  /** In place. */
  apply(block: Float32Array): void {
    if (this.#position >= this.#rampSamples) {
      this.#from = this.#to
      if (this.#to === 1) return
      for (let i = 0; i < block.length; i += 1) block[i] = (block[i] as number) * this.#to
      return
    }
    for (let i = 0; i < block.length; i += 1) {
      block[i] = (block[i] as number) * this.gain
      this.#position += 1
    }
  }
}
