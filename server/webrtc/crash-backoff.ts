/** A worker that has run for so long did not die of what killed the one before it. */
const SOUND_MS = 60_000
const FIRST_WAIT_MS = 500
const MOST_WAIT_MS = 30_000

/** How long to wait before what has died is started again: not at all the first time, then twice as long each time it dies young. Pure. */
export class CrashBackoff {
  #youngDeaths = 0
  #notBeforeMs = -Infinity

  /** @param ranMs how long it had run; 0 when it did not even start */
  died(nowMs: number, ranMs: number): void {
    this.#youngDeaths = ranMs >= SOUND_MS ? 1 : this.#youngDeaths + 1
    this.#notBeforeMs = nowMs + (this.#youngDeaths === 1 ? 0 : Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#youngDeaths - 2)))
  }

  /** Until it may be started, ms; 0: now. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#notBeforeMs - nowMs)
  }
}
