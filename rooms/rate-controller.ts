/** Bound of the steady correction: 300 ppm is half a cent of pitch, and real crystals stay within 200 ppm. */
export const MAX_PPM = 300

/**
 * Gains of a critically damped loop. A correction of 1 ppm moves the level by 0.001 ms a second, so 5 ppm a ms gives a time
 * constant of 200 s; a source that is off by 200 ppm moves the level by at most 30 ms before the integral has learnt it.
 */
const PPM_PER_MS = 5
const PPM_PER_MS_SECOND = 0.00625

/** The level is judged by its lowest point within the window, which is kept in this many parts. */
const WINDOW_PARTS = 8

/**
 * Decides how much faster or slower a buffer is played so that its level stays at a target. Sound from a network arrives
 * in bursts, so what counts is not the level as it is but its valley: the lowest point within a window that is longer
 * than the bursts are apart.
 */
export class RateController {
  readonly #partMs: number
  readonly #gain: number
  readonly #valleys = new Float64Array(WINDOW_PARTS)
  #targetMs: number
  #part = 0
  #partLeftMs: number
  #lowestMs = Infinity
  #fullParts = 0
  #integralPpm = 0
  #ppm = 0

  /** @param gain 1: a time constant of 200 s; more: as much shorter, for buffers that have no room for an error of many ms */
  constructor(targetMs: number, windowMs: number, gain = 1) {
    this.#targetMs = targetMs
    this.#gain = gain
    this.#partMs = windowMs / WINDOW_PARTS
    this.#partLeftMs = this.#partMs
  }

  /** Play this much faster (above 0) or slower than the grid. */
  get ppm(): number {
    return this.#ppm
  }

  set targetMs(targetMs: number) {
    this.#targetMs = targetMs
  }

  /** Lowest level of the last whole window; undefined before the first window is over. */
  get valleyMs(): number | undefined {
    return this.#fullParts < WINDOW_PARTS ? undefined : Math.min(...this.#valleys)
  }

  /** Tells the level after a block of `blockMs` was taken. */
  observe(levelMs: number, blockMs: number): void {
    // Hot path: once per block per cross-clock source.
    if (levelMs < this.#lowestMs) this.#lowestMs = levelMs
    this.#partLeftMs -= blockMs
    if (this.#partLeftMs > 0) return
    this.#partLeftMs += this.#partMs
    this.#valleys[this.#part] = this.#lowestMs
    this.#part = (this.#part + 1) % WINDOW_PARTS
    this.#fullParts = Math.min(this.#fullParts + 1, WINDOW_PARTS)
    this.#lowestMs = Infinity
    const valleyMs = this.valleyMs
    if (valleyMs !== undefined) this.#correct(valleyMs - this.#targetMs)
  }

  /** The level jumped (trimmed, filled anew): the window is begun again, what was learnt of the drift is kept. */
  restartWindow(): void {
    this.#fullParts = 0
    this.#lowestMs = Infinity
    this.#partLeftMs = this.#partMs
  }

  #correct(errorMs: number): void {
    const proportional = errorMs * PPM_PER_MS * this.#gain
    const integral = this.#integralPpm + errorMs * PPM_PER_MS_SECOND * this.#gain ** 2 * (this.#partMs / 1000)
    // While the sum is at its bound the integral rests, or it would have to be unlearnt afterwards.
    if (Math.abs(proportional + integral) < MAX_PPM || Math.abs(integral) < Math.abs(this.#integralPpm)) this.#integralPpm = integral
    this.#ppm = Math.max(-MAX_PPM, Math.min(MAX_PPM, proportional + this.#integralPpm))
  }
}
