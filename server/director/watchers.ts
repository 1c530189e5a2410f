import type { BroadcastEvent } from '../../control/ports.ts'

/** Hands what happens to everybody who watches, at once. */
export class Watchers {
  readonly #listeners = new Set<(event: BroadcastEvent) => void>()

  /** @returns ends it */
  subscribe(listener: (event: BroadcastEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  readonly emit = (event: BroadcastEvent): void => {
    for (const listener of this.#listeners) listener(event)
  }
}
