import { isInReach } from '../../control/belonging.ts'
import type { OrderRecord, Store } from '../../control/ports.ts'
import { Rights } from '../../control/rights.ts'
import { hasKey, studioMount } from '../../control/source-rules.ts'
import type { Arbiter } from '../../rooms/arbiter/index.ts'
import { sourceRoom } from '../../rooms/plan.ts'
import type { FanOutPeer } from '../link/control-server.ts'
import { frameJson } from '../link/framed-socket.ts'
import type { Assign, Assignment, FanOutState, FanOutUpdate, OtherKeyCredential } from '../link/messages.ts'
import type { ClusterBook } from './cluster-book.ts'
import type { EngineDesk } from './engine-desk.ts'
import { ownRoom, sourceAt } from './order-sounds.ts'
import type { OnAirBoard } from './on-air-board.ts'
import type { OrderBook } from './order-book.ts'
import type { PlanTime } from './plan-time.ts'
import type { ProcessBoard } from './process-board.ts'

export interface FanOutDeskPorts {
  readonly store: Pick<Store, 'units' | 'clusters' | 'sources' | 'sourceKeys' | 'tokens' | 'users' | 'sessions'>
  readonly processes: ProcessBoard
  readonly arbiter: Arbiter
  readonly clusters: ClusterBook
  readonly orders: OrderBook
  readonly engines: EngineDesk
  readonly onAir: OnAirBoard
  readonly time: PlanTime
  readonly monitorPassKey: Buffer
}

/** Tells fan-outs who may connect, who hears what, and what may be monitored. */
export class FanOutDesk {
  readonly #ports: FanOutDeskPorts
  #sentMonitorRooms = ''

  constructor(ports: FanOutDeskPorts) {
    this.#ports = ports
  }

  /** Everything, to one that has just come. */
  greet(peer: FanOutPeer): void {
    const { processes, arbiter, clusters, time, monitorPassKey } = this.#ports
    processes.addFanOut(peer)
    const byPlan = Map.groupBy(clusters.ids(), (id) => arbiter.planOf(id))
    const assignments: Assignment[] = [...byPlan].map(([plan, ids]) => ({ clusters: ids, plan }))
    const state: FanOutState = { type: 'fan-out-state', clusters: clusters.credentials(), ...this.#shared(), monitorPassKey: monitorPassKey.toString('base64url'), assignments, atSamples: time.nowSamples() }
    peer.send(state)
  }

  assign(assignment: Omit<Assign, 'type'>): void {
    this.#tell({ type: 'assign', ...assignment })
  }

  /** @param changes of all clusters, or of those that have changed */
  clustersChanged(changes: Required<Pick<FanOutUpdate, 'clusters' | 'removed'>>): void {
    this.#tell({ type: 'fan-out-update', ...changes })
  }

  /** Tokens or sessions have come or gone. */
  credentialsChanged(): void {
    this.#tell({ type: 'fan-out-update', ...this.#monitors() })
  }

  /** Units, clusters or sources have changed. @param removed clusters that are no more */
  registryChanged(removed: readonly string[]): void {
    this.#tell({ type: 'fan-out-update', clusters: this.#ports.clusters.credentials(), removed, ...this.#shared() })
  }

  sourcesChanged(): void {
    this.#tell({ type: 'fan-out-update', ...this.#shared() })
  }

  /** An order may be monitored from now on, where it is known where it sounds. */
  orderChanged(order: OrderRecord): void {
    const room = this.#roomOf(order)
    if (room !== undefined) this.#tell({ type: 'fan-out-update', monitorRoomsAdded: { [order.id]: room } })
  }

  /** Plans may have changed what can be monitored. */
  plansChanged(): void {
    const monitorRooms = this.#monitorRooms()
    const text = JSON.stringify(monitorRooms)
    if (text === this.#sentMonitorRooms) return
    this.#sentMonitorRooms = text
    this.#tell({ type: 'fan-out-update', monitorRooms })
  }

  #shared(): Required<Pick<FanOutUpdate, 'studioSources' | 'monitorTokenHashes' | 'monitorRooms' | 'monitorLimits'>> {
    const { store, engines, time } = this.#ports
    const otherKeys = Map.groupBy(store.sourceKeys.valid(time.wallMs()), ({ sourceId }) => sourceId)
    const otherKeysOf = (sourceId: string): { otherKeys?: readonly OtherKeyCredential[] } => {
      const keys = otherKeys.get(sourceId)
      return keys === undefined ? {} : { otherKeys: keys.map(({ id, keyHash, class: keyClass, expiresAtMs }) => ({ id, keyHash, class: keyClass, untilSamples: expiresAtMs === null ? null : time.samplesAtWall(expiresAtMs) })) }
    }
    const studioSources = store.sources.all().flatMap((source) => (hasKey(source) ? [{ id: source.id, mount: studioMount(source), keyHash: source.keyHash, takeover: source.takeover, engine: engines.engineOfSource(source.id), ...otherKeysOf(source.id) }] : []))
    return { studioSources, ...this.#monitors(), monitorRooms: this.#monitorRooms() }
  }

  /** Whoever has a role may listen, but to a unit's own sources only who sees them. Sessions that are over go within a minute. */
  #monitors(): Required<Pick<FanOutUpdate, 'monitorTokenHashes' | 'monitorLimits'>> {
    const { store } = this.#ports
    const people = new Map(store.users.all().filter(({ enabled }) => enabled).map(({ id, grants }) => [id, grants]))
    const known = [...store.tokens.all(), ...store.sessions.all().map(({ hash, userId }) => ({ hash, grants: people.get(userId) ?? [] }))]
      .filter(({ grants }) => grants.length > 0)
      .map(({ hash, grants }) => ({ hash, rights: new Rights(grants, (unitId) => store.units.ancestors(unitId)) }))
    const owned = Map.groupBy(store.sources.all(), ({ unitId }) => unitId)
    owned.delete(null)
    const monitorLimits = [...owned].map(([unitId, sources]) => ({
      sourceIds: sources.map(({ id }) => id),
      tokenHashes: known.filter(({ rights }) => isInReach(unitId, 'view', rights, store)).map(({ hash }) => hash),
    }))
    return { monitorTokenHashes: known.map(({ hash }) => hash), monitorLimits }
  }

  #monitorRooms(): Record<string, string> {
    const { store, orders, onAir, time } = this.#ports
    const rooms: Record<string, string> = {}
    for (const { id } of store.sources.all()) rooms[id] = `src:${id}`
    for (const order of orders.near()) {
      const sourceId = sourceAt(order, time.wallMs())
      if (sourceId !== null) rooms[order.id] = sourceRoom(sourceId)
    }
    for (const plan of onAir.plans()) {
      for (const { room, orderId, under } of plan) {
        for (const id of under === undefined ? [orderId] : [orderId, under.orderId]) {
          const own = ownRoom(room, id)
          if (own !== undefined) rooms[id] = own
        }
      }
    }
    return rooms
  }

  /** Where an order sounds: its source, or the clips as the first of its clusters hears them. */
  #roomOf(order: OrderRecord): string | undefined {
    const { arbiter, time } = this.#ports
    const sourceId = sourceAt(order, time.wallMs())
    if (sourceId !== null) return sourceRoom(sourceId)
    const [clusterId] = arbiter.clustersOf(order.targets)
    for (const { room } of clusterId === undefined ? [] : arbiter.planOf(clusterId)) {
      const own = ownRoom(room, order.id)
      if (own !== undefined) return own
    }
    return undefined
  }

  #tell(message: Parameters<FanOutPeer['send']>[0]): void {
    const { fanOuts } = this.#ports.processes
    if (fanOuts.size === 0) return
    const framed = frameJson(message)
    for (const { peer } of fanOuts.values()) peer.sendFramed(framed)
  }
}
