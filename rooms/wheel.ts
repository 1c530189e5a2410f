import type { Line } from './line.ts'
import type { Listener } from './listener.ts'

/** Listeners of one line that are written to in the same turn. */
export interface Group {
  readonly line: Line
  readonly listeners: Listener[]
}

/**
 * Listeners that are written to in one turn before another slot is opened. Longer bursts cost less CPU and make the last of
 * them later; the figures are in bench/README.md. So many take a few milliseconds, well within a frame.
 */
const TURN_LISTENERS = 500

/**
 * Spreads listeners over the phases of their flush interval, so that thousands of writes never come as one burst.
 *
 * A wheel has one slot for each frame of the flush interval; at every frame edge one slot is flushed. All listeners of a
 * slot are at the same frame, whatever they hear, so each line's bytes are made once for all of them. Slots are filled one
 * after another, the next to be opened far from those in use.
 */
export class Wheel {
  readonly frameSamples: number
  /** Frames in a flush interval; also the number of slots. */
  readonly flushFrames: number
  readonly #slots: Map<Line, Group>[]
  readonly #sizes: number[]
  /** All slots, in the order in which they are opened. */
  readonly #order: readonly number[]

  /** @param firstSlot as a part of the interval, 0 to 1: where to begin, so that processes that share a machine do not write at the same edges */
  constructor(frameSamples: number, flushFrames: number, firstSlot = 0) {
    this.frameSamples = frameSamples
    this.flushFrames = flushFrames
    this.#slots = Array.from({ length: flushFrames }, () => new Map<Line, Group>())
    this.#sizes = new Array<number>(flushFrames).fill(0)
    this.#order = spreadOrder(flushFrames, Math.floor(firstSlot * flushFrames))
  }

  /** Number of listeners. */
  get size(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0)
  }

  /** The first slot that a turn can still serve in a burst; when all are full, the emptiest. */
  pickSlot(): number {
    let best = this.#order[0]!
    for (const slot of this.#order) {
      if (this.#sizes[slot]! < TURN_LISTENERS) return slot
      if (this.#sizes[slot]! < this.#sizes[best]!) best = slot
    }
    return best
  }

  groups(slot: number): Iterable<Group> {
    return this.#slots[slot]!.values()
  }

  *allGroups(): Iterable<Group> {
    for (const slot of this.#slots) yield* slot.values()
  }

  add(listener: Listener): void {
    const slot = this.#slots[listener.wheelSlot]!
    let group = slot.get(listener.line)
    if (group === undefined) {
      group = { line: listener.line, listeners: [] }
      slot.set(listener.line, group)
    }
    listener.groupIndex = group.listeners.length
    group.listeners.push(listener)
    this.#sizes[listener.wheelSlot]! += 1
  }

  remove(listener: Listener): void {
    const slot = this.#slots[listener.wheelSlot]!
    const group = slot.get(listener.line)
    if (group?.listeners[listener.groupIndex] !== listener) return
    const last = group.listeners.pop()!
    if (last !== listener) {
      group.listeners[listener.groupIndex] = last
      last.groupIndex = listener.groupIndex
    }
    listener.groupIndex = -1
    if (group.listeners.length === 0) slot.delete(listener.line)
    this.#sizes[listener.wheelSlot]! -= 1
  }
}

/** 0 to count − 1 from `first` on, each as far from the ones before it as golden-section steps bring it. */
function spreadOrder(count: number, first: number): number[] {
  let step = Math.max(1, Math.round(count * 0.382))
  while (greatestCommonDivisor(step, count) !== 1) step += 1
  return Array.from({ length: count }, (_, index) => (first + index * step) % count)
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
