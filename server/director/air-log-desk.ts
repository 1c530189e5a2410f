import { randomUUID } from 'node:crypto'
import type { AirLogStore, AirRecord, OpenRunRecord, OrderRecord } from '../../control/ports.ts'
import { msToSamples, samplesToMs } from '../../rooms/grid.ts'
import type { OnAirChange } from './on-air-board.ts'
import { soundingIn, type Sounding } from './order-sounds.ts'

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
  /** Its planned end, as far as is known. */
  untilSamples: number
  /** Clusters of which this is the first run of the order. */
  readonly first: readonly string[]
  clusterIds: string[]
  seenSamples: number
}

/** A cluster in a run. */
interface Member {
  readonly clusterId: string
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
  /** By cluster and order: one order may sound beneath another. */
  readonly #members = new Map<string, Map<string, Member>>()
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
      const sounding = segment === null ? [] : soundingIn(segment)
      // A plan says since when an order is on air; a cluster that comes to it later hears it from then on.
      const fromSamples = segment === null ? null : Math.min(nowSamples, Math.max(segment.fromSamples, cutSamples))
      const [stopped, replaced, handedOver]: [Member[], Member[], Member[]] = [[], [], []]
      for (const id of clusterIds) {
        const members = this.#members.get(id)
        const goesOn = members !== undefined && sounding.some(({ orderId }) => members.has(orderId))
        for (const member of members?.values() ?? []) {
          const { run } = member
          const same = sounding.find(({ orderId }) => orderId === run.orderId)
          // What has sounded beneath it takes nobody's place.
          if (same === undefined) (goesOn ? stopped : replaced).push(member)
          else if (same.sourceId !== null && run.sourceId !== null && same.sourceId !== run.sourceId) handedOver.push(member)
          else run.untilSamples = Math.max(run.untilSamples, segment!.untilSamples)
        }
      }
      this.#end(replaced, { nextSamples: fromSamples, nowSamples, cutSamples, ...(fromSamples === null ? {} : { otherwise: 'replaced' }) })
      this.#end(stopped, { nextSamples: fromSamples, nowSamples, cutSamples })
      this.#end(handedOver, { nextSamples: fromSamples, nowSamples, cutSamples, why: 'handed-over' })
      for (const each of sounding) {
        const ids = clusterIds.filter((id) => this.#members.get(id)?.has(each.orderId) !== true)
        if (ids.length > 0) this.#begin(ids, { ...each, untilSamples: segment!.untilSamples }, fromSamples!, nowSamples)
      }
    }
    const gone = this.#all().filter(({ clusterId }) => this.#ports.unitOf(clusterId) === null)
    if (gone.length > 0) this.#end(gone, { nextSamples: null, nowSamples, cutSamples: nowSamples })
    this.#write(nowSamples)
  }

  /** Clusters may belong to another unit: from now on their runs count for that one. */
  unitsChanged(nowSamples: number): void {
    const moved = this.#all().filter(({ clusterId, run }) => (this.#ports.unitOf(clusterId) ?? run.unitId) !== run.unitId)
    if (moved.length === 0) return
    for (const [run, members] of Map.groupBy(moved, (member) => member.run)) {
      this.#end(members, { nextSamples: nowSamples, nowSamples, cutSamples: nowSamples, why: 'moved' })
      this.#begin(members.map(({ clusterId }) => clusterId), run, nowSamples, nowSamples)
    }
    this.#write(nowSamples)
  }

  /** Somebody has connected as these clusters or has gone. */
  presence(clusterIds: Iterable<string>, nowSamples: number): void {
    for (const id of clusterIds) {
      for (const member of this.#members.get(id)?.values() ?? []) {
        if (this.#ports.isOnline(id)) member.onlineSince ??= nowSamples
        else settle(member, nowSamples)
      }
    }
  }

  /** Call it often; now and then it writes how far the open runs have come, and what a full disk had refused. */
  refresh(nowSamples: number): void {
    if (nowSamples < this.#nextHeartbeat) return
    this.#nextHeartbeat = nowSamples + HEARTBEAT_SAMPLES
    for (const { run } of this.#all()) this.#changed.add(run)
    this.#write(nowSamples)
  }

  /** The server ends, and with it all that is on the air. */
  close(nowSamples: number): void {
    this.#end(this.#all(), { nextSamples: null, nowSamples, cutSamples: nowSamples, why: 'shutdown' })
    this.#write(nowSamples)
  }

  #takeUp({ run: text, sent }: OpenRunRecord, sameHouse: boolean): void {
    const run = JSON.parse(text) as Run
    const sentSamples = JSON.parse(sent) as number[]
    const members = run.clusterIds.map((clusterId, index): Member => ({ clusterId, run, sentSamples: sentSamples[index] ?? 0, onlineSince: null }))
    for (const member of members) this.#enter(member)
    for (const id of run.clusterIds) this.#runsOf(run.orderId).add(id)
    if (sameHouse) return
    const atMs = this.#ports.wallMs()
    this.#append(run, members, run.seenSamples, 'lost', atMs)
    for (const member of members) this.#leave(member)
    this.#closed.add(run.id)
  }

  #begin(clusterIds: readonly string[], segment: Sounding & { readonly untilSamples: number }, fromSamples: number, nowSamples: number): void {
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
        sourceId: segment.sourceId ?? order?.sourceId ?? null,
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
        this.#enter({ clusterId: id, run, sentSamples: 0, onlineSince: this.#ports.isOnline(id) ? run.fromSamples : null })
      }
      this.#changed.add(run)
    }
  }

  /** @param how.otherwise the reason, when it is not over */
  #end(members: readonly Member[], { nextSamples, nowSamples, cutSamples, why, otherwise }: { readonly nextSamples: number | null; readonly nowSamples: number; readonly cutSamples: number; readonly why?: AirRecord['end']; readonly otherwise?: AirRecord['end'] }): void {
    const atMs = this.#ports.wallMs()
    for (const [run, ended] of Map.groupBy(members, (member) => member.run)) {
      const order = this.#ports.orderOf(run.orderId)
      const isOver = run.untilSamples <= nowSamples && (nextSamples === null || nextSamples >= run.untilSamples)
      const until = Math.max(run.fromSamples, Math.min(run.untilSamples, isOver ? run.untilSamples : nextSamples ?? cutSamples, nowSamples))
      const end = why ?? (isOver ? 'over' : otherwise ?? (order === undefined || order.stoppedAtMs !== null ? 'stopped' : 'withdrawn'))
      this.#append(run, ended, until, end, atMs)
      for (const member of ended) this.#leave(member)
      const left = new Set(ended.map(({ clusterId }) => clusterId))
      run.clusterIds = run.clusterIds.filter((id) => !left.has(id))
      if (run.clusterIds.length > 0) this.#changed.add(run)
      else {
        this.#changed.delete(run)
        this.#closed.add(run.id)
      }
    }
  }

  #append(run: Run, members: readonly Member[], untilSamples: number, end: AirRecord['end'], atMs: number): void {
    const lengthMs = samplesToMs(untilSamples - run.fromSamples)
    const plannedMs = samplesToMs(run.untilSamples - run.fromSamples)
    const first = new Set(run.first)
    let sentSamples = 0
    for (const member of members) {
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
      clusterIds: members.map(({ clusterId }) => clusterId),
      plannedFromMs: run.fromMs,
      plannedUntilMs: Math.round(run.fromMs + plannedMs),
      fromMs: run.fromMs,
      untilMs: Math.round(run.fromMs + lengthMs),
      plannedMs: Math.round(plannedMs * members.filter(({ clusterId }) => first.has(clusterId)).length),
      airMs: Math.round(lengthMs * members.length),
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
      return { id: run.id, run: JSON.stringify(run), sent: JSON.stringify(run.clusterIds.map((id) => sentBy(this.#members.get(id)!.get(run.orderId)!, nowSamples))) }
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

  #all(): Member[] {
    return [...this.#members.values()].flatMap((members) => [...members.values()])
  }

  #enter(member: Member): void {
    const members = this.#members.get(member.clusterId)
    if (members === undefined) this.#members.set(member.clusterId, new Map([[member.run.orderId, member]]))
    else members.set(member.run.orderId, member)
  }

  #leave({ clusterId, run }: Member): void {
    const members = this.#members.get(clusterId)
    if (members?.get(run.orderId)?.run !== run) return
    members.delete(run.orderId)
    if (members.size === 0) this.#members.delete(clusterId)
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
