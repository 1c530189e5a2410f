/** How long after its last message a device keeps its identity to itself. */
export const LEASE_MS = 10_000

interface Holder {
  instanceId: string
  readonly connections: Set<string>
  /** Monotonic, ms. */
  heardMs: number
}

/**
 * Who holds which identity. Two devices with one identity (a copied disk) must never both be served: the second is refused while the first is
 * connected or was heard within the last 10 s, and takes over afterwards. The same instance that comes back replaces itself at once.
 */
export class LeaseTable {
  readonly #monotonicMs: () => number
  readonly #holders = new Map<string, Holder>()

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  /** @returns whether the instance may go on; from then on it holds the identity. */
  request(clusterId: string, instanceId: string): boolean {
    const nowMs = this.#monotonicMs()
    const holder = this.#holders.get(clusterId)
    if (holder !== undefined && holder.instanceId !== instanceId && (holder.connections.size > 0 || nowMs - holder.heardMs < LEASE_MS)) return false
    if (holder?.instanceId === instanceId) holder.heardMs = nowMs
    else this.#holders.set(clusterId, { instanceId, connections: new Set(), heardMs: nowMs })
    return true
  }

  /** A connection was made. Whoever was let in elsewhere meanwhile counts: the newer connection stays, the other is cut by its owner. */
  joined(clusterId: string, instanceId: string, connectionId: string): void {
    this.request(clusterId, instanceId)
    let holder = this.#holders.get(clusterId)!
    if (holder.instanceId !== instanceId) {
      holder = { instanceId, connections: new Set(), heardMs: this.#monotonicMs() }
      this.#holders.set(clusterId, holder)
    }
    holder.connections.add(connectionId)
  }

  /** @param silentMs how long before its end the last message came */
  left(clusterId: string, connectionId: string, silentMs: number): void {
    const holder = this.#holders.get(clusterId)
    if (holder?.connections.delete(connectionId) !== true) return
    holder.heardMs = Math.max(holder.heardMs, this.#monotonicMs() - silentMs)
  }

  /** Another device is enrolled, or none: nobody need be waited for. */
  forget(clusterId: string): void {
    this.#holders.delete(clusterId)
  }
}
