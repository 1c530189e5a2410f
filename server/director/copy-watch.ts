/** Two copies of one disk throw each other out for as long as they run; a device that changes its network does not go back and forth in this time. */
const WITHIN_MS = 600_000
const TURNS = 4
/** Clusters that are watched at once; the one that was quiet for longest goes first. */
const MOST_CLUSTERS = 20_000

interface Arrival {
  readonly address: string
  readonly atMs: number
}

/**
 * A copied disk has the same instance on it, so the lease cannot tell it from a device that comes back. What gives it away is that the identity comes
 * from one address and another in turn.
 */
export class CopyWatch {
  readonly #arrivals = new Map<string, readonly Arrival[]>()

  /** @returns whether the last connections came from two addresses in turn */
  joined(clusterId: string, address: string, nowMs: number): boolean {
    const arrivals = [...(this.#arrivals.get(clusterId) ?? []), { address, atMs: nowMs }].slice(-TURNS)
    this.#arrivals.delete(clusterId)
    this.#arrivals.set(clusterId, arrivals)
    if (this.#arrivals.size > MOST_CLUSTERS) this.#arrivals.delete(this.#arrivals.keys().next().value!)
    const [a, b, c, d] = arrivals
    return d !== undefined && nowMs - a!.atMs < WITHIN_MS && a!.address === c!.address && b!.address === d.address && a!.address !== b!.address
  }
}
