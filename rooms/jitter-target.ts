/** Unevenness is looked at in windows this long, and remembered for so many of them: a minute. */
const WINDOW_MS = 1000
const REMEMBERED = 60
/** So many windows are looked at before less is believed to be enough. */
const TRUSTED_AFTER = 20
/** What comes may be later than anything seen, by this and by a part of the most that was seen. */
const MARGIN_MS = 1.5
const MARGIN_OF_MOST = 0.1

export interface JitterTargetOptions {
  readonly startMs: number
  /** Never less, however even the network. */
  readonly leastMs: number
  /** At least so much once the buffer has run dry. */
  readonly afterDryMs: number
  readonly mostMs: number
}

/**
 * By how much the latest sound of each second should come before it is needed, so that what comes later still is there in time: as little as the unevenness of
 * the last minute allows. Running dry says that it was too little.
 */
export class JitterTarget {
  readonly #options: JitterTargetOptions
  /** The differences between the earliest and the latest of each window; the oldest is written over. */
  readonly #spreads = new Float64Array(REMEMBERED)
  /** The least that was spare in each window. */
  readonly #lowests = new Float64Array(TRUSTED_AFTER)
  #windows = 0
  #lowestMs = Infinity
  #leastSpareMs = Infinity
  #highestMs = -Infinity
  #windowLeftMs = WINDOW_MS
  #targetMs: number
  /** The first sound of a stream comes while it is being connected: how even it is says nothing of what follows. */
  #isBeginning = true

  constructor(options: JitterTargetOptions) {
    this.#options = options
    this.#targetMs = options.startMs
  }

  get targetMs(): number {
    return this.#targetMs
  }

  /** Whether enough was seen, since the stream began or something was wrong, to believe in what the target is. */
  get isTrusted(): boolean {
    return this.#windows >= TRUSTED_AFTER
  }

  /** By how much everything of the last windows has come earlier than it should; 0 until there are enough of them. */
  get excessMs(): number {
    return !this.isTrusted ? 0 : Math.max(0, Math.min(...this.#lowests) - this.#targetMs)
  }

  /** Sound has come so long before its turn. @param spareMs the same, with what the place of its coming spares; what is too much is told by it */
  came(slackMs: number, spareMs: number): void {
    if (slackMs < this.#lowestMs) this.#lowestMs = slackMs
    if (slackMs > this.#highestMs) this.#highestMs = slackMs
    if (spareMs < this.#leastSpareMs) this.#leastSpareMs = spareMs
  }

  /** So much time has passed. @returns whether the target is another one */
  pass(ms: number): boolean {
    this.#windowLeftMs -= ms
    if (this.#windowLeftMs > 0) return false
    this.#windowLeftMs += WINDOW_MS
    if (this.#highestMs < this.#lowestMs) return false
    if (this.#isBeginning) {
      this.#isBeginning = false
      this.#begin()
      return false
    }
    this.#spreads[this.#windows % REMEMBERED] = this.#highestMs - this.#lowestMs
    this.#lowests[this.#windows % TRUSTED_AFTER] = this.#leastSpareMs
    this.#windows += 1
    this.#lowestMs = this.#leastSpareMs = Infinity
    this.#highestMs = -Infinity
    const { leastMs, mostMs } = this.#options
    const seen = this.#spreads.subarray(0, this.#windows)
    const most = Math.max(...seen)
    // The valley of each second is kept at the target, so what is usual is in it already; only what is worse than usual needs more.
    const usual = seen.reduce((sum, spread) => sum + spread, 0) / seen.length
    const neededMs = Math.min(mostMs, Math.max(leastMs, MARGIN_MS + MARGIN_OF_MOST * most + most - usual))
    if (neededMs === this.#targetMs || (neededMs < this.#targetMs && !this.isTrusted)) return false
    this.#targetMs = neededMs
    return true
  }

  /** So much of what waits was left out: everything comes later by it. */
  leftOut(ms: number): void {
    for (let at = 0; at < TRUSTED_AFTER; at++) this.#lowests[at]! -= ms
    this.#begin()
  }

  /**
   * It was too little: what was seen before does not count, but this is remembered. Where not even the most would have been enough nothing is learnt: the sender was away.
   * @param neededMs with this target the sound that was missing would have been there
   */
  ranDry(neededMs: number): void {
    const { afterDryMs, mostMs } = this.#options
    this.jumped()
    this.#targetMs = Math.min(mostMs, Math.max(this.#targetMs * 1.5, afterDryMs))
    if (this.#isBeginning || neededMs > mostMs) return
    this.#spreads[0] = neededMs
    this.#lowests[0] = Infinity
    this.#windows = 1
    this.#targetMs = Math.min(mostMs, Math.max(this.#targetMs, MARGIN_MS + neededMs))
  }

  /** The sound waiting was made more or less at a stroke: times before and after cannot be compared. */
  jumped(): void {
    this.#windows = 0
    this.#begin()
  }

  #begin(): void {
    this.#lowestMs = this.#leastSpareMs = Infinity
    this.#highestMs = -Infinity
    this.#windowLeftMs = WINDOW_MS
  }
}
