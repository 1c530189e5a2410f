import type { Membership, UnitVersion } from '../ports.ts'

interface Known {
  readonly units: readonly string[]
  readonly untilMs: number
}

const NOWHERE: readonly string[] = []

/**
 * Where clusters stood at times that only grow, by the history of units and clusters: what was looked up for one day holds until the map changes.
 */
export class PlaceInTime {
  readonly #versions: ReadonlyMap<string, readonly UnitVersion[]>
  readonly #memberships: ReadonlyMap<string, readonly Membership[]>
  readonly #known = new Map<string, Known>()
  readonly #lineages = new Map<string, readonly string[]>()
  /** When the tree changes, in order. */
  readonly #turns: readonly number[]
  #turn = 0
  #atMs = -Infinity

  constructor(versions: readonly UnitVersion[], memberships: readonly Membership[]) {
    this.#versions = Map.groupBy(versions, ({ unitId }) => unitId)
    this.#memberships = Map.groupBy(memberships, ({ clusterId }) => clusterId)
    this.#turns = [...new Set(versions.flatMap(({ fromMs, untilMs }) => (untilMs === null ? [fromMs] : [fromMs, untilMs])))].sort((a, b) => a - b)
  }

  /** What is asked next is meant at this time. @param atMs not before the last one */
  goTo(atMs: number): void {
    this.#atMs = atMs
    let hasTurned = false
    for (; this.#turn < this.#turns.length && this.#turns[this.#turn]! <= atMs; this.#turn++) hasTurned = true
    if (!hasTurned) return
    this.#lineages.clear()
    this.#known.clear()
  }

  /** The unit of a cluster and all above it; none when it was nowhere. */
  unitsOf(clusterId: string): readonly string[] {
    const known = this.#known.get(clusterId)
    if (known !== undefined && this.#atMs < known.untilMs) return known.units
    const stay = this.#memberships.get(clusterId)?.findLast((membership) => lies(membership, this.#atMs))
    const found = { units: stay === undefined ? NOWHERE : this.#lineage(stay.unitId), untilMs: stay === undefined ? this.#atMs + 1 : (stay.untilMs ?? Infinity) }
    this.#known.set(clusterId, found)
    return found.units
  }

  #lineage(unitId: string): readonly string[] {
    const before = this.#lineages.get(unitId)
    if (before !== undefined) return before
    this.#lineages.set(unitId, []) // a damaged tree may have a ring
    const parentId = this.#versions.get(unitId)?.findLast((version) => lies(version, this.#atMs))?.parentId ?? null
    const lineage = [unitId, ...(parentId === null ? [] : this.#lineage(parentId))]
    this.#lineages.set(unitId, lineage)
    return lineage
  }
}

const lies = ({ fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number | null }, atMs: number): boolean => fromMs <= atMs && (untilMs === null || atMs < untilMs)
