import type { AudioFormat } from '../codec/audio-format.ts'
import type { Clock, TimerHandle } from './clock.ts'
import type { PreparedSounds } from './feed.ts'
import type { FrameSubscriber } from './frame-bus.ts'
import { ENGINE_LEAD_MS, frameAtOrAfter, msToSamples, samplesToMs } from './grid.ts'
import type { HouseClock } from './house-clock.ts'
import { LatenessHistogram } from './lateness-histogram.ts'
import type { Line } from './line.ts'
import { LineSet, type LineSetCounters, type LineSetOptions } from './line-set.ts'
import { Listener, type BatchWriter, type LeaveReason, type ListenerSink } from './listener.ts'
import { Pacer } from './pacer.ts'
import { replanned, type Plan, type RoomRef } from './plan.ts'
import { TimelineRegistry, type Timeline } from './timeline.ts'
import { Wheel, type Group } from './wheel.ts'
import type { Wire } from './wire.ts'

export interface FanOutOptions extends LineSetOptions {
  /** A listener further behind is moved to the live edge. */
  readonly maxLagMs: number
  /** A listener that takes no byte for this long is cut. */
  readonly frozenTimeoutMs: number
  /** How long a flush waits for a frame an engine has not sent, before silence takes its place. */
  readonly gapFillMs: number
  /** Upper bounds of the lateness histogram. */
  readonly latenessBoundsMs: readonly number[]
  /** Where in the flush interval this process begins to place its listeners, 0 to 1: others on the machine begin elsewhere. */
  readonly firstSlot: number
}

export interface JoinRequest {
  readonly sink: ListenerSink
  /**
   * The cluster it is, the cluster whose plan it follows without being it (it replaces nobody, and nobody replaces it), or the room it
   * monitors.
   */
  readonly hears: { readonly clusterId: string } | { readonly followsClusterId: string } | { readonly room: RoomRef; readonly title: string }
  readonly format: AudioFormat
  readonly wire: Wire
  readonly flushMs: number
  /** Sound sent at once, so that a player need not wait for its own buffer to fill. */
  readonly burstMs: number
}

/** What an urgent assignment did here. */
export interface CutReport {
  readonly orderId: string
  readonly listeners: number
  readonly elapsedMs: number
}

export interface FanOutCounters extends LineSetCounters {
  bytes: number
  frames: number
  skips: number
  frozen: number
}

/** Frames of the new room that an urgent flush sends along, so that the cut is heard at once even by a starving player. */
const URGENT_FRAMES = 2
const INTEREST_REFRESH_MS = 1000
const MONITOR_UNTIL_SAMPLES = Number.MAX_SAFE_INTEGER
const NOBODY: readonly Listener[] = []

/**
 * Holds the listeners of this process and writes to them, turn by turn. Knows plans and frames, nothing of why.
 * Every way in is synchronous; nothing here waits for anybody. Longer than most files, because
 * moving listeners and writing to them work on the same state, on the hot path.
 */
export class FanOut {
  readonly counters: FanOutCounters = { bytes: 0, frames: 0, skips: 0, frozen: 0, lateFrames: 0, gapFrames: 0 }
  /** Time from when a frame's turn was due until it had been written. */
  readonly lateness: LatenessHistogram
  readonly #clock: Clock
  readonly #house: HouseClock
  readonly #batch: BatchWriter
  readonly #options: FanOutOptions
  readonly #onCut: (report: CutReport) => void
  readonly #timelines = new TimelineRegistry()
  readonly #planOfCluster = new Map<string, Timeline>()
  readonly #listenerOfCluster = new Map<string, Listener>()
  /** Others that hear what a cluster hears. */
  readonly #followersOfCluster = new Map<string, Set<Listener>>()
  readonly #lines: LineSet
  readonly #wheels = new Map<string, { wheel: Wheel; pacer: Pacer }>()
  readonly #wheelOf = new WeakMap<Listener, Wheel>()
  readonly #leadSamples = msToSamples(ENGINE_LEAD_MS)
  readonly #urgentTimers = new Set<TimerHandle>()
  // Scratch arrays of the hot path; only their first entries are meaningful.
  readonly #batchSinks: ListenerSink[] = []
  readonly #together: Listener[] = []
  #interestTimer: TimerHandle | null = null
  #closed = false

  constructor(ports: { clock: Clock; house: HouseClock; bus: FrameSubscriber; sounds: PreparedSounds; batch: BatchWriter }, options: FanOutOptions, onCut: (report: CutReport) => void) {
    this.#clock = ports.clock
    this.#house = ports.house
    this.#batch = ports.batch
    this.#options = options
    this.#onCut = onCut
    this.lateness = new LatenessHistogram(options.latenessBoundsMs)
    this.#lines = new LineSet({ ...ports, timelines: this.#timelines }, options, this.counters)
    this.#scheduleInterest()
  }

  /** Listeners now, of all formats. */
  get size(): number {
    let size = 0
    for (const { wheel } of this.#wheels.values()) size += wheel.size
    return size
  }

  listenersByFormat(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { wheel } of this.#wheels.values()) {
      for (const { line, listeners } of wheel.allGroups()) counts[line.format.id] = (counts[line.format.id] ?? 0) + listeners.length
    }
    return counts
  }

  planOf(clusterId: string): Plan {
    return this.#planOfCluster.get(clusterId)?.plan ?? []
  }

  /**
   * Lets a listener in at the live edge and writes the first sound to it at once. A cluster that was here already is
   * replaced: one device, one identity.
   */
  join(request: JoinRequest): Listener {
    const { format, wire, sink } = request
    const clusterId = 'clusterId' in request.hears ? request.hears.clusterId : null
    if (clusterId !== null) this.leaveCluster(clusterId, 'replaced')

    const timeline = this.#timelineFor(request.hears)
    const line = this.#lines.enter(timeline, format, wire)
    const wheel = this.#wheel(format, request.flushMs)
    const edge = this.#dueFrame(format.frameSamples)
    const burstFrames = Math.ceil(msToSamples(request.burstMs) / format.frameSamples)
    const from = line.oldestAvailable(Math.max(0, edge - burstFrames), edge)
    const listener = new Listener(sink, clusterId, line, wheel.pickSlot(), edge)
    wheel.add(listener)
    this.#wheelOf.set(listener, wheel)
    if (clusterId !== null) this.#listenerOfCluster.set(clusterId, listener)
    if ('followsClusterId' in request.hears) this.#addFollower(request.hears.followsClusterId, listener)

    this.#tell(listener, edge - 1)
    if (from < edge) this.#writeTogether(line, [listener], 1, from, edge)
    return listener
  }

  /** Forgets a listener whose sink has gone. Idempotent. */
  leave(listener: Listener): void {
    const wheel = this.#wheelOf.get(listener)
    if (wheel === undefined) return
    this.#wheelOf.delete(listener)
    wheel.remove(listener)
    if (listener.sink.timedOut === true) this.counters.frozen += 1
    if (listener.clusterId !== null && this.#listenerOfCluster.get(listener.clusterId) === listener) this.#listenerOfCluster.delete(listener.clusterId)
    if (listener.followsClusterId !== null) this.#removeFollower(listener.followsClusterId, listener)
    this.#lines.leave(listener.line)
  }

  #addFollower(clusterId: string, listener: Listener): void {
    listener.followsClusterId = clusterId
    let followers = this.#followersOfCluster.get(clusterId)
    if (followers === undefined) {
      followers = new Set()
      this.#followersOfCluster.set(clusterId, followers)
    }
    followers.add(listener)
  }

  #removeFollower(clusterId: string, listener: Listener): void {
    const followers = this.#followersOfCluster.get(clusterId)
    followers?.delete(listener)
    if (followers?.size === 0) this.#followersOfCluster.delete(clusterId)
  }

  /** @returns false when the cluster was not here. */
  leaveCluster(clusterId: string, reason: LeaveReason): boolean {
    const listener = this.#listenerOfCluster.get(clusterId)
    if (listener === undefined) return false
    this.leave(listener)
    listener.sink.close(reason)
    return true
  }

  listenerOf(clusterId: string): Listener | undefined {
    return this.#listenerOfCluster.get(clusterId)
  }

  /**
   * Replaces the plans of the named clusters from a house sample on; what they were to hear before it, they still hear. Nobody
   * reconnects: a listener's position stays, what plays there changes.
   * @param urgent write to those touched at the first possible edge, not at their turn
   */
  assign(assignments: readonly { readonly clusters: readonly string[]; readonly plan: Plan }[], atSamples: number, urgent: boolean): void {
    const startedMs = this.#clock.monotonicMs()
    const moved: Listener[] = []
    for (const { clusters, plan } of assignments) {
      // Clusters that had one plan get one again.
      for (const [before, together] of Map.groupBy(clusters, (clusterId) => this.#planOfCluster.get(clusterId))) {
        const timeline = this.#timelines.acquire(replanned(before?.plan ?? [], plan, atSamples))
        if (timeline !== before) moved.push(...this.#follow(together, timeline))
        this.#timelines.release(timeline)
      }
    }
    this.#lines.refreshInterest()
    if (urgent && moved.length > 0) this.#flushUrgently(moved, atSamples, startedMs)
  }

  /** @returns listeners whose line has changed. */
  #follow(clusterIds: readonly string[], timeline: Timeline): Listener[] {
    const moved: Listener[] = []
    for (const clusterId of clusterIds) {
      const before = this.#planOfCluster.get(clusterId)
      this.#planOfCluster.set(clusterId, this.#timelines.retain(timeline))
      const listener = this.#listenerOfCluster.get(clusterId)
      if (listener !== undefined) {
        this.#move(listener, timeline)
        moved.push(listener)
      }
      for (const follower of this.#followersOfCluster.get(clusterId) ?? NOBODY) {
        this.#move(follower, timeline)
        moved.push(follower)
      }
      if (before !== undefined) this.#timelines.release(before)
    }
    return moved
  }

  /** Drops the plan of a cluster that is no more. Who follows it hears silence. */
  forgetCluster(clusterId: string): void {
    this.leaveCluster(clusterId, 'removed')
    const timeline = this.#planOfCluster.get(clusterId)
    if (timeline === undefined) return
    this.#planOfCluster.delete(clusterId)
    this.#timelines.release(timeline)
    const silence = this.#timelines.acquire([])
    for (const follower of this.#followersOfCluster.get(clusterId) ?? NOBODY) this.#move(follower, silence)
    this.#timelines.release(silence)
  }

  /** Stops all turns and closes every listener. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#interestTimer?.cancel()
    for (const timer of this.#urgentTimers) timer.cancel()
    for (const { wheel, pacer } of this.#wheels.values()) {
      pacer.stop()
      for (const group of [...wheel.allGroups()]) {
        for (const listener of [...group.listeners]) {
          this.leave(listener)
          listener.sink.close('shutdown')
        }
      }
    }
  }

  #timelineFor(hears: JoinRequest['hears']): Timeline {
    if ('room' in hears) {
      return this.#timelines.acquire([{ room: hears.room, fromSamples: 0, untilSamples: MONITOR_UNTIL_SAMPLES, orderId: '', class: 'normal', title: hears.title }])
    }
    const planned = this.#planOfCluster.get('clusterId' in hears ? hears.clusterId : hears.followsClusterId)
    return planned === undefined ? this.#timelines.acquire([]) : this.#timelines.retain(planned)
  }

  #move(listener: Listener, timeline: Timeline): void {
    const wheel = this.#wheelOf.get(listener)!
    const before = listener.line
    wheel.remove(listener)
    listener.line = this.#lines.enter(this.#timelines.retain(timeline), before.format, before.wire)
    wheel.add(listener)
    this.#lines.leave(before)
  }

  #wheel(format: AudioFormat, flushMs: number): Wheel {
    const flushFrames = Math.max(1, Math.round(msToSamples(flushMs) / format.frameSamples))
    const key = `${String(format.frameSamples)}/${String(flushFrames)}`
    let entry = this.#wheels.get(key)
    if (entry === undefined) {
      const wheel = new Wheel(format.frameSamples, flushFrames, this.#options.firstSlot)
      const pacer = new Pacer({
        clock: this.#clock,
        house: this.#house,
        periodSamples: format.frameSamples,
        phaseSamples: this.#leadSamples,
        onTick: (edge) => {
          this.#turn(wheel, edge)
        },
      })
      pacer.start()
      entry = { wheel, pacer }
      this.#wheels.set(key, entry)
    }
    return entry.wheel
  }

  /** Frames before this index are due: their end lies at least the engine's lead in the past. */
  #dueFrame(frameSamples: number): number {
    return Math.floor((this.#house.nowSamples() - this.#leadSamples) / frameSamples)
  }

  /** Hot path: once per frame edge of a wheel; writes to one slot of it. */
  #turn(wheel: Wheel, edge: number): void {
    const nowMs = this.#clock.monotonicMs()
    for (const group of wheel.groups(edge % wheel.flushFrames)) this.#flush(group, wheel, edge, nowMs)
  }

  #flush(group: Group, wheel: Wheel, edge: number, nowMs: number): void {
    const { line, listeners } = group
    const maxLagFrames = Math.ceil(msToSamples(this.#options.maxLagMs) / wheel.frameSamples)
    const usualFrom = edge - wheel.flushFrames
    const usual = this.#together
    let usualCount = 0
    let odd: Listener[] | null = null
    // Backwards, because a listener that is found gone is swapped with the last.
    for (let index = listeners.length - 1; index >= 0; index -= 1) {
      const listener = listeners[index]!
      const state = listener.sink.state
      if (state !== 'open') {
        if (state === 'gone') this.leave(listener)
        else this.#checkFrozen(listener, nowMs)
        continue
      }
      listener.fullSinceMs = 0
      if (edge - listener.nextFrame > maxLagFrames) {
        listener.nextFrame = edge - 1
        this.counters.skips += 1
      }
      if (listener.nextFrame === usualFrom) {
        usual[usualCount] = listener
        usualCount += 1
      } else if (listener.nextFrame < edge) {
        odd ??= []
        odd.push(listener)
      }
    }
    if (usualCount > 0) this.#writeTogether(line, usual, usualCount, usualFrom, this.#available(line, usualFrom, edge))
    if (odd !== null) {
      // Those who have just joined, been cut to, or fallen behind.
      for (const [from, together] of Map.groupBy(odd, (listener) => listener.nextFrame)) {
        this.#writeTogether(line, together, together.length, from, this.#available(line, from, edge))
      }
    }
    if (usualCount > 0) {
      const dueMs = this.#house.monotonicMsAt(edge * wheel.frameSamples + this.#leadSamples)
      this.lateness.record(Math.max(0, this.#clock.monotonicMs() - dueMs), usualCount)
    }
  }

  /** Hot path: gives the same bytes to `count` open listeners of one line that all stand at frame `from`. */
  #writeTogether(line: Line, listeners: readonly Listener[], count: number, from: number, to: number): void {
    for (let at = from; at < to;) {
      const end = line.wire.marksOrders === true ? line.orderEnd(at, to) : to
      this.#writeRun(line, listeners, count, at, end)
      at = end
    }
  }

  #writeRun(line: Line, listeners: readonly Listener[], count: number, from: number, to: number): void {
    const chunk = line.chunk(from, to)
    const orderId = line.segmentAt(to - 1)?.orderId ?? null
    const sinks = this.#batchSinks
    let batched = 0
    for (let index = 0; index < count; index += 1) {
      const listener = listeners[index]!
      const { sink } = listener
      let mustQueue = sink.fd < 0
      if (listener.toldOrderId !== orderId) {
        this.#tell(listener, to - 1)
        // Its socket may not have taken all it was told; sound then goes behind that, not past it.
        mustQueue ||= sink.state !== 'open'
      }
      listener.nextFrame = to
      if (mustQueue) {
        sink.write(chunk)
      } else {
        sinks[batched] = sink
        batched += 1
      }
    }
    if (batched > 0) this.#batch.send(sinks, batched, chunk)
    this.counters.bytes += chunk.length * count
    this.counters.frames += (to - from) * count
  }

  /** How far the frames from `from` on can be written now: up to a frame that is still awaited. */
  #available(line: Line, from: number, edge: number): number {
    const gapFillFrames = Math.ceil(msToSamples(this.#options.gapFillMs) / line.format.frameSamples)
    const missing = line.firstAwaited(from, edge)
    return missing > edge - gapFillFrames || missing === edge ? missing : line.firstAwaited(edge - gapFillFrames, edge)
  }

  #tell(listener: Listener, frameIndex: number): void {
    const segment = listener.line.segmentAt(frameIndex)
    const orderId = segment?.orderId ?? null
    if (orderId === listener.toldOrderId) return
    listener.toldOrderId = orderId
    listener.sink.onSegment?.(segment)
  }

  #checkFrozen(listener: Listener, nowMs: number): void {
    if (listener.fullSinceMs === 0) listener.fullSinceMs = nowMs
    if (nowMs - listener.fullSinceMs <= this.#options.frozenTimeoutMs) return
    this.counters.frozen += 1
    this.leave(listener)
    listener.sink.close('frozen')
  }

  /**
   * Writes to the moved listeners as soon as the last frame before the cut is due, first frames of the new room included; at once to those who
   * would give that frame up.
   */
  #flushUrgently(moved: readonly Listener[], atSamples: number, startedMs: number): void {
    for (const [frameSamples, listeners] of Map.groupBy(moved, (listener) => listener.line.format.frameSamples)) {
      const cutFrame = Math.max(frameAtOrAfter(atSamples, frameSamples), this.#dueFrame(frameSamples))
      const { ahead = [], usual = [] } = Object.groupBy(listeners, ({ line }) => (line.mayGoAhead(cutFrame) ? 'ahead' : 'usual'))
      if (ahead.length > 0) this.#writeUrgently(ahead, cutFrame + URGENT_FRAMES, startedMs)
      if (usual.length === 0) continue
      const delayMs = this.#house.monotonicMsAt(cutFrame * frameSamples + this.#leadSamples) - this.#clock.monotonicMs()
      const timer = this.#clock.setTimer(Math.max(0, delayMs), () => {
        this.#urgentTimers.delete(timer)
        this.#writeUrgently(usual, cutFrame + URGENT_FRAMES, startedMs)
      })
      this.#urgentTimers.add(timer)
    }
  }

  #writeUrgently(listeners: readonly Listener[], edge: number, startedMs: number): void {
    const open = listeners.filter((listener) => this.#wheelOf.has(listener) && listener.sink.state === 'open' && listener.nextFrame < edge)
    const cuts = new Map<string, number>()
    for (const [line, group] of Map.groupBy(open, (listener) => listener.line)) {
      for (const [from, together] of Map.groupBy(group, (listener) => listener.nextFrame)) {
        // Whatever of the old room has not come by now gives way; the new room is not waited for.
        const to = Math.max(from, line.firstAwaited(edge - URGENT_FRAMES, edge))
        this.#writeTogether(line, together, together.length, from, to)
        const orderId = line.segmentAt(to)?.orderId
        if (orderId !== undefined) cuts.set(orderId, (cuts.get(orderId) ?? 0) + together.length)
      }
    }
    const elapsedMs = this.#clock.monotonicMs() - startedMs
    for (const [orderId, count] of cuts) this.#onCut({ orderId, listeners: count, elapsedMs })
  }

  #scheduleInterest(): void {
    this.#interestTimer = this.#clock.setTimer(INTEREST_REFRESH_MS, () => {
      this.#forgetPast()
      this.#lines.refreshInterest()
      this.#scheduleInterest()
    })
  }

  /** Clusters whose plans differ only in what is over share a line again. */
  #forgetPast(): void {
    const before = this.#house.nowSamples() - msToSamples(this.#options.ringMs)
    const stale = new Set<Timeline>()
    for (const timeline of this.#timelines.all()) if (timeline.plan.some(({ untilSamples }) => untilSamples < before)) stale.add(timeline)
    if (stale.size === 0) return
    const clusters = [...this.#planOfCluster].filter(([, timeline]) => stale.has(timeline))
    for (const [timeline, entries] of Map.groupBy(clusters, ([, timeline]) => timeline)) {
      const pruned = this.#timelines.acquire(timeline.plan.filter(({ untilSamples }) => untilSamples >= before))
      this.#follow(entries.map(([clusterId]) => clusterId), pruned)
      this.#timelines.release(pruned)
    }
  }

  /** Rooms that somebody monitors, whether a cluster hears them or not. */
  monitoredRooms(): RoomRef[] {
    const rooms = new Set<RoomRef>()
    for (const { plan } of this.#lines.timelines()) if (plan[0]?.untilSamples === MONITOR_UNTIL_SAMPLES) rooms.add(plan[0].room)
    return [...rooms]
  }

  /** Oldest unsent sound of a listener, ms; for status. */
  lagMs(listener: Listener): number {
    return Math.max(0, samplesToMs((this.#dueFrame(listener.line.format.frameSamples) - listener.nextFrame) * listener.line.format.frameSamples))
  }
}
