import type { OrderTargets } from './order.ts'

export interface ArbiterUnit {
  readonly id: string
  readonly parentId: string | null
}

export interface ArbiterCluster {
  readonly id: string
  readonly unitId: string
  readonly tags: readonly string[]
  readonly enabled: boolean
}

interface Marked {
  readonly cluster: ArbiterCluster
  /** The registry's own: the last resolution that has found it. */
  mark: number
}

/** Where clusters stand in the tree of units, and which of them a target means. `C` is what the owner keeps of a cluster. */
export class ClusterRegistry<C extends Marked> {
  readonly #byId = new Map<string, C>()
  readonly #byUnit = new Map<string, Set<C>>()
  readonly #byTag = new Map<string, Set<C>>()
  #parents = new Map<string, string | null>()
  #children = new Map<string, string[]>()
  #resolutions = 0

  setUnits(units: readonly ArbiterUnit[]): void {
    this.#parents = new Map(units.map(({ id, parentId }) => [id, parentId]))
    this.#children = new Map()
    for (const { id, parentId } of units) {
      if (parentId === null) continue
      const siblings = this.#children.get(parentId)
      if (siblings === undefined) this.#children.set(parentId, [id])
      else siblings.push(id)
    }
  }

  get(id: string): C | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<C> {
    return this.#byId.values()
  }

  add(entry: C): void {
    const { id, unitId, tags } = entry.cluster
    this.#byId.set(id, entry)
    indexUnder(this.#byUnit, unitId, entry)
    for (const tag of tags) indexUnder(this.#byTag, tag, entry)
  }

  delete(entry: C): void {
    const { id, unitId, tags } = entry.cluster
    this.#byId.delete(id)
    this.#byUnit.get(unitId)?.delete(entry)
    for (const tag of tags) this.#byTag.get(tag)?.delete(entry)
  }

  /** Every enabled cluster that `targets` means, once. */
  resolve(targets: OrderTargets): C[] {
    const found: C[] = []
    const mark = ++this.#resolutions
    const seenUnits = new Set<string>()
    const pending = [...targets.units]
    for (let unitId = pending.pop(); unitId !== undefined; unitId = pending.pop()) {
      // A unit may be named together with one above it, and a damaged tree may have a ring.
      if (seenUnits.has(unitId)) continue
      seenUnits.add(unitId)
      addEnabled(found, this.#byUnit.get(unitId), mark)
      pending.push(...(this.#children.get(unitId) ?? []))
    }
    for (const tag of targets.tags) addEnabled(found, this.#byTag.get(tag), mark)
    for (const id of targets.clusters) {
      const entry = this.#byId.get(id)
      if (entry !== undefined) addEnabled(found, [entry], mark)
    }
    return found
  }

  /** The unit and all above it, from below; ends at a ring. */
  lineage(unitId: string): Set<string> {
    const units = new Set<string>()
    for (let id: string | null | undefined = unitId; id !== null && id !== undefined && !units.has(id); id = this.#parents.get(id)) units.add(id)
    return units
  }
}

function indexUnder<C>(index: Map<string, Set<C>>, key: string, entry: C): void {
  const entries = index.get(key)
  if (entries === undefined) index.set(key, new Set([entry]))
  else entries.add(entry)
}

// Hot path: once a cluster for each order. A mark in the entry says that it is in already; a Set costs five times as much.
function addEnabled<C extends Marked>(found: C[], entries: Iterable<C> | undefined, mark: number): void {
  if (entries === undefined) return
  for (const entry of entries) {
    if (entry.mark === mark || !entry.cluster.enabled) continue
    entry.mark = mark
    found.push(entry)
  }
}

export const sameCluster = (a: ArbiterCluster, b: ArbiterCluster): boolean =>
  a.unitId === b.unitId && a.enabled === b.enabled && a.tags.length === b.tags.length && a.tags.every((tag, index) => tag === b.tags[index])
