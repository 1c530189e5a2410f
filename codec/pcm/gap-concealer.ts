import { fadeIn, fadeInGain } from './fade.ts'

/** 10 ms at 48 kHz. */
const FADE_SAMPLES = 480

/**
 * Bridges holes in uncompressed sound, where no codec can guess what was there: what was heard last is played backwards from its end and
 * faded away, which continues the wave without a step; the sound after the hole is faded in over what is left of that.
 */
export class GapConcealer {
  /** The last sound given out. */
  readonly #tail = new Float32Array(FADE_SAMPLES)
  /** What the hole is bridged with, and how much of it has been used. */
  readonly #bridge = new Float32Array(FADE_SAMPLES)
  #bridged = FADE_SAMPLES
  /** How much of the fade-in after a hole is done. */
  #fadedIn = FADE_SAMPLES
  #inHole = false

  /** Sound that came; faded in, in place, when it follows a hole. */
  push(pcm: Float32Array): void {
    this.#inHole = false
    if (this.#fadedIn < FADE_SAMPLES) {
      fadeIn(pcm, this.#fadedIn, FADE_SAMPLES)
      this.#fadedIn += pcm.length
      this.#addBridge(pcm)
    }
    if (pcm.length >= FADE_SAMPLES) {
      this.#tail.set(pcm.subarray(pcm.length - FADE_SAMPLES))
    } else {
      this.#tail.copyWithin(0, pcm.length)
      this.#tail.set(pcm, FADE_SAMPLES - pcm.length)
    }
  }

  /** The next samples of a hole. */
  conceal(samples: number): Float32Array {
    if (!this.#inHole) {
      this.#inHole = true
      this.#bridge.set(this.#tail)
      this.#bridged = 0
    }
    this.#fadedIn = 0
    const out = new Float32Array(samples)
    this.#addBridge(out)
    return out
  }

  #addBridge(out: Float32Array): void {
    for (let i = 0; i < out.length && this.#bridged < FADE_SAMPLES; i += 1, this.#bridged += 1) {
      out[i]! += this.#bridge[FADE_SAMPLES - 1 - this.#bridged]! * fadeInGain(FADE_SAMPLES - this.#bridged - 0.5, FADE_SAMPLES)
    }
  }
}
