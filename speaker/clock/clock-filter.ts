/** What the device knows of the house clock, for `status`. */
export interface ClockQuality {
  /** Standard error of the house time now, µs, cautious; without what a lopsided path may hide (`asymmetryUs`). */
  readonly offsetErrorUs: number
  /** How much faster the house clock runs than the device's. */
  readonly driftPpm: number
  /** Shortest round trip of the exchanges in use, µs. */
  readonly roundTripUs: number
  /** No exchange of time stamps can see a difference of the two ways; it moves the offset by at most this (RFC 5905, 8: half the round trip). */
  readonly asymmetryUs: number
}

/** Exchanges kept. When full, the one that says least about the present goes first. */
const CAPACITY = 160
/** So many of the newest are kept in any case, to notice that the path has changed. */
const NEWEST_KEPT = 20
const MAX_AGE_MS = 900_000
/** So many of the fastest exchanges tell how near to the fastest possible one they are. */
const FASTEST = 6
/** What stamping a message costs and wanders in itself, µs. */
const FLOOR_US = 30
/** How a crystal's rate wanders with temperature: ppm per √s. So an exchange of 100 s ago tells the present to ±30 µs, one of 600 s to ±0.4 ms. */
const WANDER_PPM = 0.05
/** Before anything is known of the drift: two crystals of up to ±100 ppm, and room. */
const RATE_PRIOR_PPM = 200
/** What is still known of it after the house clock has stepped (the server began anew on another machine, say). */
const RATE_KEPT_PPM = 20
/** Residuals beyond so many times their own error are pulled in. */
const OUTLIER_SIGMAS = 3
/** An exchange that the present estimate makes impossible by more than this, µs, is held back; so many in a row that agree among themselves are a step. */
const STEP_MARGIN_US = 1000
const STEP_EXCHANGES = 3
const SIGMAS_IN_DOUBT = 5

interface Exchange {
  readonly atMs: number
  readonly offsetUs: number
  readonly delayUs: number
}

/**
 * House time from local time: offset and drift, by weighted least squares over the exchanges of the last minutes.
 *
 * An exchange that took d longer than the fastest one had d of queueing somewhere, so its offset is off by up to d/2: it counts with
 * the variance d². That is the minimum-delay rule without a threshold: on a quiet network many exchanges count, on 4G the luckiest.
 * The drift term is what keeps the estimate from lagging behind crystals that are off. Variances also grow with age, as crystals wander.
 * Exact places are not promised from one exchange to the next: the estimate moves by its own error, and play-out follows it slowly.
 */
export class ClockFilter {
  readonly #atMs = new Float64Array(CAPACITY)
  readonly #offsetUs = new Float64Array(CAPACITY)
  readonly #delayUs = new Float64Array(CAPACITY)
  #count = 0
  #exchanges = 0
  /** Origins, so that the sums keep their digits. */
  #originMs = 0
  #originUs = 0
  /** The fit: offset `#offset` at `#fitMs`, and its change in µs/ms (ppm / 1000). */
  #fitMs = 0
  #offset = 0
  #rate = 0
  #offsetVariance = Infinity
  #rateVariance = (RATE_PRIOR_PPM / 1000) ** 2
  #ratePrior = 0
  #ratePriorVariance = (RATE_PRIOR_PPM / 1000) ** 2
  #shortestUs = Infinity
  /** The shortest delays in use, rising. */
  readonly #fastest = new Float64Array(FASTEST)
  readonly #suspects: Exchange[] = []
  #stepsTotal = 0
  #refusedTotal = 0

  /** Whether anything is known. */
  get synchronised(): boolean {
    return this.#count > 0
  }

  /** Times that the house clock was found elsewhere. */
  get stepsTotal(): number {
    return this.#stepsTotal
  }

  /** Exchanges with stamps that cannot be, or held back as outliers. */
  get refusedTotal(): number {
    return this.#refusedTotal
  }

  /**
   * Takes one exchange (server/protocol.md, `clock`).
   * @param t1Ms local time at which the question left
   * @param t2Us house time at which it came
   * @param t3Us house time at which the answer left
   * @param t4Ms local time at which it came
   * @returns `step` when the house clock is now found elsewhere
   */
  add(t1Ms: number, t2Us: number, t3Us: number, t4Ms: number): 'taken' | 'refused' | 'step' {
    const delayUs = (t4Ms - t1Ms) * 1000 - (t3Us - t2Us)
    if (!(t4Ms >= t1Ms && t3Us >= t2Us && delayUs >= 0) || !Number.isFinite(delayUs)) {
      this.#refusedTotal++
      return 'refused'
    }
    const middleMs = (t1Ms + t4Ms) / 2
    if (this.#exchanges === 0) {
      this.#originMs = middleMs
      this.#originUs = (t2Us + t3Us) / 2
    }
    const atMs = middleMs - this.#originMs
    const exchange: Exchange = { atMs, offsetUs: (t2Us + t3Us) / 2 - this.#originUs - atMs * 1000, delayUs }
    if (this.#isImpossible(exchange)) {
      this.#refusedTotal++
      return this.#suspect(exchange) ? 'step' : 'refused'
    }
    this.#suspects.length = 0
    this.#keep(exchange)
    this.#fit(t4Ms - this.#originMs)
    return 'taken'
  }

  /** House time at a local time, µs. Before the first exchange: NaN. */
  houseUsAt(localMs: number): number {
    if (this.#count === 0) return NaN
    const atMs = localMs - this.#originMs
    return this.#originUs + atMs * 1000 + this.#offset + this.#rate * (atMs - this.#fitMs)
  }

  /** House µs that pass in one local ms. */
  get houseUsPerLocalMs(): number {
    return 1000 + this.#rate
  }

  quality(localMs: number): ClockQuality {
    return {
      offsetErrorUs: this.#count === 0 ? Infinity : Math.sqrt(this.#varianceAt(localMs - this.#originMs)),
      driftPpm: this.#rate * 1000,
      roundTripUs: this.#shortestUs,
      asymmetryUs: this.#shortestUs / 2,
    }
  }

  #varianceAt(atMs: number): number {
    const aheadMs = Math.max(0, atMs - this.#fitMs)
    return this.#offsetVariance + this.#rateVariance * aheadMs ** 2 + wanderVariance(aheadMs)
  }

  /** However lopsided its ways were, an exchange is never off by more than half its delay. */
  #isImpossible({ atMs, offsetUs, delayUs }: Exchange): boolean {
    if (this.#count === 0) return false
    const predictedUs = this.#offset + this.#rate * (atMs - this.#fitMs)
    // The estimate itself may be off by as much as its best exchange.
    const boundUs = delayUs / 2 + this.#shortestUs / 2 + SIGMAS_IN_DOUBT * Math.sqrt(this.#varianceAt(atMs)) + STEP_MARGIN_US
    return Math.abs(offsetUs - predictedUs) > boundUs
  }

  #suspect(exchange: Exchange): boolean {
    const agrees = this.#suspects.every((other) => Math.abs(other.offsetUs - exchange.offsetUs) <= (other.delayUs + exchange.delayUs) / 2 + STEP_MARGIN_US)
    if (!agrees) this.#suspects.length = 0
    this.#suspects.push(exchange)
    if (this.#suspects.length < STEP_EXCHANGES) return false
    this.#stepsTotal++
    this.#count = 0
    this.#exchanges = 0
    this.#ratePrior = this.#rate
    this.#ratePriorVariance = (RATE_KEPT_PPM / 1000) ** 2
    for (const suspect of this.#suspects.splice(0)) this.#keep(suspect)
    this.#fit(exchange.atMs)
    return true
  }

  #keep({ atMs, offsetUs, delayUs }: Exchange): void {
    this.#exchanges++
    while (this.#count > 0 && atMs - this.#atMs[0]! > MAX_AGE_MS) this.#remove(0)
    if (this.#count === CAPACITY) this.#remove(this.#leastTelling(atMs))
    this.#atMs[this.#count] = atMs
    this.#offsetUs[this.#count] = offsetUs
    this.#delayUs[this.#count] = delayUs
    this.#count++
  }

  #leastTelling(nowMs: number): number {
    let worst = 0
    let worstVariance = -1
    for (let i = 0; i < this.#count - NEWEST_KEPT; i++) {
      const variance = (this.#delayUs[i]! - this.#shortestUs) ** 2 + wanderVariance(nowMs - this.#atMs[i]!)
      if (variance > worstVariance) {
        worstVariance = variance
        worst = i
      }
    }
    return worst
  }

  #remove(index: number): void {
    for (const array of [this.#atMs, this.#offsetUs, this.#delayUs]) array.copyWithin(index, index + 1, this.#count)
    this.#count--
  }

  #fit(nowMs: number): void {
    const shortestUs = this.#shortest()
    this.#shortestUs = shortestUs
    // Nobody knows how fast the fastest exchange can be. The few fastest seen so far tell how far from it they may still be, and the first few tell nothing.
    const unseenUs = (this.#fastest[FASTEST - 1]! - shortestUs) / 2
    const floorVariance = FLOOR_US ** 2 + (shortestUs / (4 * this.#exchanges)) ** 2 + (Number.isFinite(unseenUs) ? unseenUs ** 2 : 0)
    this.#fitMs = nowMs
    this.#solve(floorVariance, false)
    this.#solve(floorVariance, true)
  }

  /** Finds the shortest delays in use. @returns the shortest of all */
  #shortest(): number {
    const fastest = this.#fastest.fill(Infinity)
    for (let i = 0; i < this.#count; i++) {
      const delayUs = this.#delayUs[i]!
      if (delayUs >= fastest[FASTEST - 1]!) continue
      let at = FASTEST - 1
      for (; at > 0 && fastest[at - 1]! > delayUs; at--) fastest[at] = fastest[at - 1]!
      fastest[at] = delayUs
    }
    return fastest[0]!
  }

  /** Least squares around now, with what was known of the rate before as one more observation. */
  #solve(floorVariance: number, isSecondPass: boolean): void {
    const priorWeight = 1 / this.#ratePriorVariance
    let w0 = 0
    let w1 = 0
    let w2 = priorWeight
    let y0 = 0
    let y1 = priorWeight * this.#ratePrior
    for (let i = 0; i < this.#count; i++) {
      const at = this.#atMs[i]! - this.#fitMs
      const y = this.#offsetUs[i]!
      let variance = floorVariance + (this.#delayUs[i]! - this.#shortestUs) ** 2 + wanderVariance(-at)
      if (isSecondPass) {
        const excess = (y - this.#offset - this.#rate * at) ** 2 / (OUTLIER_SIGMAS ** 2 * variance)
        if (excess > 1) variance *= excess
      }
      const w = 1 / variance
      w0 += w
      w1 += w * at
      w2 += w * at * at
      y0 += w * y
      y1 += w * at * y
    }
    const determinant = w0 * w2 - w1 * w1
    this.#offset = (y0 * w2 - y1 * w1) / determinant
    this.#rate = (w0 * y1 - w1 * y0) / determinant
    this.#offsetVariance = w2 / determinant
    this.#rateVariance = w0 / determinant
  }
}

/** Of a random walk of the rate, after so long, µs². */
const wanderVariance = (ageMs: number): number => (WANDER_PPM ** 2 * Math.max(0, ageMs / 1000) ** 3) / 3
