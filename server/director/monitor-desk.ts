import { holderOfHash } from '../../control/auth.ts'
import { isInReach } from '../../control/belonging.ts'
import type { MonitorListener, Store } from '../../control/ports.ts'
import type { FanOutPeer } from '../link/control-server.ts'
import type { MonitorHears, MonitorInfo, MonitorRefusal, MonitorRequest, MonitorsTold } from '../link/monitor-messages.ts'

/** Who was let in is said to be there within this time, or never came. */
const COMES_MS = 20_000

/** A fan-out, as far as it is spoken to here. */
export type MonitorPeer = Pick<FanOutPeer, 'send'>

export interface MonitorLimits {
  /** At once, in all. */
  readonly monitors: number
  readonly monitorsPerPerson: number
}

interface Entry {
  readonly sequence: number
  readonly peer: MonitorPeer
  readonly info: MonitorInfo
  readonly personId: string
  readonly personName: string
  /** When it was let in; null once its fan-out has said that it is there. */
  readonly awaitedSinceMs: number | null
}

/** Lets in those who monitor by WHEP, counts them, and has them cut when they may hear it no more. */
export class MonitorDesk {
  readonly #store: Store
  readonly #wallMs: () => number
  readonly #limits: MonitorLimits
  readonly #entries = new Map<string, Entry>()
  #sequence = 0

  constructor(store: Store, wallMs: () => number, limits: MonitorLimits) {
    this.#store = store
    this.#wallMs = wallMs
    this.#limits = limits
  }

  request(peer: MonitorPeer, { requestId, monitor }: MonitorRequest): void {
    peer.send({ type: 'monitor-answer', requestId, refusal: this.#admit(peer, monitor) })
  }

  /** What a fan-out says of who is there; also when control has come back and knows nobody. */
  told(peer: MonitorPeer, { present }: MonitorsTold): void {
    const there = new Set(present.map(({ monitorId }) => monitorId))
    for (const [id, entry] of this.#entries) if (entry.peer === peer && entry.awaitedSinceMs === null && !there.has(id)) this.#entries.delete(id)
    for (const info of present) {
      const known = this.#entries.get(info.monitorId)
      if (known === undefined) this.#enter(peer, info, holderOfHash(info.tokenHash, this.#store, this.#wallMs()), null)
      else this.#entries.set(info.monitorId, { ...known, awaitedSinceMs: null })
    }
    this.recheck()
  }

  drop(peer: MonitorPeer): void {
    for (const [id, entry] of this.#entries) if (entry.peer === peer) this.#entries.delete(id)
  }

  /** Cuts whose token, session, right or thing is no more. To be called now and then, because sessions end by themselves. */
  recheck(): void {
    const nowMs = this.#wallMs()
    const cut: Entry[] = []
    for (const [id, entry] of this.#entries) {
      if (entry.awaitedSinceMs !== null && nowMs - entry.awaitedSinceMs > COMES_MS) this.#entries.delete(id)
      else if (this.#refusal(entry.info) !== null) cut.push(entry)
    }
    for (const [peer, entries] of Map.groupBy(cut, (entry) => entry.peer)) peer.send({ type: 'monitor-cut', monitorIds: entries.map(({ info }) => info.monitorId) })
  }

  /** Who monitors now. */
  list(): MonitorListener[] {
    return [...this.#entries.values()].filter(({ awaitedSinceMs }) => awaitedSinceMs === null).map(({ sequence, info: { monitorId, hears, remoteAddress, sinceWallMs }, personId, personName }) => ({
      id: monitorId, sequence, sourceId: 'sourceId' in hears ? hears.sourceId : null, clusterId: 'clusterId' in hears ? hears.clusterId : null, personId, personName, remoteAddress, sinceMs: sinceWallMs,
    }))
  }

  #admit(peer: MonitorPeer, info: MonitorInfo): MonitorRefusal | null {
    const person = holderOfHash(info.tokenHash, this.#store, this.#wallMs())
    const refusal = this.#refusal(info)
    if (person === null || refusal !== null) return refusal ?? 'unknown-token'
    const own = [...this.#entries.values()].filter(({ personId }) => personId === person.actorId).length
    if (this.#entries.size >= this.#limits.monitors || own >= this.#limits.monitorsPerPerson) return 'full'
    this.#enter(peer, info, person, this.#wallMs())
    return null
  }

  #enter(peer: MonitorPeer, info: MonitorInfo, person: { readonly actorId: string; readonly name: string } | null, awaitedSinceMs: number | null): void {
    this.#sequence += 1
    this.#entries.set(info.monitorId, { sequence: this.#sequence, peer, info, personId: person?.actorId ?? '', personName: person?.name ?? '', awaitedSinceMs })
  }

  #refusal({ tokenHash, hears }: { readonly tokenHash: string; readonly hears: MonitorHears }): MonitorRefusal | null {
    const store = this.#store
    const person = holderOfHash(tokenHash, store, this.#wallMs())
    if (person === null) return 'unknown-token'
    if ('clusterId' in hears) {
      const cluster = store.clusters.get(hears.clusterId)
      return cluster !== undefined && person.rights.holds('view', cluster.unitId) ? null : 'unseen'
    }
    const source = store.sources.get(hears.sourceId)
    return source !== undefined && isInReach(source.unitId, 'view', person.rights, store) ? null : 'unseen'
  }
}
