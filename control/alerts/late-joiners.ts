import type { Broadcast, OrderRecord, Store } from '../ports.ts'
import { clipsOfPlay, playMs, playOrder, repetitions, type PlayPorts } from './alert-plays.ts'
import type { AlertRecord } from './alert-port.ts'
import { isTestZone } from './test-zone.ts'

/** Those that come within this time of each other hear it together. */
const GATHER_MS = 300
/** How often it is looked whether what goes over an alert is over. */
const COVERED_LOOK_MS = 5000

interface LatePorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf' | 'connections' | 'onAir'>
  readonly plays: PlayPorts
}

/** A play that somebody is hearing. */
interface Play {
  readonly endMs: number
  /** Null: everybody who is meant. */
  readonly clusterIds: ReadonlySet<string> | null
  /** When it would have ended if nothing went over it on these clusters; left out: nothing does. */
  readonly plannedEndMs?: number
}

/**
 * Lets clusters hear an alert that is in force and that they have not heard: they were off, out of reach, or came to be meant later. A cluster has heard it that
 * was connected at the end of a play, and no later than when it was said for the last time, and on which no other emergency goes over it then; under one it waits, and is judged when
 * that is over. What is live they are in the middle of as soon as they connect.
 */
export class LateJoiners {
  readonly #ports: LatePorts
  /** By alert: up to when its plays are known, and those that still run. */
  readonly #plays = new Map<string, { readonly knownMs: number; readonly running: readonly Play[] }>()
  #notBeforeMs = 0

  constructor(ports: LatePorts) {
    this.#ports = ports
  }

  /** Nobody is late before `atMs`: the server has just begun. */
  begin(atMs: number): void {
    this.#notBeforeMs = atMs
  }

  /** Somebody has connected. @returns when to look */
  joined(nowMs: number): number {
    return Math.max(nowMs + GATHER_MS, this.#notBeforeMs)
  }

  /**
   * @param give is called with each order for those who came late as soon as it is kept
   * @returns when to look next
   */
  look(inForce: readonly AlertRecord[], nowMs: number, give: (order: OrderRecord) => void): number {
    if (nowMs < this.#notBeforeMs) return this.#notBeforeMs
    for (const id of this.#plays.keys()) if (!inForce.some((alert) => alert.id === id)) this.#plays.delete(id)
    const spoken = inForce.filter(({ sourceId }) => sourceId === null)
    if (spoken.length === 0) return Infinity
    const since = new Map<string, number>()
    for (const { clusterId, sinceMs } of this.#ports.broadcast.connections()) since.set(clusterId, Math.min(since.get(clusterId) ?? Infinity, sinceMs))
    for (const alert of spoken) {
      const order = this.#catchUp(alert, since, nowMs)
      if (order !== null) give(order)
    }
    const ends = [...this.#plays.values()].flatMap(({ running }) => running.map(({ endMs }) => endMs))
    return ends.reduce((least, endMs) => Math.min(least, endMs), Infinity)
  }

  #catchUp(alert: AlertRecord, since: ReadonlyMap<string, number>, nowMs: number): OrderRecord | null {
    const { store, broadcast, plays: ports } = this.#ports
    const lengthMs = playMs(alert, ports)
    const isMeant = this.#meant(alert, broadcast.clustersOf(alert.targets))
    const plays = this.#current(alert, lengthMs, nowMs)
    const reached = new Set(store.alerts.reached(alert.id))
    const heard: string[] = []
    const running = plays.filter((play) => play.endMs > nowMs)
    for (const { endMs, clusterIds, plannedEndMs = endMs } of plays.filter((play) => play.endMs <= nowMs)) {
      // Whoever was there from here on has heard it said once.
      const latestMs = plannedEndMs - lengthMs / Math.max(1, alert.repeat.times)
      const there = [...clusterIds ?? isMeant].filter((id) => !reached.has(id) && (since.get(id) ?? Infinity) <= latestMs)
      const covered = there.filter((id) => this.#isCovered(id, alert))
      if (covered.length > 0) running.push({ endMs: nowMs + COVERED_LOOK_MS, clusterIds: new Set(covered), plannedEndMs })
      // What waited longer than clips wait was given up, not heard.
      if (endMs <= plannedEndMs + ports.slackMs) heard.push(...there.filter((id) => !covered.includes(id)))
    }
    if (heard.length > 0) store.alerts.noteReached(alert.id, heard)
    for (const id of heard) reached.add(id)
    this.#plays.set(alert.id, { knownMs: nowMs, running })
    if (running.some(({ clusterIds }) => clusterIds === null)) return null
    const missing = isMeant.filter((id) => since.has(id) && !reached.has(id) && !running.some(({ clusterIds }) => clusterIds?.has(id) === true))
    if (missing.length === 0 || nowMs + lengthMs > alert.expiresAtMs || clipsOfPlay(alert).length === 0) return null
    const by = (alert.approved ?? alert.confirmed)!.actorId
    const order = store.orders.insert(playOrder(alert, nowMs, ports, { nowMs, by }, { units: [], clusters: missing, tags: [] }))
    // Not before it is kept: who is thought to hear it now is not given it again.
    running.push({ endMs: nowMs + lengthMs, clusterIds: new Set(missing) })
    return order
  }

  #isCovered(clusterId: string, { id }: AlertRecord): boolean {
    const playing = this.#ports.broadcast.onAir(clusterId)
    return playing?.class === 'emergency' && playing.alert?.id !== id
  }

  /** The plays to be judged: those that run, and those that have begun since it last looked; for the first time all that have been. */
  #current(alert: AlertRecord, lengthMs: number, nowMs: number): Play[] {
    const { knownMs, running } = this.#plays.get(alert.id) ?? { knownMs: -Infinity, running: [] }
    const starts = [alert.onAirFromMs!, ...repetitions(alert, lengthMs, knownMs, nowMs + 1)]
    return [...running, ...starts.filter((startMs) => startMs > knownMs).map((startMs) => ({ endMs: startMs + lengthMs, clusterIds: null }))]
  }

  #meant({ kind }: AlertRecord, clusterIds: readonly string[]): readonly string[] {
    if (kind !== 'test') return clusterIds
    const { store } = this.#ports
    return clusterIds.filter((id) => {
      const cluster = store.clusters.get(id)
      return cluster !== undefined && isTestZone(cluster)
    })
  }
}
