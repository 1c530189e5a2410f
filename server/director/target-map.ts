import type { ClusterRecord, Targets, UnitRecord } from '../../control/ports.ts'
import type { ArbiterCluster, OrderTargets } from '../../rooms/arbiter/index.ts'

/** A tag that only the arbiter sees. Nobody can give one like it: there is no blank in people's tags. */
const endedUnitTag = (unitId: string): string => `unit ${unitId}`

/**
 * Targets in the arbiter's words. A unit that has ended goes on meaning the clusters it had, which then carry a tag of it; every order to a unit names that
 * tag from the beginning, so that nothing changes for the order when the unit ends.
 */
export const arbiterTargets = ({ units, clusters, tags }: Targets): OrderTargets => ({ units, clusters, tags: units.length === 0 ? tags : [...tags, ...units.map(endedUnitTag)] })

/** Clusters in the arbiter's words, with the tags that `arbiterTargets` looks for. */
export class ClusterTags {
  #tagsOf: ReadonlyMap<string, readonly string[]> = new Map()

  /** @param endedMembers the clusters of units that have ended */
  load(units: readonly UnitRecord[], endedMembers: readonly { readonly unitId: string; readonly clusterId: string }[]): void {
    const ended = new Set(units.flatMap(({ id, endedAtMs }) => (endedAtMs === null ? [] : [id])))
    const tags = new Map<string, string[]>()
    for (const { unitId, clusterId } of endedMembers) {
      if (!ended.has(unitId)) continue
      const known = tags.get(clusterId)
      if (known === undefined) tags.set(clusterId, [endedUnitTag(unitId)])
      else known.push(endedUnitTag(unitId))
    }
    this.#tagsOf = tags
  }

  readonly cluster = ({ id, unitId, tags, enabled, state }: ClusterRecord): ArbiterCluster => {
    // What is being put up or repaired stands in no unit and has no tag there: only its own name means it.
    if (state === 'planned' || state === 'repair') return { id, unitId: '', tags: [], enabled }
    const more = this.#tagsOf.get(id)
    return { id, unitId, tags: more === undefined ? tags : [...tags, ...more], enabled: enabled && state === 'active' }
  }
}
