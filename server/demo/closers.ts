type Closer = () => Promise<void> | void

/** What has to be undone at the end, last first. What comes after the end is undone at once. */
export class Closers {
  readonly #closers: Closer[] = []
  #closed = false

  /** Whether the end has begun. */
  get closed(): boolean {
    return this.#closed
  }

  push(closer: Closer): void {
    if (this.#closed) void closer()
    else this.#closers.push(closer)
  }

  /** Runs every closer, also when one before it fails. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    for (let closer = this.#closers.pop(); closer !== undefined; closer = this.#closers.pop()) {
      try {
        await closer()
      } catch (error) {
        process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
      }
    }
  }
}
