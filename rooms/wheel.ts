import type { Line } from './line.ts'
import type { Listener } from './listener.ts'

/** Listeners of one line that are written to in the same turn. */
export interface Group {
  readonly line: Line
  readonly listeners: Listener[]
}

/**
 * Spreads listeners over the phases of their flush interval, so that thousands of writes never come as one burst.
 *
 * A wheel has one slot for each frame of the flush interval; at every frame edge one slot is flushed. All listeners of a
 * slot are at the same frame, whatever they hear, so each line's bytes are made once for all of them.
 */
export class Wheel {
  readonly frameSamples: number
  /** Frames in a flush interval; also the number of slots. */
  readonly flushFrames: number
  readonly #slots: Map<Line, Group>[]
  readonly #sizes: number[]

  constructor(frameSamples: number, flushFrames: number) {
    this.frameSamples = frameSamples
    this.flushFrames = flushFrames
    this.#slots = Array.from({ length: flushFrames }, () => new Map<Line, Group>())
    this.#sizes = new Array<number>(flushFrames).fill(0)
  }

  /** Number of listeners. */
  get size(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0)
  }

  /** The emptiest slot. */
  pickSlot(): number {
    let best = 0
    for (let slot = 1; slot < this.flushFrames; slot += 1) {
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
