import type { ClusterRecord, GroupRecord, Selection, Targets } from '../../control/ports.ts'
import { isTestZone } from '../../control/alerts/test-zone.ts'
import { reaching } from '../../control/meant-clusters.ts'
import { memberTest, type UnitMap } from '../../control/selection.ts'
import type { ArbiterCluster, OrderTargets } from '../../rooms/arbiter/index.ts'

/** Tags that only the arbiter sees. Nobody can give one like them: there is no blank in people's tags. */
const endedUnitTag = (unitId: string): string => `unit ${unitId}`
const groupTag = (groupId: string): string => `group ${groupId}`
const testTag = (clusterId: string): string => `test ${clusterId}`

/**
 * Targets in the arbiter's words. A unit that has ended goes on meaning the clusters it had, which then carry a tag of it; every order to a unit names that
 * tag from the beginning, so that nothing changes for the order when the unit ends. The clusters of a group carry a tag of it.
 * @param isTest a test means only what it names, and of that only what carries the tag of a cluster that is not in use, from moment to moment
 */
export function arbiterTargets({ units, clusters, tags, groups = [] }: Targets, isTest = false): OrderTargets {
  if (isTest) return { units: [], clusters: [], tags: clusters.map(testTag) }
  return { units, clusters, tags: units.length + groups.length === 0 ? tags : [...tags, ...units.map(endedUnitTag), ...groups.map(groupTag)] }
}

/** Clusters in the arbiter's words, with the tags that `arbiterTargets` looks for. */
export class ClusterTags {
  #map: UnitMap = { parents: new Map(), endedMembers: new Map() }
  #reach = reaching(this.#map, [])

  load(map: UnitMap, groups: readonly GroupRecord[]): void {
    this.#map = map
    this.#reach = reaching(map, groups)
  }

  readonly cluster = (cluster: ClusterRecord): ArbiterCluster => {
    const { id, unitId, tags } = cluster
    const meant = this.#reach(cluster)
    if (meant === null) return { id, unitId, tags, enabled: false }
    return { id, unitId: meant.units[0] ?? '', tags: [...meant.tags, ...meant.endedUnits.map(endedUnitTag), ...meant.groups.map(groupTag), ...(isTestZone(cluster) ? [testTag(id)] : [])], enabled: true }
  }

  /** Ids of the clusters that a selection means. */
  select(selection: Selection, clusters: Iterable<ClusterRecord>): string[] {
    const isMember = memberTest(selection, this.#map)
    const ids: string[] = []
    for (const cluster of clusters) if (isMember(cluster)) ids.push(cluster.id)
    return ids
  }
}
