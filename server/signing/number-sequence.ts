import type { NumberStore } from '../../control/ports.ts'

/** Numbers reserved by one write to the disk. */
const BLOCK = 60_000
/** When the disk took nothing, it is asked again after so many numbers, which is about a second. */
const RETRY = 1000

/**
 * Numbers of signed messages: strictly rising over restarts, and never below the house time in ms. So they go on rising when an old copy of the
 * database is put back, and a device that has lost its count takes the house time for it. One sequence for all clusters: each sees it rise.
 *
 * With a full disk they go on: who is on air must stay on air, and after a restart the time alone is above all that were given.
 */
export class NumberSequence {
  readonly #store: NumberStore
  #next: number
  #ceiling: number
  readonly #onError: (error: unknown) => void

  /** @param onError told when numbers were given that are not reserved on the disk */
  constructor(store: NumberStore, onError: (error: unknown) => void) {
    this.#onError = onError
    this.#store = store
    this.#ceiling = store.ceiling()
    this.#next = this.#ceiling
  }

  /** @param houseMs house time as ms since 1970 */
  take(houseMs: number): number {
    const number = Math.max(this.#next, Math.floor(houseMs))
    if (number >= this.#ceiling) this.#reserve(number)
    this.#next = number + 1
    return number
  }

  #reserve(number: number): void {
    try {
      this.#store.raise(number + BLOCK)
      this.#ceiling = number + BLOCK
    } catch (error) {
      this.#ceiling = number + RETRY
      this.#onError(error)
    }
  }
}
