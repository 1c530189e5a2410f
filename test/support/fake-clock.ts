import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { HOUSE_EPOCH_WALL_MS } from '../../rooms/house-clock.ts'

export interface FakeClockOptions {
  /** Monotonic time at the start. Not 0 by default, so that a forgotten origin shows. */
  readonly monotonicMs?: number
  /** Wall time at the start; by default a Thursday in June 2026. */
  readonly wallMs?: number
  /** How late every timer fires, in ms: a number, or what a function gives at each firing. */
  readonly timerLatenessMs?: number | (() => number)
}

interface Timer {
  readonly dueMs: number
  readonly sequence: number
  readonly fire: () => void
}

/**
 * Time that a test moves by hand. Monotonic and wall time advance together, the wall clock at its own rate, and the wall
 * clock can also be stepped, as NTP or an operator does it.
 */
export class FakeClock implements Clock {
  /** Wall clock's rate error against the monotonic clock, parts per million; a test may change it at any time. */
  wallRatePpm = 0
  readonly #latenessMs: () => number
  /** By due time, then by order of setting. */
  readonly #timers: Timer[] = []
  #monotonicMs: number
  #wallMs: number
  #sequence = 0

  constructor(options: FakeClockOptions = {}) {
    this.#monotonicMs = options.monotonicMs ?? 1_000_000
    this.#wallMs = options.wallMs ?? HOUSE_EPOCH_WALL_MS + 168.5 * 24 * 3_600_000
    const lateness = options.timerLatenessMs ?? 0
    this.#latenessMs = typeof lateness === 'number' ? () => lateness : lateness
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  wallMs(): number {
    return this.#wallMs
  }

  /** Timers set and neither fired nor cancelled: a closed object must leave none. */
  get pendingTimers(): number {
    return this.#timers.length
  }

  setTimer(delayMs: number, fire: () => void): TimerHandle {
    const timer: Timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs) + this.#latenessMs(), sequence: this.#sequence++, fire }
    let index = this.#timers.length
    while (index > 0 && this.#timers[index - 1]!.dueMs > timer.dueMs) index--
    this.#timers.splice(index, 0, timer)
    return {
      cancel: () => {
        const at = this.#timers.indexOf(timer)
        if (at !== -1) this.#timers.splice(at, 1)
      },
    }
  }

  /** Lets `ms` pass, firing what falls due in order of time, each with the clock standing at its due time. */
  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms
    while (this.#fireNext(endMs));
    this.#moveTo(endMs)
  }

  /** As `advance`, but after each timer lets promises and immediates settle, for code that awaits between timers. */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms
    await settle()
    while (this.#fireNext(endMs)) await settle()
    this.#moveTo(endMs)
    await settle()
  }

  /** Lets `ms` pass without any timer firing, as when the process was stopped; they fire, late, at the next `advance`. */
  stall(ms: number): void {
    this.#moveTo(this.#monotonicMs + ms)
  }

  /** Steps the wall clock alone. */
  stepWall(ms: number): void {
    this.#wallMs += ms
  }

  #fireNext(endMs: number): boolean {
    const timer = this.#timers[0]
    if (timer === undefined || timer.dueMs > endMs) return false
    this.#timers.shift()
    this.#moveTo(Math.max(timer.dueMs, this.#monotonicMs))
    timer.fire()
    return true
  }

  #moveTo(monotonicMs: number): void {
    this.#wallMs += (monotonicMs - this.#monotonicMs) * (1 + this.wallRatePpm / 1e6)
    this.#monotonicMs = monotonicMs
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
