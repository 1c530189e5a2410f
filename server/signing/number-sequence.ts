import type { NumberStore } from '../../control/ports.ts'

/** Numbers reserved by one write to the disk. */
const BLOCK = 60_000

/**
 * Numbers of signed messages: strictly rising over restarts, and never below the house time in ms. So they go on rising when an old copy of the
 * database is put back, and a device that has lost its count takes the house time for it. One sequence for all clusters: each sees it rise.
 */
export class NumberSequence {
  readonly #store: NumberStore
  #next: number
  #ceiling: number

  constructor(store: NumberStore) {
    this.#store = store
    this.#ceiling = store.ceiling()
    this.#next = this.#ceiling
  }

  /** @param houseMs house time as ms since 1970 */
  take(houseMs: number): number {
    const number = Math.max(this.#next, Math.floor(houseMs))
    if (number >= this.#ceiling) {
      this.#store.raise(number + BLOCK)
      this.#ceiling = number + BLOCK
    }
    this.#next = number + 1
    return number
  }
}
