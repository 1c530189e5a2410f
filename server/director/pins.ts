import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { HouseAnchor } from '../../rooms/house-clock.ts'

/** Where an order stands on the house clock: start, end, acceptance, stop, hand-overs. */
export type Pin = readonly [startSamples: number, endSamples: number, acceptedSamples: number, stoppedSamples: number | null, handOverSamples?: readonly number[]]

export interface Pins {
  /** Wall time minus house time, as it was followed. */
  readonly offsetMs: number
  readonly orders: Readonly<Record<string, Pin>>
}

/**
 * Keeps what control knows of the house clock beside the roles' sockets, so that a control that is started again puts every
 * order on the same sample as the one before it: a room's name holds its place, and another place would be another room. It
 * is worth nothing after a restart of the whole server, which has another anchor.
 */
export class PinFile {
  readonly #path: string
  readonly #anchor: HouseAnchor
  #written = ''

  constructor(path: string, anchor: HouseAnchor) {
    this.#path = path
    this.#anchor = anchor
  }

  /** @returns undefined when there are none for this anchor */
  load(): Pins | undefined {
    try {
      const { anchor, ...pins } = JSON.parse(readFileSync(this.#path, 'utf8')) as Pins & { anchor: HouseAnchor }
      return anchor.houseSamples === this.#anchor.houseSamples && anchor.monotonicMs === this.#anchor.monotonicMs ? pins : undefined
    } catch {
      return undefined
    }
  }

  /** Whole or not at all; without them a restart is only a little less smooth, so a full disk is no fault. */
  save(pins: Pins): void {
    const text = JSON.stringify({ anchor: this.#anchor, ...pins })
    if (text === this.#written) return
    try {
      writeFileSync(`${this.#path}.new`, text, { mode: 0o600 })
      renameSync(`${this.#path}.new`, this.#path)
      this.#written = text
    } catch {
      this.#written = ''
    }
  }
}
