import type { AudioFormat } from '../codec/audio-format.ts'
import { createFeed, type Feed, type PreparedSounds } from './feed.ts'
import type { BusFrame, FrameSubscriber, Interest } from './frame-bus.ts'
import { msToSamples } from './grid.ts'
import type { HouseClock } from './house-clock.ts'
import { Line, type LineCounters } from './line.ts'
import { SILENCE_ROOM, type RoomRef } from './plan.ts'
import type { Timeline, TimelineRegistry } from './timeline.ts'
import type { Wire } from './wire.ts'

export interface LineSetOptions {
  /** How much of each room and format is kept. */
  readonly ringMs: number
  /** Rooms that a plan names within this time are asked for already. */
  readonly interestLookaheadMs: number
}

export interface LineSetCounters extends LineCounters {
  lateFrames: number
}

const INTEREST_GRACE_MS = 1000

/** The lines that somebody listens to, the feeds they play from, and what the bus is asked for because of them. */
export class LineSet {
  readonly #house: HouseClock
  readonly #bus: FrameSubscriber
  readonly #sounds: PreparedSounds
  readonly #timelines: TimelineRegistry
  readonly #options: LineSetOptions
  readonly #counters: LineSetCounters
  readonly #lines = new Map<Timeline, Map<string, Line>>()
  readonly #feeds = new Map<string, Feed>()

  constructor(ports: { house: HouseClock; bus: FrameSubscriber; sounds: PreparedSounds; timelines: TimelineRegistry }, options: LineSetOptions, counters: LineSetCounters) {
    this.#house = ports.house
    this.#bus = ports.bus
    this.#sounds = ports.sounds
    this.#timelines = ports.timelines
    this.#options = options
    this.#counters = counters
    this.#bus.onFrames((frames) => {
      this.#take(frames)
    })
  }

  /** Timelines that somebody listens to. */
  timelines(): Iterable<Timeline> {
    return this.#lines.keys()
  }

  /** A listener more. Takes over the reference to `timeline` that the caller holds. */
  enter(timeline: Timeline, format: AudioFormat, wire: Wire): Line {
    let lines = this.#lines.get(timeline)
    if (lines === undefined) {
      lines = new Map()
      this.#lines.set(timeline, lines)
    }
    const key = `${format.id}/${wire.id}`
    let line = lines.get(key)
    if (line === undefined) {
      line = new Line(timeline, format, wire, this.#feedOf, this.#counters)
      lines.set(key, line)
      this.refreshInterest()
    } else {
      this.#timelines.release(timeline)
    }
    line.listeners += 1
    return line
  }

  /** A listener less; a line without any is no more. */
  leave(line: Line): void {
    line.listeners -= 1
    if (line.listeners > 0) return
    const lines = this.#lines.get(line.timeline)
    lines?.delete(`${line.format.id}/${line.wire.id}`)
    if (lines?.size === 0) this.#lines.delete(line.timeline)
    this.#timelines.release(line.timeline)
  }

  /** Asks the engines for what the lines need now or soon, and forgets feeds that no line needs any more. */
  refreshInterest(): void {
    const now = this.#house.nowSamples()
    const from = now - msToSamples(this.#options.ringMs)
    const until = now + msToSamples(this.#options.interestLookaheadMs)
    // The last frames of a segment come after its end, and some listeners are behind.
    const graceSamples = msToSamples(INTEREST_GRACE_MS)
    const wanted = new Map<string, Interest>()
    const inUse = new Set<string>()
    for (const [timeline, lines] of this.#lines) {
      for (const line of lines.values()) {
        inUse.add(`${line.format.id}/${SILENCE_ROOM}`)
        for (const segment of timeline.plan) {
          if (segment.fromSamples > until || segment.untilSamples < from) continue
          const key = `${line.format.id}/${segment.room}`
          inUse.add(key)
          if (segment.untilSamples > now - graceSamples && this.#feedOf(segment.room, line.format).needsEngine) {
            wanted.set(key, { room: segment.room, format: line.format.id })
          }
        }
      }
    }
    for (const key of this.#feeds.keys()) if (!inUse.has(key)) this.#feeds.delete(key)
    this.#bus.setInterest([...wanted.values()])
  }

  readonly #feedOf = (room: RoomRef, format: AudioFormat): Feed => {
    const key = `${format.id}/${room}`
    let feed = this.#feeds.get(key)
    if (feed === undefined) {
      feed = createFeed(room, format, this.#sounds, Math.ceil(msToSamples(this.#options.ringMs) / format.frameSamples))
      this.#feeds.set(key, feed)
    }
    return feed
  }

  /** Hot path: once per batch from an engine. */
  #take(frames: readonly BusFrame[]): void {
    for (const frame of frames) {
      const feed = this.#feeds.get(`${frame.format}/${frame.room}`)
      if (feed !== undefined && !feed.put(frame)) this.#counters.lateFrames += 1
    }
  }
}
