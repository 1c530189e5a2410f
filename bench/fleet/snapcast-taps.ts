import type { Crystal } from './crystal.ts'

/* What native/crystal.c has noted of one snapclient, turned into «which place of the source left the player at this instant». */

const TAP_BYTES = 24
const BLOCK_MS = 50
/** A player that is later than a block for its turn begins its count anew (file_player.cpp, loop). */
const RESYNC_MS = BLOCK_MS
const RATE_PER_MS = 48
const LOW_BITS = 15
const LOW_MASK = (1 << LOW_BITS) - 1

/** Place 0 and its neighbours cannot be told from silence, so the count begins here. */
export const FIRST_PLACE = 1 << LOW_BITS

/** Writes stereo frames that each hold their own place in the stream: 15 bits left, 15 bits right. */
export function writePlaces(out: Buffer, firstPlace: number): void {
  for (let at = 0, place = firstPlace; at + 4 <= out.length; at += 4, place += 1) {
    out.writeInt16LE(place & LOW_MASK, at)
    out.writeInt16LE((place >> LOW_BITS) & LOW_MASK, at + 2)
  }
}

const readPlace = (left: number, right: number): number => (right << LOW_BITS) | left

interface Block {
  /** Of the player's own count, by its own clock. */
  readonly startDeviceMs: number
  /** NaN: silence, or sound that is not ours. */
  readonly firstPlace: number
  readonly lastPlace: number
}

export class SnapcastTaps {
  readonly #blocks: readonly Block[]
  /** Times it began its count anew. */
  readonly resyncs: number

  constructor(bytes: Buffer) {
    const written: { deviceMs: number; firstPlace: number; lastPlace: number }[] = []
    for (let at = 0; at + TAP_BYTES <= bytes.length; at += TAP_BYTES) {
      const places = [readPlace(bytes.readInt16LE(at + 16), bytes.readInt16LE(at + 18)), readPlace(bytes.readInt16LE(at + 20), bytes.readInt16LE(at + 22))] as const
      const [firstPlace, lastPlace] = places.map((place) => (place >= FIRST_PLACE ? place : NaN)) as [number, number]
      written.push({ deviceMs: Number(bytes.readBigInt64LE(at + 8)) / 1e6, firstPlace, lastPlace })
    }
    // The player writes a block each 50 ms of its clock, sometimes woken late, never early: the least late tells where the count stands.
    const segments: (typeof written)[] = []
    let expectedMs = NaN
    for (const block of written) {
      if (!(block.deviceMs - expectedMs <= RESYNC_MS)) {
        segments.push([])
        expectedMs = block.deviceMs
      }
      expectedMs = Math.min(expectedMs, block.deviceMs) + BLOCK_MS
      segments[segments.length - 1]!.push(block)
    }
    this.resyncs = Math.max(0, segments.length - 1)
    this.#blocks = segments.flatMap((segment) => {
      const zeroMs = segment.reduce((least, { deviceMs }, index) => Math.min(least, deviceMs - index * BLOCK_MS), Infinity)
      return segment.map(({ firstPlace, lastPlace }, index) => ({ startDeviceMs: zeroMs + index * BLOCK_MS, firstPlace, lastPlace }))
    })
  }

  /** Place that leaves at an instant of true time; NaN: none. */
  placeAt(trueMs: number, crystal: Crystal): number {
    const deviceMs = crystal.deviceMs(trueMs)
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#blocks[middle]!.startDeviceMs <= deviceMs) low = middle + 1
      else high = middle
    }
    const block = this.#blocks[low - 1]
    if (block === undefined) return NaN
    const passedMs = deviceMs - block.startDeviceMs
    // Frames are put in or left out somewhere within a block: at most a few samples.
    return passedMs <= BLOCK_MS + 1e-6 && !Number.isNaN(block.lastPlace) ? block.firstPlace + passedMs * RATE_PER_MS : NaN
  }
}
