/** Telephone sound at 8 kHz. */
const RATE_HZ = 8000
/** Pitch of voices: 67 to 200 Hz, as ITU-T G.711 Appendix I takes it. */
const MIN_PERIOD = RATE_HZ / 200
const MAX_PERIOD = RATE_HZ / 67 | 0
/** The stretch that two periods are compared over. */
const COMPARED = 160
const HISTORY = COMPARED + 2 * MAX_PERIOD
/** Sound goes on as it was for so long, then falls, and is gone at the end: nobody holds a vowel over a hole of 60 ms. */
const STEADY = RATE_HZ / 100
const GONE = (RATE_HZ * 60) / 1000
/** Over which made-up sound and real sound are joined. */
const JOINED = RATE_HZ / 250

/** Where the caller says nothing what was heard last is gone within 10 ms, and what comes then is there within 2.5 ms. */
const FADED_OUT = RATE_HZ / 100
const FADED_IN = RATE_HZ / 400

/**
 * Bridges lost packets of uncoded telephone sound: the last period of the voice goes on, falling to silence within 60 ms, and is faded into what comes after
 * (the way of ITU-T G.711, Appendix I, without its delay).
 */
export class Concealment {
  readonly #history = new Float32Array(HISTORY)
  /** The period that goes on, and how much of it has been given out; null while nothing is lost. */
  #period: Float32Array | null = null
  #given = 0
  #isResting = false

  /** Real sound: it may be changed in its first samples, where it is joined to what was made up. */
  take(pcm: Float32Array): void {
    if (this.#period !== null) {
      const length = Math.min(JOINED, pcm.length)
      const made = this.#make(length)
      for (let index = 0; index < length; index += 1) {
        const gain = (index + 0.5) / length
        pcm[index] = pcm[index]! * gain + made[index]! * (1 - gain)
      }
      this.#period = null
    }
    if (this.#isResting) for (let index = 0; index < Math.min(FADED_IN, pcm.length); index += 1) pcm[index]! *= (index + 0.5) / FADED_IN
    this.#isResting = false
    this.#remember(pcm)
  }

  /** @returns silence that was meant: what was heard last is played backwards from its end while it fades */
  rest(samples: number): Float32Array<ArrayBuffer> {
    const pcm = new Float32Array(samples)
    if (!this.#isResting) for (let index = 0; index < Math.min(FADED_OUT, samples); index += 1) pcm[index] = this.#history[HISTORY - 1 - index]! * (1 - (index + 0.5) / FADED_OUT)
    this.#period = null
    this.#isResting = true
    this.#remember(pcm)
    return pcm
  }

  /** @returns so many samples in place of those that are lost */
  conceal(samples: number): Float32Array<ArrayBuffer> {
    if (this.#period === null) {
      this.#period = this.#lastPeriod()
      this.#given = 0
    }
    return this.#make(samples)
  }

  #make(samples: number): Float32Array<ArrayBuffer> {
    const period = this.#period!
    const pcm = new Float32Array(samples)
    for (let index = 0; index < samples; index += 1, this.#given += 1) {
      if (this.#given >= GONE) break
      const gain = this.#given < STEADY ? 1 : 1 - (this.#given - STEADY) / (GONE - STEADY)
      pcm[index] = period[this.#given % period.length]! * gain
    }
    return pcm
  }

  /** The end of what was heard, cut so that it can be repeated without a click. */
  #lastPeriod(): Float32Array {
    const length = this.#pitch()
    const from = HISTORY - length
    const period = this.#history.slice(from)
    // The seam of the loop: the end runs over into what stood before the beginning.
    const seam = length >> 2
    for (let index = 0; index < seam; index += 1) {
      const gain = (index + 1) / (seam + 1)
      const at = length - seam + index
      period[at] = period[at]! * (1 - gain) + this.#history[from - seam + index]! * gain
    }
    return period
  }

  /** The lag at which the last 20 ms are most like what was before. */
  #pitch(): number {
    const history = this.#history
    const from = HISTORY - COMPARED
    let best = -Infinity
    let found = MAX_PERIOD
    for (let lag = MIN_PERIOD; lag <= MAX_PERIOD; lag += 1) {
      let same = 0
      let energy = 1e-9
      for (let index = from; index < HISTORY; index += 1) {
        const before = history[index - lag]!
        same += history[index]! * before
        energy += before * before
      }
      const likeness = same / Math.sqrt(energy)
      if (likeness > best) [best, found] = [likeness, lag]
    }
    return found
  }

  #remember(pcm: Float32Array): void {
    if (pcm.length >= HISTORY) {
      this.#history.set(pcm.subarray(pcm.length - HISTORY))
      return
    }
    this.#history.copyWithin(0, pcm.length)
    this.#history.set(pcm, HISTORY - pcm.length)
  }
}
