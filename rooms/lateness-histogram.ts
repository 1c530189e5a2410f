/** Counts of lateness in ms by upper bounds; the last count is for everything above. Allocates nothing after it is made. */
export class LatenessHistogram {
  readonly #boundsMs: readonly number[]
  readonly #counts: number[]
  #maxMs = 0

  constructor(boundsMs: readonly number[]) {
    this.#boundsMs = boundsMs
    this.#counts = new Array<number>(boundsMs.length + 1).fill(0)
  }

  record(latenessMs: number, count = 1): void {
    let i = 0
    while (i < this.#boundsMs.length && latenessMs > this.#boundsMs[i]!) i++
    this.#counts[i]! += count
    if (latenessMs > this.#maxMs) this.#maxMs = latenessMs
  }

  /** How many had a lateness of at most each bound, and in the last place how many there were: each count holds those before it. */
  cumulative(): number[] {
    let sum = 0
    return this.#counts.map((count) => (sum += count))
  }

  get maxMs(): number {
    return this.#maxMs
  }
}
