import { distanceM } from './acoustics.ts'
import { insideOf } from './polygon.ts'
import type { ClusterRecord, Selection, Store, UnitRecord } from './ports.ts'

export type SelectableCluster = Pick<ClusterRecord, 'id' | 'unitId' | 'tags' | 'position' | 'enabled' | 'state'>

/** What units mean: where each stands, and which clusters those had that have ended. */
export interface UnitMap {
  readonly parents: ReadonlyMap<string, string | null>
  readonly endedMembers: ReadonlyMap<string, ReadonlySet<string>>
}

export function unitMap(units: readonly UnitRecord[], members: readonly { readonly unitId: string; readonly clusterId: string }[]): UnitMap {
  const ended = new Set(units.flatMap(({ id, endedAtMs }) => (endedAtMs === null ? [] : [id])))
  const endedMembers = new Map<string, Set<string>>()
  for (const { unitId, clusterId } of members) {
    if (!ended.has(unitId)) continue
    const known = endedMembers.get(unitId)
    if (known === undefined) endedMembers.set(unitId, new Set([clusterId]))
    else known.add(clusterId)
  }
  return { parents: new Map(units.map(({ id, parentId }) => [id, parentId])), endedMembers }
}

/**
 * Makes a test of whether a selection means a cluster. One without a position stands in no area; one that is not in use is in no selection, as orders
 * by unit and tag do not mean it either.
 */
export function memberTest({ units, tags, area, circles, match }: Selection, map: UnitMap): (cluster: SelectableCluster) => boolean {
  const tests: ((cluster: SelectableCluster) => boolean)[] = []
  if (units.length > 0) tests.push(unitTest(units, map))
  if (tags.length > 0) {
    const wanted = new Set(tags)
    tests.push((cluster) => cluster.tags.some((tag) => wanted.has(tag)))
  }
  if (area !== null || circles.length > 0) {
    const inArea = area === null ? () => false : insideOf(area)
    tests.push(({ position }) => position !== null && (inArea(position) || circles.some((circle) => distanceM(circle, position) <= circle.radiusM)))
  }
  const isMeant = match === 'all' ? (cluster: SelectableCluster) => tests.every((test) => test(cluster)) : (cluster: SelectableCluster) => tests.some((test) => test(cluster))
  return (cluster) => cluster.enabled && cluster.state === 'active' && tests.length > 0 && isMeant(cluster)
}

/** The groups that a cluster is in. */
export function groupsOf(clusterId: string, store: Pick<Store, 'clusters' | 'groups' | 'units'>): string[] {
  const cluster = store.clusters.get(clusterId)
  const groups = store.groups.all()
  if (cluster === undefined || groups.length === 0) return []
  const map = unitMap(store.units.all(), store.units.endedMembers())
  return groups.filter(({ selection }) => memberTest(selection, map)(cluster)).map(({ id }) => id)
}

function unitTest(units: readonly string[], { parents, endedMembers }: UnitMap): (cluster: SelectableCluster) => boolean {
  const wanted = new Set(units)
  const known = new Map<string, boolean>()
  const isBelow = (unitId: string): boolean => {
    const before = known.get(unitId)
    if (before !== undefined) return before
    known.set(unitId, false) // a damaged tree may have a ring
    const parentId = parents.get(unitId) ?? null
    const found = wanted.has(unitId) || (parentId !== null && isBelow(parentId))
    known.set(unitId, found)
    return found
  }
  const ended = units.flatMap((id) => endedMembers.get(id) ?? [])
  return ({ id, unitId }) => isBelow(unitId) || ended.some((members) => members.has(id))
}
