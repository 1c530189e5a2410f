/** Tells those who wait for the end of something that it has come. */
export class EndWatch {
  readonly #listeners = new Set<(reason: string) => void>()

  /** @returns stops waiting */
  onEnd(listener: (reason: string) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  tell(reason: string): void {
    for (const listener of [...this.#listeners]) listener(reason)
    this.#listeners.clear()
  }
}
