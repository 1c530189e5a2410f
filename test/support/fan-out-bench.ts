import type { AudioFormat } from '../../codec/audio-format.ts'
import { parseFormat } from '../../codec/audio-format.ts'
import { FanOut, type CutReport, type FanOutOptions } from '../../rooms/fan-out.ts'
import type { PreparedSounds } from '../../rooms/feed.ts'
import { anchorFromWall, HouseClock } from '../../rooms/house-clock.ts'
import type { BatchWriter, LeaveReason, Listener, ListenerSink } from '../../rooms/listener.ts'
import { LocalFrameBus } from '../../rooms/local-frame-bus.ts'
import { msToSamples } from '../../rooms/grid.ts'
import type { Plan, PlanSegment, RoomRef } from '../../rooms/plan.ts'
import type { Wire } from '../../rooms/wire.ts'
import { FakeClock } from './fake-clock.ts'

/** What a test listener got: the room and the index of a frame, as the sounds and the engine of this bench label them. */
export interface Heard {
  readonly index: number
  readonly what: string
  readonly atMs: number
  /** Told last before it came; undefined: nothing was. */
  readonly orderId: string | null | undefined
}

const label = (text: string): Buffer => Buffer.from(text.padEnd(40).slice(0, 40), 'latin1')

/** Frames that say what they are; the index is added by the wire. */
const sounds: PreparedSounds = {
  silence: () => [label('silence')],
  tone: (name) => (name === 'attention' ? Array.from({ length: 150 }, (_, index) => label(`tone ${String(index)}`)) : undefined),
}

/** 48 bytes a frame: index, then the label. */
export const labelWire: Wire = {
  id: 'label',
  marksOrders: true,
  encode: (frames) => Buffer.concat(frames.map(({ frameIndex, data }) => {
    const head = Buffer.alloc(8)
    head.writeDoubleBE(frameIndex)
    return Buffer.concat([head, data])
  })),
}

/** A sink that keeps what it got and can be made slow or frozen. */
export class TestSink implements ListenerSink {
  state: 'open' | 'full' | 'gone' = 'open'
  readonly fd: number
  readonly heard: Heard[] = []
  readonly writesMs: number[] = []
  readonly segments: (PlanSegment | null)[] = []
  closed: LeaveReason | null = null
  #orderId: string | null | undefined = undefined
  readonly #clock: FakeClock

  constructor(clock: FakeClock, fd = 1) {
    this.#clock = clock
    this.fd = fd
  }

  write(bytes: Buffer): void {
    this.writesMs.push(this.#clock.monotonicMs())
    for (let at = 0; at < bytes.length; at += 48) this.heard.push({ index: bytes.readDoubleBE(at), what: bytes.toString('latin1', at + 8, at + 48).trimEnd(), atMs: this.#clock.monotonicMs(), orderId: this.#orderId })
  }

  onSegment(segment: PlanSegment | null): void {
    this.segments.push(segment)
    this.#orderId = segment?.orderId ?? null
  }

  close(reason: LeaveReason): void {
    this.state = 'gone'
    this.closed = reason
  }
}

const batch: BatchWriter = {
  send(sinks, count, bytes) {
    for (let index = 0; index < count; index += 1) sinks[index]!.write(bytes)
  },
}

export const DEFAULT_OPTIONS: FanOutOptions = { ringMs: 4000, maxLagMs: 2000, frozenTimeoutMs: 10_000, gapFillMs: 200, interestLookaheadMs: 15_000, latenessBoundsMs: [1, 5, 20], firstSlot: 0 }

/** A fan-out on a clock that is moved by hand, with an engine that sends whatever is asked for. */
export class FanOutBench {
  readonly clock = new FakeClock()
  readonly house = new HouseClock(this.clock, anchorFromWall(this.clock))
  readonly bus = new LocalFrameBus()
  readonly cuts: CutReport[] = []
  readonly fanOut: FanOut
  /** Rooms whose frames the engine withholds. */
  readonly withheld = new Set<RoomRef>()
  interests: readonly { room: RoomRef; format: string }[] = []
  readonly #sent = new Map<string, number>()

  constructor(options: Partial<FanOutOptions> = {}) {
    this.bus.onInterest((interests) => {
      this.interests = interests
    })
    this.fanOut = new FanOut({ clock: this.clock, house: this.house, bus: this.bus.subscribe(), sounds, batch }, { ...DEFAULT_OPTIONS, ...options }, (cut) => this.cuts.push(cut))
  }

  join(options: { clusterId?: string; room?: RoomRef; format?: string; flushMs?: number; burstMs?: number; fd?: number; wire?: Wire } = {}): { listener: Listener; sink: TestSink; format: AudioFormat } {
    const sink = new TestSink(this.clock, options.fd)
    const format = parseFormat(options.format ?? 'mp3-64')
    const hears = options.room === undefined ? { clusterId: options.clusterId ?? 'c1' } : { room: options.room, title: 'monitor' }
    const listener = this.fanOut.join({ sink, hears, format, wire: options.wire ?? labelWire, flushMs: options.flushMs ?? 240, burstMs: options.burstMs ?? 0 })
    return { listener, sink, format }
  }

  assign(assignments: readonly { readonly clusters: readonly string[]; readonly plan: Plan }[], urgent: boolean): void {
    this.fanOut.assign(assignments, this.now(), urgent)
  }

  now(): number {
    return Math.floor(this.house.nowSamples())
  }

  segment(room: RoomRef, fromMs: number, untilMs: number, more: Partial<PlanSegment> = {}): PlanSegment {
    const now = this.now()
    return { room, fromSamples: now + msToSamples(fromMs), untilSamples: now + msToSamples(untilMs), orderId: `order of ${room}`, class: 'normal', title: room, ...more }
  }

  /** Moves time in steps of 4 ms; the engine sends each frame in time, 10 ms after its last sample. */
  run(ms: number): void {
    for (let done = 0; done < ms; done += 4) {
      this.clock.advance(Math.min(4, ms - done))
      this.#engine()
    }
  }

  /** The engine has sent this room up to a frame, that one not included; what is before it never comes. */
  sends(room: RoomRef, format: string, from: number): void {
    this.#sent.set(`${room} ${format}`, from - 1)
  }

  #engine(): void {
    for (const { room, format: id } of this.interests) {
      if (this.withheld.has(room)) continue
      const format = parseFormat(id)
      const key = `${room} ${id}`
      const ready = Math.floor((this.house.nowSamples() - msToSamples(10)) / format.frameSamples)
      const from = Math.max(this.#sent.get(key) ?? ready - 1, ready - 20)
      const frames = []
      for (let index = from + 1; index < ready; index += 1) frames.push({ room, format: id, frameIndex: index, flags: 0, data: label(room) })
      this.#sent.set(key, Math.max(from, ready - 1))
      if (frames.length > 0) this.bus.publish(frames)
    }
  }
}



