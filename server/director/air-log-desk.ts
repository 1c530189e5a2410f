import { randomUUID } from 'node:crypto'
import type { AirLogStore, AirRecord, OpenRunRecord, OrderRecord } from '../../control/ports.ts'
import { msToSamples, samplesToMs } from '../../rooms/grid.ts'
import type { OnAirChange } from './on-air-board.ts'

/** How exactly the end of a run is known when the server is killed. */
const HEARTBEAT_SAMPLES = msToSamples(30_000)
/** Entries that wait for a disk; beyond it the oldest are lost, and counted. */
const MOST_WAITING = 50_000
/** Orders of which it is remembered where they have had a run. */
const MOST_ORDERS = 1000

/** As it is kept while it is on the air. */
interface Run extends Pick<AirRecord, 'orderId' | 'class' | 'title' | 'unitId' | 'issuerUnitId' | 'sourceId' | 'clipIds' | 'field' | 'fromMs'> {
  readonly id: string
  readonly fromSamples: number
  readonly untilSamples: number
  /** Clusters of which this is the first run of the order. */
  readonly first: readonly string[]
  clusterIds: string[]
  seenSamples: number
}

interface Member {
  readonly run: Run
  sentSamples: number
  onlineSince: number | null
}

interface Ports {
  readonly store: AirLogStore
  readonly unitOf: (clusterId: string) => string | null
  readonly orderOf: (orderId: string) => OrderRecord | undefined
  readonly isOnline: (clusterId: string) => boolean
  readonly wallMs: () => number
  readonly wallMsAt: (samples: number) => number
  readonly onError: (error: unknown) => void
}

/**
 * Turns changes of what is on air into the air log: a run of an order on the clusters of one unit, written when it ends. While it lasts it stands on the
 * disk as open, so a server that is killed knows afterwards what was on the air, up to half a minute before its end.
 */
export class AirLogDesk {
  readonly #ports: Ports
  readonly #members = new Map<string, Member>()
  readonly #hadRun = new Map<string, Set<string>>()
  #waiting: AirRecord[] = []
  #changed = new Set<Run>()
  #closed = new Set<string>()
  #nextHeartbeat = 0
  /** Entries that no disk would take. */
  lostTotal = 0

  /** @param sameHouse whether only control was away: what was on air has gone on without it */
  constructor(ports: Ports, sameHouse: boolean) {
    this.#ports = ports
    try {
      for (const record of ports.store.open()) this.#takeUp(record, sameHouse)
    } catch (error) {
      ports.onError(error)
    }
  }

  /** @param cutSamples when plans were last changed: an end that no plan shows was then */
  look(changes: readonly OnAirChange[], nowSamples: number, cutSamples: number): void {
    for (const { clusterIds, segment } of changes) {
      const goesOn = segment === null ? [] : clusterIds.filter((id) => this.#members.get(id)?.run.orderId === segment.orderId)
      const ids = goesOn.length === 0 ? clusterIds : clusterIds.filter((id) => this.#members.get(id)?.run.orderId !== segment!.orderId)
      // A plan says since when an order is on air; a cluster that comes to it later hears it from then on.
      const fromSamples = segment === null ? null : Math.min(nowSamples, Math.max(segment.fromSamples, cutSamples))
      this.#end(ids, fromSamples, nowSamples, cutSamples)
      if (segment !== null) this.#begin(ids, segment, fromSamples!, nowSamples)
    }
    const gone = [...this.#members.keys()].filter((id) => this.#ports.unitOf(id) === null)
    if (gone.length > 0) this.#end(gone, null, nowSamples, nowSamples)
    this.#write(nowSamples)
  }

  /** Clusters may belong to another unit: from now on their runs count for that one. */
  unitsChanged(nowSamples: number): void {
    const moved = [...this.#members].filter(([id, { run }]) => (this.#ports.unitOf(id) ?? run.unitId) !== run.unitId)
    if (moved.length === 0) return
    for (const [run, members] of Map.groupBy(moved, ([, member]) => member.run)) {
      const ids = members.map(([id]) => id)
      this.#end(ids, nowSamples, nowSamples, nowSamples, 'moved')
      this.#begin(ids, run, nowSamples, nowSamples)
    }
    this.#write(nowSamples)
  }

  /** Somebody has connected as these clusters or has gone. */
  presence(clusterIds: Iterable<string>, nowSamples: number): void {
    for (const id of clusterIds) {
      const member = this.#members.get(id)
      if (member === undefined) continue
      const isOnline = this.#ports.isOnline(id)
      if (isOnline) member.onlineSince ??= nowSamples
      else settle(member, nowSamples)
    }
  }

  /** Call it often; now and then it writes how far the open runs have come, and what a full disk had refused. */
  refresh(nowSamples: number): void {
    if (nowSamples < this.#nextHeartbeat) return
    this.#nextHeartbeat = nowSamples + HEARTBEAT_SAMPLES
    for (const { run } of this.#members.values()) this.#changed.add(run)
    this.#write(nowSamples)
  }

  /** The server ends, and with it all that is on the air. */
  close(nowSamples: number): void {
    this.#end([...this.#members.keys()], null, nowSamples, nowSamples, 'shutdown')
    this.#write(nowSamples)
  }

  #takeUp({ run: text, sent }: OpenRunRecord, sameHouse: boolean): void {
    const run = JSON.parse(text) as Run
    const sentSamples = JSON.parse(sent) as number[]
    for (const [index, id] of run.clusterIds.entries()) this.#members.set(id, { run, sentSamples: sentSamples[index] ?? 0, onlineSince: null })
    for (const id of run.clusterIds) this.#runsOf(run.orderId).add(id)
    if (sameHouse) return
    const atMs = this.#ports.wallMs()
    this.#append(run, run.clusterIds, run.seenSamples, 'lost', atMs)
    for (const id of run.clusterIds) this.#members.delete(id)
    this.#closed.add(run.id)
  }

  #begin(clusterIds: readonly string[], segment: Pick<NonNullable<OnAirChange['segment']>, 'orderId' | 'class' | 'title' | 'untilSamples'>, fromSamples: number, nowSamples: number): void {
    const order = this.#ports.orderOf(segment.orderId)
    const had = this.#runsOf(segment.orderId)
    for (const [unitId, ids] of Map.groupBy(clusterIds, (id) => this.#ports.unitOf(id) ?? '')) {
      const run: Run = {
        id: randomUUID(),
        orderId: segment.orderId,
        class: segment.class,
        title: segment.title,
        unitId,
        issuerUnitId: order?.issuerUnitId ?? '',
        sourceId: order?.sourceId ?? null,
        clipIds: order?.clipIds ?? null,
        field: order?.field ?? null,
        fromMs: Math.round(this.#ports.wallMsAt(fromSamples)),
        fromSamples,
        untilSamples: segment.untilSamples,
        first: ids.filter((id) => !had.has(id)),
        clusterIds: ids,
        seenSamples: nowSamples,
      }
      for (const id of ids) {
        had.add(id)
        this.#members.set(id, { run, sentSamples: 0, onlineSince: this.#ports.isOnline(id) ? run.fromSamples : null })
      }
      this.#changed.add(run)
    }
  }

  #end(clusterIds: readonly string[], nextSamples: number | null, nowSamples: number, cutSamples: number, why?: AirRecord['end']): void {
    const atMs = this.#ports.wallMs()
    for (const [run, ids] of Map.groupBy(clusterIds.filter((id) => this.#members.has(id)), (id) => this.#members.get(id)!.run)) {
      const order = this.#ports.orderOf(run.orderId)
      const isOver = run.untilSamples <= nowSamples && (nextSamples === null || nextSamples >= run.untilSamples)
      const until = Math.max(run.fromSamples, Math.min(run.untilSamples, isOver ? run.untilSamples : nextSamples ?? cutSamples, nowSamples))
      const end = why ?? (isOver ? 'over' : nextSamples !== null ? 'replaced' : order === undefined || order.stoppedAtMs !== null ? 'stopped' : 'withdrawn')
      this.#append(run, ids, until, end, atMs)
      for (const id of ids) this.#members.delete(id)
      const left = new Set(ids)
      run.clusterIds = run.clusterIds.filter((id) => !left.has(id))
      if (run.clusterIds.length > 0) this.#changed.add(run)
      else {
        this.#changed.delete(run)
        this.#closed.add(run.id)
      }
    }
  }

  #append(run: Run, clusterIds: readonly string[], untilSamples: number, end: AirRecord['end'], atMs: number): void {
    const lengthMs = samplesToMs(untilSamples - run.fromSamples)
    const plannedMs = samplesToMs(run.untilSamples - run.fromSamples)
    const first = new Set(run.first)
    let sentSamples = 0
    for (const id of clusterIds) {
      const member = this.#members.get(id)!
      settle(member, untilSamples)
      sentSamples += Math.min(member.sentSamples, untilSamples - run.fromSamples)
    }
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting.shift()
      this.lostTotal += 1
    }
    this.#waiting.push({
      atMs,
      orderId: run.orderId,
      class: run.class,
      title: run.title,
      unitId: run.unitId,
      issuerUnitId: run.issuerUnitId,
      sourceId: run.sourceId,
      clipIds: run.clipIds,
      clusterIds: [...clusterIds],
      plannedFromMs: run.fromMs,
      plannedUntilMs: Math.round(run.fromMs + plannedMs),
      fromMs: run.fromMs,
      untilMs: Math.round(run.fromMs + lengthMs),
      plannedMs: Math.round(plannedMs * clusterIds.filter((id) => first.has(id)).length),
      airMs: Math.round(lengthMs * clusterIds.length),
      sentMs: Math.round(samplesToMs(sentSamples)),
      end,
      // A run that an earlier version began has none.
      field: run.field ?? null,
      soundedMs: 0,
    })
  }

  /** What cannot be written waits for the next time. */
  #write(nowSamples: number): void {
    const open = [...this.#changed].filter(({ clusterIds }) => clusterIds.length > 0).map((run): OpenRunRecord => {
      run.seenSamples = nowSamples
      return { id: run.id, run: JSON.stringify(run), sent: JSON.stringify(run.clusterIds.map((id) => sentBy(this.#members.get(id)!, nowSamples))) }
    })
    try {
      this.#ports.store.write({ ended: this.#waiting, open, closed: [...this.#closed] })
      this.#waiting = []
      this.#changed = new Set()
      this.#closed = new Set()
    } catch (error) {
      this.#ports.onError(error)
    }
  }

  #runsOf(orderId: string): Set<string> {
    const known = this.#hadRun.get(orderId)
    if (known !== undefined) return known
    const found = new Set(this.#ports.store.clustersOf(orderId))
    this.#hadRun.set(orderId, found)
    if (this.#hadRun.size > MOST_ORDERS) this.#hadRun.delete(this.#hadRun.keys().next().value!)
    return found
  }
}

const sentBy = ({ sentSamples, onlineSince }: Member, untilSamples: number): number => sentSamples + (onlineSince === null ? 0 : Math.max(0, untilSamples - onlineSince))

function settle(member: Member, untilSamples: number): void {
  member.sentSamples = sentBy(member, untilSamples)
  member.onlineSince = null
}
