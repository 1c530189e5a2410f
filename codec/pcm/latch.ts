/** Of what is good or bad in between, so much of the time that the other takes is forgotten: a click does not end a silence. */
const FORGOTTEN = 0.1

/** Says that something has been bad for a time, and no more once it has been good for a time. Single exceptions do not count either way. */
export class Latch {
  readonly #afterMs: number
  readonly #recoverMs: number
  #badMs = 0
  #goodMs = 0
  #isOn = false
  #wasGood = false

  /**
   * @param afterMs bad for so long: on; 0: never
   * @param recoverMs good for so long, with no more than exceptions between: off, and what was bad before is forgotten
   */
  constructor(afterMs: number, recoverMs: number) {
    this.#afterMs = afterMs
    this.#recoverMs = recoverMs
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** Whether it has ever been good for the time that recovers. */
  get wasGood(): boolean {
    return this.#wasGood
  }

  push(isBad: boolean, ms: number): void {
    if (isBad) {
      this.#badMs += ms
      this.#goodMs = Math.max(0, this.#goodMs - ms * FORGOTTEN)
      if (this.#afterMs > 0 && this.#badMs >= this.#afterMs) this.#isOn = true
      return
    }
    this.#goodMs += ms
    if (this.#goodMs < this.#recoverMs) return
    this.#badMs = this.#goodMs = 0
    this.#isOn = false
    this.#wasGood = true
  }
}
