import type { Clock, TimerHandle } from '../../../rooms/clock.ts'

const T1_MS = 500
const T2_MS = 4000
const GIVE_UP_MS = 64 * T1_MS

/** A 2xx to an INVITE is sent again until its ACK comes, over whatever transport, for 32 s (RFC 3261, 13.3.1.4). */
export class AcceptAgain {
  readonly seq: number
  readonly #clock: Clock
  #timer: TimerHandle
  readonly #deadline: TimerHandle

  constructor(clock: Clock, seq: number, send: () => void, giveUp: () => void) {
    this.seq = seq
    this.#clock = clock
    const repeat = (waitMs: number): TimerHandle => this.#clock.setTimer(waitMs, () => {
      this.#timer = repeat(Math.min(waitMs * 2, T2_MS))
      send()
    })
    this.#timer = repeat(T1_MS)
    this.#deadline = clock.setTimer(GIVE_UP_MS, () => {
      this.stop()
      giveUp()
    })
    send()
  }

  stop(): void {
    this.#timer.cancel()
    this.#deadline.cancel()
  }
}
