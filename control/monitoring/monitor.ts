import type { Broadcast, BroadcastEvent, ClusterRecord, ControlClock, Store, UnitRecord } from '../ports.ts'
import { Sweep } from '../sweep.ts'
import { AvailabilityDesk, type AvailabilityRules } from './availability-desk.ts'
import { bucketOf, GONE } from './availability.ts'
import { STATE_BOUNDS, type StateBounds } from './cluster-state.ts'
import { MeasurementDesk, type MeasurementRules } from './measurement-desk.ts'
import { StateBoard, type Before, type StateChange } from './state-board.ts'

export interface MonitorPorts {
  readonly store: Pick<Store, 'units' | 'clusters' | 'rtpOutputs' | 'monitoring' | 'measurements' | 'transaction'>
  readonly broadcast: Broadcast
  readonly clock: ControlClock
  readonly rules: AvailabilityRules & MeasurementRules & Pick<StateBounds, 'syncBoundMs' | 'hotC' | 'weakSignalDbm'>
  /** What could not be kept; it is tried again. */
  readonly onError: (error: unknown) => void
}

/** Changes are told together so often. */
const TELL_EVERY_MS = 250
const BEAT_EVERY_MS = 1000
/** After the server's start, and after the end of a process of it, devices have this long to come back before they are lost. */
const EXCUSED_MS = 10_000

/**
 * Keeps up with every cluster: puts what the broadcast side tells on the board, tells subscribers what has changed, and keeps it for availability,
 * with what devices measure.
 */
export class Monitor {
  readonly board: StateBoard
  readonly availability: AvailabilityDesk
  readonly measurements: MeasurementDesk
  readonly #ports: MonitorPorts
  readonly #numbers = new Map<string, number>()
  readonly #subscribers = new Set<(changes: readonly StateChange[]) => void>()
  readonly #sweep: Sweep
  readonly #unsubscribe: readonly (() => void)[]
  /** Clusters that had a receiver of RTP at the last look. */
  #receiving: ReadonlySet<string> = new Set()
  #nextBeatMs = 0

  /** @throws StoreError */
  constructor(ports: MonitorPorts) {
    this.#ports = ports
    const { store, broadcast, clock, rules, onError } = ports
    const nowMs = clock.wallMs()
    const knownMs = store.monitoring.knownUntilMs()
    const before = new Map<string, Before>()
    for (const { number, clusterId, wasSeen, leftAtMs } of store.monitoring.clusters()) {
      this.#numbers.set(clusterId, number)
      before.set(clusterId, { wasSeen, leftAtMs: wasSeen ? (leftAtMs ?? knownMs) : null })
    }
    this.availability = new AvailabilityDesk(store, rules, nowMs)
    this.measurements = new MeasurementDesk(store, rules, nowMs)
    this.board = new StateBoard({ ...STATE_BOUNDS, syncBoundMs: rules.syncBoundMs, hotC: rules.hotC, weakSignalDbm: rules.weakSignalDbm }, nowMs + EXCUSED_MS)
    this.#readAll(before)
    this.#forgetRemoved()
    this.#unsubscribe = [
      broadcast.subscribe((event) => {
        this.#hear(event)
      }),
      broadcast.watch({
        speaker: (info) => {
          const saidMs = clock.wallMs()
          this.board.said(info, saidMs)
          const number = this.#numbers.get(info.clusterId)
          if (number !== undefined) this.measurements.said(number, info, saidMs)
        },
        registry: (clusterIds) => {
          this.#registryChanged(clusterIds)
        },
      }),
    ]
    this.#sweep = new Sweep({ clock, everyMs: TELL_EVERY_MS, work: () => { this.#tell() }, onError })
  }

  /** Begins to tell. */
  start(): void {
    this.#sweep.start()
  }

  /** Many clusters at once, and each at most once. @returns ends it */
  subscribe(listener: (changes: readonly StateChange[]) => void): () => void {
    this.#subscribers.add(listener)
    return () => {
      this.#subscribers.delete(listener)
    }
  }

  close(): void {
    for (const end of this.#unsubscribe) end()
    this.#sweep.stop()
    try {
      this.#tell()
      this.availability.close(this.#ports.clock.wallMs())
      this.measurements.close(this.#ports.clock.wallMs())
    } catch (error) {
      this.#ports.onError(error)
    }
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  #hear(event: BroadcastEvent): void {
    const nowMs = this.#ports.clock.wallMs()
    switch (event.type) {
      case 'on-air':
        this.board.onAir(event.clusterIds, event.onAir, nowMs)
        break
      case 'join':
        for (const clusterId of new Set(event.connections.map((connection) => connection.clusterId))) this.board.connected(clusterId, this.#ports.broadcast.connections(clusterId), nowMs)
        break
      case 'leave':
        for (const { clusterId, reason } of event.connections) this.board.connected(clusterId, this.#ports.broadcast.connections(clusterId), nowMs, reason === 'process-gone' ? nowMs + EXCUSED_MS : 0)
        break
      case 'fault':
      case 'source':
      case 'switch':
      case 'proof':
      case 'command':
        break
    }
  }

  #registryChanged(clusterIds: readonly string[] | null): void {
    try {
      if (clusterIds === null) this.#readAll(new Map())
      else this.#readSome(clusterIds)
    } catch (error) {
      this.#ports.onError(error)
    }
  }

  // ── Registry ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #readAll(before: ReadonlyMap<string, Before>): void {
    const { store, clock } = this.#ports
    const lineage = lineages(store.units.all())
    const clusters = store.clusters.all()
    this.#number(clusters)
    const there = new Set(clusters.map(({ id }) => id))
    for (const cluster of clusters) this.#place(cluster, lineage(cluster.unitId), before.get(cluster.id))
    for (const id of this.board.ids()) if (!there.has(id)) this.board.remove(id, clock.wallMs())
  }

  #readSome(clusterIds: readonly string[]): void {
    const { store, clock } = this.#ports
    const clusters = clusterIds.flatMap((id) => store.clusters.get(id) ?? [])
    this.#number(clusters)
    for (const cluster of clusters) this.#place(cluster, store.units.ancestors(cluster.unitId), undefined)
    const there = new Set(clusters.map(({ id }) => id))
    for (const id of clusterIds) if (!there.has(id)) this.board.remove(id, clock.wallMs())
  }

  #number(clusters: readonly ClusterRecord[]): void {
    for (const { clusterId, number } of this.#ports.store.monitoring.number(clusters.flatMap(({ id }) => (this.#numbers.has(id) ? [] : [id])))) this.#numbers.set(clusterId, number)
  }

  #place({ id, unitId, enabled, state, equipment }: ClusterRecord, units: readonly string[], before: Before | undefined): void {
    const { broadcast, clock } = this.#ports
    const nowMs = clock.wallMs()
    const isNew = this.board.report(id) === undefined
    this.board.place({ id, number: this.#numbers.get(id)!, unitId, enabled, state, technology: equipment.technology ?? 'unknown' }, units, before ?? { wasSeen: false, leftAtMs: null }, nowMs)
    if (!isNew) return
    const connections = broadcast.connections(id)
    if (connections.length > 0) this.board.connected(id, connections, nowMs)
    const speaker = broadcast.speaker(id)
    if (speaker !== null) this.board.said(speaker, nowMs)
    this.board.onAir([id], broadcast.onAir(id), nowMs)
  }

  /** Clusters that were removed, and the log does not know it. */
  #forgetRemoved(): void {
    const there = new Set(this.board.ids().map((id) => this.#numbers.get(id)!))
    const atMs = this.#ports.clock.wallMs()
    this.availability.note(this.availability.numbers().filter((number) => !there.has(number)).map((number) => ({ number, bucket: GONE, atMs })))
  }

  // ── Telling ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #tell(): void {
    const nowMs = this.#ports.clock.wallMs()
    this.board.tick(nowMs)
    const changes = this.board.takeChanges()
    if (changes.length > 0) {
      this.availability.note(changes.flatMap(({ before, after, atMs }) => {
        const bucket = bucketOf(after)
        return bucket === bucketOf(before) ? [] : [{ number: (after ?? before)!.number, bucket, atMs }]
      }))
      for (const listener of this.#subscribers) listener(changes)
      this.#ports.store.monitoring.seen(changes.flatMap(({ clusterId, before, after }) =>
        // One that came and went since the last look was not online then either.
        (after === null || (after.online === (before?.online ?? false) && after.leftAtMs === (before?.leftAtMs ?? null)) ? [] : [{ clusterId, leftAtMs: after.leftAtMs }])))
    }
    if (nowMs >= this.#nextBeatMs || nowMs < this.#nextBeatMs - BEAT_EVERY_MS) {
      this.#nextBeatMs = nowMs + BEAT_EVERY_MS
      this.#lookAtReceivers(nowMs)
      this.availability.beat(nowMs)
    }
    this.measurements.beat(nowMs)
  }

  #lookAtReceivers(nowMs: number): void {
    const { store, broadcast } = this.#ports
    const receivers = new Map<string, number>()
    for (const { id, clusterId } of store.rtpOutputs.all()) {
      const count = broadcast.rtp.status(id)?.receivers ?? 0
      if (count > 0) receivers.set(clusterId, (receivers.get(clusterId) ?? 0) + count)
    }
    for (const id of new Set([...this.#receiving, ...receivers.keys()])) if (this.#receiving.has(id) !== receivers.has(id)) this.board.rtpReceivers(id, receivers.get(id) ?? 0, nowMs)
    this.#receiving = new Set(receivers.keys())
  }
}

/** Each unit with all above it, itself first; remembered, because many clusters stand in one unit. */
function lineages(units: readonly UnitRecord[]): (unitId: string) => readonly string[] {
  const parents = new Map(units.map(({ id, parentId }) => [id, parentId]))
  const known = new Map<string, readonly string[]>()
  const of = (unitId: string): readonly string[] => {
    const before = known.get(unitId)
    if (before !== undefined) return before
    known.set(unitId, []) // a damaged tree may have a ring
    const parentId = parents.get(unitId) ?? null
    const lineage = [unitId, ...(parentId === null ? [] : of(parentId))]
    known.set(unitId, lineage)
    return lineage
  }
  return of
}
