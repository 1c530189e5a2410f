import type { ControlClock } from './ports.ts'

export const REFUSALS_PER_ADDRESS = 20
export const REFUSALS_IN_ALL = 120
const WINDOW_MS = 60_000

/**
 * How many refusals are kept one by one: 20 a minute of one address and 120 a minute in all; the others are counted, and the count is kept once
 * a minute. So a flood writes at most 121 entries a minute, some 45 MB a day, whatever it sends.
 */
export class RefusalBound {
  readonly #clock: ControlClock
  #windowMs = -Infinity
  #taken = 0
  #dropped = 0
  readonly #byAddress = new Map<string, number>()

  constructor(clock: ControlClock) {
    this.#clock = clock
  }

  /** @returns whether this one is to be kept by itself */
  take(address: string): boolean {
    const nowMs = this.#clock.wallMs()
    if (nowMs >= this.#windowMs + WINDOW_MS || nowMs < this.#windowMs) {
      this.#windowMs = nowMs
      this.#taken = 0
      this.#byAddress.clear()
    }
    const ofAddress = this.#byAddress.get(address) ?? 0
    if (this.#taken >= REFUSALS_IN_ALL || ofAddress >= REFUSALS_PER_ADDRESS) {
      this.#dropped += 1
      return false
    }
    this.#taken += 1
    this.#byAddress.set(address, ofAddress + 1)
    return true
  }

  /** What was only counted since the last time. */
  drain(): { readonly refusals: number } {
    const refusals = this.#dropped
    this.#dropped = 0
    return { refusals }
  }
}
