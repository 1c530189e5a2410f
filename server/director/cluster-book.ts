import type { ClusterRecord, Selection, Store } from '../../control/ports.ts'
import { unitMap } from '../../control/selection.ts'
import type { Arbiter } from '../../rooms/arbiter/index.ts'
import type { ClusterCredential } from '../link/messages.ts'
import { ClusterTags } from './target-map.ts'
import { unitDelays } from './unit-delays.ts'

export interface ClusterBookPorts {
  readonly store: Pick<Store, 'units' | 'clusters' | 'groups'>
  readonly arbiter: Arbiter
  readonly deviceOf: (clusterId: string) => Pick<ClusterCredential, 'device'>
}

/** The clusters as control has last read them; the arbiter has the same. */
export class ClusterBook {
  readonly #ports: ClusterBookPorts
  readonly #clusters = new Map<string, ClusterRecord>()
  readonly #tags = new ClusterTags()
  #unitDelays: ReadonlyMap<string, number> = new Map()

  constructor(ports: ClusterBookPorts) {
    this.#ports = ports
  }

  ids(): Iterable<string> {
    return this.#clusters.keys()
  }

  get(clusterId: string): ClusterRecord | undefined {
    return this.#clusters.get(clusterId)
  }

  /** The clusters that a selection means. */
  select(selection: Selection): string[] {
    return this.#tags.select(selection, this.#clusters.values())
  }

  /** What fan-outs must know of all clusters. */
  credentials(): ClusterCredential[] {
    return [...this.#clusters.values()].map(this.#credential)
  }

  /** Reads all units and clusters. @returns clusters that are no more */
  readAll(): string[] {
    const { store, arbiter } = this.#ports
    const units = store.units.all()
    this.#unitDelays = unitDelays(units)
    this.#tags.load(unitMap(units, store.units.endedMembers()), store.groups.all())
    const clusters = store.clusters.all()
    const kept = new Set(clusters.map(({ id }) => id))
    const removed = [...this.#clusters.keys()].filter((id) => !kept.has(id))
    for (const id of removed) this.#remove(id)
    for (const cluster of clusters) this.#clusters.set(cluster.id, cluster)
    arbiter.setUnits(units, clusters.map(this.#tags.cluster))
    return removed
  }

  /** Reads these clusters. @returns what fan-outs must know of those that are, and those that are no more */
  read(ids: Iterable<string>): { readonly clusters: ClusterCredential[]; readonly removed: string[] } {
    const { store, arbiter } = this.#ports
    const changed: ClusterRecord[] = []
    const removed: string[] = []
    for (const id of ids) {
      const cluster = store.clusters.get(id)
      if (cluster === undefined) {
        this.#remove(id)
        removed.push(id)
        continue
      }
      this.#clusters.set(id, cluster)
      changed.push(cluster)
    }
    arbiter.upsertClusters(changed.map(this.#tags.cluster))
    return { clusters: changed.map(this.#credential), removed }
  }

  #remove(id: string): void {
    this.#clusters.delete(id)
    this.#ports.arbiter.removeCluster(id)
  }

  readonly #credential = ({ id, unitId, keyHash, enabled, state }: ClusterRecord): ClusterCredential => {
    const presentationDelayMs = this.#unitDelays.get(unitId)
    return { id, keyHash, enabled: enabled && state !== 'retired', ...(presentationDelayMs === undefined ? {} : { presentationDelayMs }), ...this.#ports.deviceOf(id) }
  }
}
