/** Width of a histogram bin and what it reaches, ms. Beyond it only the greatest is kept exactly. */
const BIN_MS = 0.002
const REACH_MS = 1000

/** A histogram of times in ms that never grows. */
export class TimeTally {
  readonly #bins = new Float64Array(Math.round(REACH_MS / BIN_MS) + 1)
  #count = 0
  #max = -Infinity

  add(ms: number): void {
    this.#count += 1
    if (ms > this.#max) this.#max = ms
    this.#bins[Math.min(this.#bins.length - 1, Math.max(0, Math.floor(ms / BIN_MS)))]! += 1
  }

  get count(): number {
    return this.#count
  }

  /** Exact; NaN before the first. */
  get max(): number {
    return this.#count === 0 ? NaN : this.#max
  }

  /** Upper edge of the bin in which the share is reached, never above the greatest; NaN before the first. */
  percentile(share: number): number {
    if (this.#count === 0) return NaN
    const wanted = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    for (let bin = 0; bin < this.#bins.length; bin += 1) {
      seen += this.#bins[bin]!
      if (seen >= wanted) return bin === this.#bins.length - 1 ? this.#max : Math.min(this.#max, (bin + 1) * BIN_MS)
    }
    return this.#max
  }
}

export interface SkewFigures {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** Pairs at instants. */
  readonly pairs: number
}

export interface SkewAt {
  readonly atMs: number
  readonly p50: number
  readonly p95: number
  readonly max: number
  readonly playing: number
}

/** Every how many instants one is kept for the plot. */
const PLOT_EVERY = 10

/** Skew between every two players at every instant, ms. */
export class SkewStatistics {
  readonly #tally = new TimeTally()
  readonly #series: SkewAt[] = []
  #instants = 0
  #missing = 0

  /**
   * One instant of true time.
   * @param errorsMs for each player how far ahead of a common reference the sound is that leaves it now; NaN: it plays nothing
   * @param counted false: for the plot only, e.g. while players are still joining
   */
  add(atMs: number, errorsMs: ArrayLike<number>, counted = true): void {
    const playing: number[] = []
    for (let index = 0; index < errorsMs.length; index += 1) {
      const error = errorsMs[index]!
      if (!Number.isNaN(error)) playing.push(error)
    }
    if (counted) {
      this.#missing += errorsMs.length - playing.length
      for (let a = 1; a < playing.length; a += 1) for (let b = 0; b < a; b += 1) this.#tally.add(Math.abs(playing[a]! - playing[b]!))
    }
    if (this.#instants++ % PLOT_EVERY === 0 && playing.length > 1) this.#series.push(plotPoint(atMs, playing))
  }

  /** Players that played nothing, summed over the counted instants. */
  get missing(): number {
    return this.#missing
  }

  get series(): readonly SkewAt[] {
    return this.#series
  }

  figures(): SkewFigures {
    const at = (share: number): number => this.#tally.percentile(share)
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: this.#tally.max, pairs: this.#tally.count }
  }
}

function plotPoint(atMs: number, playing: readonly number[]): SkewAt {
  const sorted = Float64Array.from(playing).sort()
  const pairs = new Float64Array((sorted.length * (sorted.length - 1)) / 2)
  let at = 0
  for (let a = 1; a < sorted.length; a += 1) for (let b = 0; b < a; b += 1) pairs[at++] = sorted[a]! - sorted[b]!
  pairs.sort()
  const rank = (share: number): number => pairs[Math.max(0, Math.ceil(share * pairs.length) - 1)]!
  return { atMs, p50: rank(0.5), p95: rank(0.95), max: pairs[pairs.length - 1]!, playing: playing.length }
}
