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
