import type { AudioFormat } from '../codec/audio-format.ts'
import type { Feed } from './feed.ts'
import { SILENCE_ROOM, type PlanSegment, type RoomRef } from './plan.ts'
import type { Timeline } from './timeline.ts'
import type { Wire, WireFrame } from './wire.ts'

/** Chunks kept for listeners that are at the same place; a flush needs one or two, a crowd joining a few more. */
const CACHED_CHUNKS = 8

export type FeedOf = (room: RoomRef, format: AudioFormat) => Feed

/** Counts of what lines had to do without. */
export interface LineCounters {
  /** Frames replaced by silence because no engine sent them in time, once a chunk. */
  gapFrames: number
}

/**
 * The continuous stream that all listeners with one plan, one format and one wire hear. Its bytes for a run of frames are
 * made once, whoever asks.
 */
export class Line {
  readonly timeline: Timeline
  readonly format: AudioFormat
  readonly wire: Wire
  readonly #feedOf: FeedOf
  readonly #counters: LineCounters
  readonly #chunks = new Map<number, { to: number; bytes: Buffer }>()
  listeners = 0

  constructor(timeline: Timeline, format: AudioFormat, wire: Wire, feedOf: FeedOf, counters: LineCounters) {
    this.timeline = timeline
    this.format = format
    this.wire = wire
    this.#feedOf = feedOf
    this.#counters = counters
  }

  segmentAt(frameIndex: number): PlanSegment | null {
    return this.timeline.segmentAt(frameIndex, this.format.frameSamples)
  }

  /** First frame in (from, to) with another order than that of `from`; `to` when there is none. */
  orderEnd(from: number, to: number): number {
    const orderId = this.segmentAt(from)?.orderId
    if (this.segmentAt(to - 1)?.orderId === orderId) return to
    let index = from + 1
    while (this.segmentAt(index)?.orderId === orderId) index += 1
    return index
  }

  /** First frame in [from, to) that an engine has not sent yet and may still send; `to` when none is awaited. */
  firstAwaited(from: number, to: number): number {
    for (let index = from; index < to; index += 1) {
      if (this.#feedAt(index).isAwaited(index)) return index
    }
    return to
  }

  /** Oldest frame from which on everything up to `to` is here, not before `earliest`. */
  oldestAvailable(earliest: number, to: number): number {
    let index = to
    while (index > earliest && this.#feedAt(index - 1).has(index - 1)) index -= 1
    return index
  }

  /** Bytes of frames [from, to); silence stands where a frame is missing. The Buffer is shared: never change it. */
  chunk(from: number, to: number): Buffer {
    const cached = this.#chunks.get(from)
    if (cached?.to === to) return cached.bytes
    const bytes = this.wire.encode(this.#frames(from, to))
    this.#chunks.delete(from)
    this.#chunks.set(from, { to, bytes })
    if (this.#chunks.size > CACHED_CHUNKS) {
      const oldest = this.#chunks.keys().next()
      if (!oldest.done) this.#chunks.delete(oldest.value)
    }
    return bytes
  }

  #frames(from: number, to: number): WireFrame[] {
    const frames: WireFrame[] = []
    let previousRoom = from > 0 ? this.#roomAt(from - 1) : null
    for (let index = from; index < to; index += 1) {
      const segment = this.segmentAt(index)
      const room = segment?.room ?? SILENCE_ROOM
      const feed = this.#feedOf(room, this.format)
      const isMissing = !feed.has(index)
      if (isMissing) this.#counters.gapFrames += 1
      const { data, flags } = feed.frame(index)
      frames.push({ frameIndex: index, data, flags, isMissing, cut: previousRoom !== null && room !== previousRoom, orderClass: segment?.class ?? null })
      previousRoom = room
    }
    return frames
  }

  /** Whether this frame is heard before what was sent earlier, and has long been encoded: it need not wait for anything. */
  mayGoAhead(frameIndex: number): boolean {
    return this.wire.overtakes === true && this.segmentAt(frameIndex)?.class === 'emergency' && !this.#feedAt(frameIndex).needsEngine
  }

  #roomAt(frameIndex: number): RoomRef {
    return this.segmentAt(frameIndex)?.room ?? SILENCE_ROOM
  }

  #feedAt(frameIndex: number): Feed {
    return this.#feedOf(this.#roomAt(frameIndex), this.format)
  }
}
