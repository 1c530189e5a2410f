import type { Clock, TimerHandle } from '../../../rooms/clock.ts'

export const TICK_MS = 20
/** Held up for longer, nobody waits for what should have been sent meanwhile. */
const MAX_CATCH_UP_TICKS = 10

/** Calls each member every 20 ms by the absolute time, so that packets go out evenly and the sender's clock is the machine's. */
export class MediaClock {
  readonly #clock: Clock
  readonly #members = new Set<(nowMs: number, skipped: number) => void>()
  #timer: TimerHandle | null = null
  #nextMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * @param member is told how many ticks were due before this one and are left out
   * @returns what ends it
   */
  join(member: (nowMs: number, skipped: number) => void): () => void {
    this.#members.add(member)
    if (this.#timer === null) {
      this.#nextMs = this.#clock.monotonicMs() + TICK_MS
      this.#arm()
    }
    return () => {
      this.#members.delete(member)
      if (this.#members.size > 0) return
      this.#timer?.cancel()
      this.#timer = null
    }
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(Math.max(0, this.#nextMs - this.#clock.monotonicMs()), this.#fire)
  }

  readonly #fire = (): void => {
    const nowMs = this.#clock.monotonicMs()
    // The runtime's timers may come up to a millisecond early.
    const due = Math.floor((nowMs + 1 - this.#nextMs) / TICK_MS) + 1
    this.#nextMs += Math.max(0, due) * TICK_MS
    this.#arm()
    const skipped = due > MAX_CATCH_UP_TICKS ? due - 1 : 0
    for (let tick = skipped; tick < due; tick += 1) {
      for (const member of [...this.#members]) member(nowMs, tick === skipped ? skipped : 0)
    }
  }
}
