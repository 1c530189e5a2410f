import type { ClusterRecord, GroupRecord, Store, Targets } from './ports.ts'
import { memberTest, unitMap, type UnitMap } from './selection.ts'

/** A cluster with all that targets may name it by. */
export interface Reachable {
  readonly id: string
  readonly tags: readonly string[]
  /** Its unit and all above. */
  readonly units: readonly string[]
  /** Units that have ended and had it. */
  readonly endedUnits: readonly string[]
  readonly groups: readonly string[]
}

/**
 * A cluster as targets see it; null: none means it. What is being put up or repaired is meant by its own name only. Schedule, policies and the
 * director's arbiter all ask here, so that what is planned is what is heard.
 */
export function reaching(map: UnitMap, groups: readonly GroupRecord[]): (cluster: ClusterRecord) => Reachable | null {
  const endedUnits = new Map<string, string[]>()
  for (const [unitId, members] of map.endedMembers) for (const id of members) addTo(endedUnits, id, unitId)
  const tests = groups.map(({ id, selection }) => ({ id, isMember: memberTest(selection, map) }))
  const lineages = new Map<string, readonly string[]>()
  const lineageOf = (unitId: string): readonly string[] => {
    const known = lineages.get(unitId)
    if (known !== undefined) return known
    lineages.set(unitId, []) // a damaged tree may have a ring
    const parentId = map.parents.get(unitId) ?? null
    const lineage = [unitId, ...(parentId === null ? [] : lineageOf(parentId))]
    lineages.set(unitId, lineage)
    return lineage
  }
  return (cluster) => {
    const { id, unitId, tags, enabled, state } = cluster
    if (!enabled || state === 'retired') return null
    if (state !== 'active') return { id, tags: [], units: [], endedUnits: [], groups: [] }
    return { id, tags, units: lineageOf(unitId), endedUnits: endedUnits.get(id) ?? [], groups: tests.flatMap((group) => (group.isMember(cluster) ? [group.id] : [])) }
  }
}

/** The same, from what stands in the store now. */
export const reachingNow = ({ units, groups }: Pick<Store, 'units' | 'groups'>): ReturnType<typeof reaching> => reaching(unitMap(units.all(), units.endedMembers()), groups.all())

/** Every cluster that targets may mean; reads the registry once. */
export function reachableClusters(store: Pick<Store, 'units' | 'clusters' | 'groups'>): readonly Reachable[] {
  const reach = reachingNow(store)
  return store.clusters.all().flatMap((cluster) => reach(cluster) ?? [])
}

/** Clusters by all that targets may name them by, for asking often. */
export class ClusterIndex {
  readonly #byUnit = new Map<string, Reachable[]>()
  readonly #byTag = new Map<string, Reachable[]>()
  readonly #byGroup = new Map<string, Reachable[]>()
  readonly #byId = new Map<string, Reachable>()

  constructor(clusters: readonly Reachable[]) {
    for (const cluster of clusters) {
      this.#byId.set(cluster.id, cluster)
      for (const unit of [...cluster.units, ...cluster.endedUnits]) addTo(this.#byUnit, unit, cluster)
      for (const tag of cluster.tags) addTo(this.#byTag, tag, cluster)
      for (const group of cluster.groups) addTo(this.#byGroup, group, cluster)
    }
  }

  /** Those that the targets mean, each once. */
  meant({ units, clusters, tags, groups = [] }: Targets): readonly Reachable[] {
    return [...new Set([
      ...units.flatMap((id) => this.#byUnit.get(id) ?? []), ...tags.flatMap((tag) => this.#byTag.get(tag) ?? []),
      ...groups.flatMap((id) => this.#byGroup.get(id) ?? []), ...clusters.flatMap((id) => this.#byId.get(id) ?? []),
    ])]
  }

  /** Whether the targets mean any of them. */
  meansAny({ units, clusters, tags, groups = [] }: Targets): boolean {
    return units.some((id) => this.#byUnit.has(id)) || tags.some((tag) => this.#byTag.has(tag)) || groups.some((id) => this.#byGroup.has(id)) || clusters.some((id) => this.#byId.has(id))
  }
}

function addTo<T>(index: Map<string, T[]>, key: string, value: T): void {
  const known = index.get(key)
  if (known === undefined) index.set(key, [value])
  else known.push(value)
}

/** The lowest unit that holds them all; null: none does. */
export function lowestUnitOf(clusters: readonly Reachable[]): string | null {
  const [first, ...others] = clusters
  return first?.units.find((unit) => others.every(({ units }) => units.includes(unit))) ?? null
}
