import type { PlanSegment } from './plan.ts'
import type { Line } from './line.ts'

/** Why a listener was let go; becomes the reason in presence and events. */
export type LeaveReason = 'closed' | 'frozen' | 'replaced' | 'disabled' | 'key-rotated' | 'removed' | 'shutdown'

/**
 * Port: where one listener's bytes go. Left out on purpose: promises and callbacks for each write; a sink queues what it is
 * given, says it is `full` until the network has taken it, and is not written to meanwhile.
 */
export interface ListenerSink {
  readonly state: 'open' | 'full' | 'gone'
  /** Descriptor of a plain TCP socket for batched writes, −1 when bytes must go through `write`. */
  readonly fd: number
  /** The network has given it up, because its far side took nothing for too long. */
  readonly timedOut?: boolean
  write(bytes: Buffer): void
  /** What is on air has changed (null: silence), called before the first bytes of it. */
  onSegment?(segment: PlanSegment | null): void
  close(reason: LeaveReason): void
}

/** Port: writes the same bytes to many sinks at once. What a socket does not take is queued on its sink. */
export interface BatchWriter {
  /** Hot path: called once per chunk with `count` sinks in `sinks[0..count)`, all `open` and with `fd >= 0`. */
  send(sinks: readonly ListenerSink[], count: number, bytes: Buffer): void
}

/** One listener: a position on the grid and a place to write to. Made by FanOut.join(). */
export class Listener {
  readonly sink: ListenerSink
  /** The cluster it is, or null for a monitor and for who only follows a cluster. */
  readonly clusterId: string | null
  /** Cluster whose plan it follows without being it. */
  followsClusterId: string | null = null
  /** Index of the next frame it needs. */
  nextFrame: number
  line: Line
  /** Order last told to the sink; undefined before the first. */
  toldOrderId: string | null | undefined = undefined
  /** Monotonic ms since when the sink has been full; 0 while it is not. */
  fullSinceMs = 0
  /** Place in its group's array, for removal in constant time. */
  groupIndex = -1
  readonly wheelSlot: number

  constructor(sink: ListenerSink, clusterId: string | null, line: Line, wheelSlot: number, nextFrame: number) {
    this.sink = sink
    this.clusterId = clusterId
    this.line = line
    this.wheelSlot = wheelSlot
    this.nextFrame = nextFrame
  }
}
