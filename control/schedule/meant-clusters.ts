import type { Targets } from '../records.ts'
import type { Store } from '../store-port.ts'

/** A cluster with all that targets may name it by. */
export interface Reachable {
  readonly id: string
  readonly tags: readonly string[]
  /** Its unit and all above. */
  readonly units: readonly string[]
}

/** Every enabled cluster, as targets see it; reads the registry once. */
export function reachableClusters({ units, clusters }: Pick<Store, 'units' | 'clusters'>): readonly Reachable[] {
  const lineages = new Map<string, readonly string[]>()
  // Parents come before children.
  for (const { id, parentId } of units.all()) lineages.set(id, [id, ...(parentId === null ? [] : (lineages.get(parentId) ?? []))])
  return clusters.all().filter(({ enabled }) => enabled).map(({ id, unitId, tags }) => ({ id, tags, units: lineages.get(unitId) ?? [] }))
}

/** Clusters by all that targets may name them by, for asking often. */
export class ClusterIndex {
  readonly #byUnit = new Map<string, Reachable[]>()
  readonly #byTag = new Map<string, Reachable[]>()
  readonly #byId = new Map<string, Reachable>()

  constructor(clusters: readonly Reachable[]) {
    for (const cluster of clusters) {
      this.#byId.set(cluster.id, cluster)
      for (const unit of cluster.units) addTo(this.#byUnit, unit, cluster)
      for (const tag of cluster.tags) addTo(this.#byTag, tag, cluster)
    }
  }

  /** Those that the targets mean, each once. */
  meant({ units, clusters, tags }: Targets): readonly Reachable[] {
    return [...new Set([...units.flatMap((id) => this.#byUnit.get(id) ?? []), ...tags.flatMap((tag) => this.#byTag.get(tag) ?? []), ...clusters.flatMap((id) => this.#byId.get(id) ?? [])])]
  }

  /** Whether the targets mean any of them. */
  meansAny({ units, clusters, tags }: Targets): boolean {
    return units.some((id) => this.#byUnit.has(id)) || tags.some((tag) => this.#byTag.has(tag)) || clusters.some((id) => this.#byId.has(id))
  }
}

function addTo(index: Map<string, Reachable[]>, key: string, cluster: Reachable): void {
  const known = index.get(key)
  if (known === undefined) index.set(key, [cluster])
  else known.push(cluster)
}

/** The lowest unit that holds them all; null: none does. */
export function lowestUnitOf(clusters: readonly Reachable[]): string | null {
  const [first, ...others] = clusters
  return first?.units.find((unit) => others.every(({ units }) => units.includes(unit))) ?? null
}
