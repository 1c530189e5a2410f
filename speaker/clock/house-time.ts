import { ClockFilter } from './clock-filter.ts'

/** 2026-01-01T00:00:00Z, where house time counts from (server/protocol.md). */
export const HOUSE_EPOCH_WALL_MS = Date.UTC(2026, 0, 1)

/**
 * House time as the device knows it: from exchanges with the server, and before the first of them, if that is allowed, from its own
 * wall clock, read once. A wall clock that steps changes nothing: it is not looked at again.
 */
export class HouseTime {
  readonly filter = new ClockFilter()
  #guess: { readonly localMs: number; readonly houseUs: number } | null = null

  /** Whether house time is known at all. */
  get known(): boolean {
    return this.filter.synchronised || this.#guess !== null
  }

  /** Known from the server, not guessed. */
  get synchronised(): boolean {
    return this.filter.synchronised
  }

  /** House µs that pass in one local ms. */
  get usPerMs(): number {
    return this.filter.houseUsPerLocalMs
  }

  /** The device has nobody to ask: its wall clock has to do until the server answers. */
  guess(localMs: number, wallMs: number): void {
    this.#guess ??= { localMs, houseUs: (wallMs - HOUSE_EPOCH_WALL_MS) * 1000 }
  }

  /** House µs at a local time; NaN when not known. */
  usAt(localMs: number): number {
    if (this.filter.synchronised) return this.filter.houseUsAt(localMs)
    return this.#guess === null ? NaN : this.#guess.houseUs + (localMs - this.#guess.localMs) * 1000
  }
}
