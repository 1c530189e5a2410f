import { ClusterIndex, reachableClusters } from '../meant-clusters.ts'
import type { Store } from '../store-port.ts'
import type { Subject } from './policy-check.ts'
import { heldFrames, intrusionsOf, keeperOf, type Intrusion } from './level-frames.ts'
import { breachesOf, effectivePolicy, type Stretch } from './policy.ts'
import type { HeldFrame, Policy } from './policy-port.ts'

/** Clusters for which the same rules hold. */
interface RuleGroup {
  readonly frames: readonly HeldFrame[]
  readonly policy: Omit<Policy, 'levelFrames'>
  /** Of each unit that has any of them, itself first. */
  readonly lineages: readonly (readonly string[])[]
  readonly clusters: number
}

/** A frame into which something falls that is of another level. */
export interface FrameBreach {
  readonly frame: HeldFrame
  /** The units whose users say who may sound in it. */
  readonly keepers: readonly string[]
  /** One of the units whose clusters it is about. */
  readonly unitId: string
  readonly clusters: number
  /** How many plays fall into it. */
  readonly count: number
  readonly first: Intrusion
}

/** The rules of the clusters that targets mean, each kind once; empty where no unit keeps a frame. */
export function ruleGroups({ targets, class: itsClass }: Pick<Subject, 'targets' | 'class'>, store: Store): readonly RuleGroup[] {
  const policies = store.policies.all()
  if (itsClass === 'emergency' || ![...policies.values()].some(({ levelFrames }) => levelFrames !== null)) return []
  const own = (unitId: string): Policy | undefined => policies.get(unitId)
  const groups = new Map<string, { frames: readonly HeldFrame[]; policy: Omit<Policy, 'levelFrames'>; lineages: (readonly string[])[]; clusters: number }>()
  for (const clusters of Map.groupBy(new ClusterIndex(reachableClusters(store)).meant(targets), ({ units: [unit] }) => unit ?? '').values()) {
    const lineage = clusters[0]!.units
    const [frames, policy] = [heldFrames(lineage, own), effectivePolicy(lineage, own)]
    const key = JSON.stringify([frames, policy])
    const known = groups.get(key) ?? { frames, policy, lineages: [], clusters: 0 }
    known.lineages.push(lineage)
    known.clusters += clusters.length
    groups.set(key, known)
  }
  return [...groups.values()]
}

/** Every frame into which the plays fall. */
export function findFrameBreaches({ level, stretches }: Pick<Subject, 'level' | 'stretches'>, groups: readonly RuleGroup[]): readonly FrameBreach[] {
  const found = new Map<string, { frame: HeldFrame; keepers: Set<string>; unitId: string; clusters: number; plays: Set<Stretch>; first: Intrusion }>()
  for (const { frames, lineages, clusters } of groups) {
    for (const [frame, intrusions] of Map.groupBy(intrusionsOf(level, stretches, frames), (intrusion) => intrusion.frame)) {
      const key = JSON.stringify(frame)
      const known = found.get(key) ?? { frame, keepers: new Set(), unitId: lineages[0]![0]!, clusters: 0, plays: new Set(), first: intrusions[0]! }
      known.clusters += clusters
      for (const { play } of intrusions) known.plays.add(play)
      for (const lineage of lineages) known.keepers.add(keeperOf(frame, lineage))
      found.set(key, known)
    }
  }
  return [...found.values()].map(({ frame, keepers, unitId, clusters, plays, first }) => ({ frame, keepers: [...keepers], unitId, clusters, count: plays.size, first }))
}

/** Whether plays keep to the frames of their level, to the hours, and to the length of a play. */
export const isFree = (level: number, plays: readonly Stretch[], zone: string, groups: readonly RuleGroup[]): boolean =>
  groups.every(({ frames, policy }) => intrusionsOf(level, plays, frames).length === 0 && breachesOf({ ...policy, dayMs: null }, plays, [], zone).length === 0)
