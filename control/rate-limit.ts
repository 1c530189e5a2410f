import type { ControlClock } from './ports.ts'

const MAX_FAILURES = 20
const WINDOW_MS = 60_000
const MAX_ADDRESSES = 10_000

interface Window {
  readonly startedAtMs: number
  failures: number
}

/**
 * Counts wrong tokens for each address: 20 in a minute, after which that address is told to wait. Bounded: with more than 10 000 addresses the
 * oldest is forgotten. A right token is never refused, whatever its neighbours behind the same address do: an emergency must get through,
 * and guessing 256 random bits is hopeless at any rate.
 */
export class FailureLimiter {
  readonly #clock: ControlClock
  readonly #windows = new Map<string, Window>()

  constructor(clock: ControlClock) {
    this.#clock = clock
  }

  /**
   * Counts a failure.
   * @returns 0, or how many seconds the address must wait
   */
  fail(address: string): number {
    const nowMs = this.#clock.wallMs()
    let window = this.#windows.get(address)
    if (window === undefined || nowMs >= window.startedAtMs + WINDOW_MS || nowMs < window.startedAtMs) {
      this.#windows.delete(address)
      window = { startedAtMs: nowMs, failures: 0 }
      this.#windows.set(address, window)
      if (this.#windows.size > MAX_ADDRESSES) this.#windows.delete(this.#windows.keys().next().value!)
    }
    window.failures++
    return window.failures > MAX_FAILURES ? Math.ceil((window.startedAtMs + WINDOW_MS - nowMs) / 1000) : 0
  }

  get size(): number {
    return this.#windows.size
  }
}

interface Bucket {
  left: number
  atMs: number
}

/**
 * Token buckets by name, each filling at a steady rate up to a burst. Bounded: with more than 10 000 names the one that was made first is
 * forgotten, which lets its owner begin anew.
 */
export class TokenBuckets {
  readonly perSecond: number
  readonly burst: number
  readonly #clock: ControlClock
  readonly #buckets = new Map<string, Bucket>()

  /** @param rate calls a second, and at most at once */
  constructor(clock: ControlClock, { perSecond, burst }: { readonly perSecond: number; readonly burst: number }) {
    this.#clock = clock
    this.perSecond = perSecond
    this.burst = burst
  }

  /**
   * Takes one.
   * @returns how many whole ones are left, how long until there is one (0: it was taken), and how long until all are there
   */
  take(name: string): { readonly left: number; readonly waitSeconds: number; readonly fullInSeconds: number } {
    const nowMs = this.#clock.wallMs()
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      bucket = { left: this.burst, atMs: nowMs }
      this.#buckets.set(name, bucket)
      if (this.#buckets.size > MAX_ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value!)
    }
    // A clock that is set back gives nothing and takes nothing.
    bucket.left = Math.min(this.burst, bucket.left + (Math.max(0, nowMs - bucket.atMs) / 1000) * this.perSecond)
    bucket.atMs = nowMs
    const isThere = bucket.left >= 1
    if (isThere) bucket.left -= 1
    return {
      left: Math.floor(bucket.left),
      waitSeconds: isThere ? 0 : Math.ceil((1 - bucket.left) / this.perSecond),
      fullInSeconds: Math.ceil((this.burst - bucket.left) / this.perSecond),
    }
  }

  get size(): number {
    return this.#buckets.size
  }
}
