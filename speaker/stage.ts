export type Stage = 'idle' | 'received' | 'verified' | 'played' | 'heard'

const RANK: Readonly<Record<Stage, number>> = { idle: 0, received: 1, verified: 2, played: 3, heard: 4 }

/**
 * How far the order that is on air has come: its bytes are there, its signature is right, its samples have left the device, something at
 * the loudspeaker has heard them. A stage is only claimed when it has been reached; `verified` is left out by who verifies nothing.
 */
export class StageTracker {
  #orderId: string | null = null
  #stage: Stage = 'idle'

  get orderId(): string | null {
    return this.#orderId
  }

  get stage(): Stage {
    return this.#stage
  }

  /** Another order comes in from now on, or none. What was reached before does not count for it. */
  onAir(orderId: string | null): void {
    if (orderId === this.#orderId) return
    this.#orderId = orderId
    this.#stage = 'idle'
  }

  /** Stages of orders that are not on air any more are of no interest. */
  reached(orderId: string | null, stage: Stage): void {
    if (orderId !== null && orderId === this.#orderId && RANK[stage] > RANK[this.#stage]) this.#stage = stage
  }
}
