import type { ConnectionInfo } from '../../control/ports.ts'
import type { FanOutPeer } from '../link/control-server.ts'
import type { Connection, Presence } from '../link/messages.ts'

export interface PresenceChange {
  readonly joined: readonly ConnectionInfo[]
  readonly left: readonly { readonly clusterId: string; readonly connectionId: string; readonly reason: string }[]
  /** Older connections of clusters that have connected to another process meanwhile. */
  readonly superseded: readonly { readonly peer: FanOutPeer; readonly clusterId: string; readonly connectionId: string }[]
}

interface Entry {
  readonly peer: FanOutPeer
  readonly info: ConnectionInfo
}

/** Who is connected where, put together from what the fan-outs say. */
export class PresenceBoard {
  readonly #byPeer = new Map<FanOutPeer, Map<string, Entry>>()
  readonly #byCluster = new Map<string, Map<string, Entry>>()

  get connections(): number {
    let count = 0
    for (const entries of this.#byPeer.values()) count += entries.size
    return count
  }

  get clustersOnline(): number {
    return this.#byCluster.size
  }

  isOnline(clusterId: string): boolean {
    return this.#byCluster.has(clusterId)
  }

  of(clusterId?: string): ConnectionInfo[] {
    if (clusterId !== undefined) return [...(this.#byCluster.get(clusterId)?.values() ?? [])].map(({ info }) => info)
    return [...this.#byPeer.values()].flatMap((entries) => [...entries.values()].map(({ info }) => info))
  }

  countByFormat(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const entries of this.#byPeer.values()) {
      for (const { info } of entries.values()) counts[info.format] = (counts[info.format] ?? 0) + 1
    }
    return counts
  }

  /** Fan-outs that hold a native connection of this cluster. */
  nativePeers(clusterId: string): FanOutPeer[] {
    return [...(this.#byCluster.get(clusterId)?.values() ?? [])].filter(({ info }) => info.protocol === 'native').map(({ peer }) => peer)
  }

  apply(peer: FanOutPeer, message: Presence): PresenceChange {
    const left: PresenceChange['left'][number][] = []
    const joined: ConnectionInfo[] = []
    const superseded: PresenceChange['superseded'][number][] = []
    if (message.complete) {
      const present = new Set(message.joined.map(({ connectionId }) => connectionId))
      for (const { info } of [...(this.#byPeer.get(peer)?.values() ?? [])]) {
        if (!present.has(info.connectionId)) left.push(this.#remove(peer, info.clusterId, info.connectionId, 'lost'))
      }
    }
    for (const connection of message.joined) {
      if (this.#byPeer.get(peer)?.has(connection.connectionId) === true) continue
      for (const entry of this.#byCluster.get(connection.clusterId)?.values() ?? []) {
        if (entry.peer === peer) continue
        // A process that comes late may tell of a connection that is older than the one known.
        const isNewer = connection.sinceWallMs >= entry.info.sinceMs
        superseded.push({ peer: isNewer ? entry.peer : peer, clusterId: connection.clusterId, connectionId: isNewer ? entry.info.connectionId : connection.connectionId })
      }
      joined.push(this.#add(peer, connection))
    }
    for (const { clusterId, connectionId, reason } of message.left) {
      if (this.#byPeer.get(peer)?.has(connectionId) === true) left.push(this.#remove(peer, clusterId, connectionId, reason))
    }
    return { joined, left, superseded }
  }

  /** A fan-out is gone, and with it everybody it served. */
  drop(peer: FanOutPeer): PresenceChange['left'] {
    const left = [...(this.#byPeer.get(peer)?.values() ?? [])].map(({ info }) => this.#remove(peer, info.clusterId, info.connectionId, 'process-gone'))
    this.#byPeer.delete(peer)
    return left
  }

  #add(peer: FanOutPeer, connection: Connection): ConnectionInfo {
    const { sinceWallMs, ...rest } = connection
    const entry: Entry = { peer, info: { ...rest, sinceMs: sinceWallMs } }
    insert(this.#byPeer, peer, connection.connectionId, entry)
    insert(this.#byCluster, connection.clusterId, connection.connectionId, entry)
    return entry.info
  }

  #remove(peer: FanOutPeer, clusterId: string, connectionId: string, reason: string): { clusterId: string; connectionId: string; reason: string } {
    this.#byPeer.get(peer)?.delete(connectionId)
    const entries = this.#byCluster.get(clusterId)
    entries?.delete(connectionId)
    if (entries?.size === 0) this.#byCluster.delete(clusterId)
    return { clusterId, connectionId, reason }
  }
}

function insert<Key>(map: Map<Key, Map<string, Entry>>, key: Key, connectionId: string, entry: Entry): void {
  let entries = map.get(key)
  if (entries === undefined) {
    entries = new Map()
    map.set(key, entries)
  }
  entries.set(connectionId, entry)
}
