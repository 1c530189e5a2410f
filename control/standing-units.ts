import type { Store } from './ports.ts'

/**
 * The units that answer for what was given to a unit, or in its name: itself while it stands; when it has ended, those in which its clusters stand now.
 * `null`: the whole tree, when no cluster of it is left.
 */
export function standingUnits(unitId: string, { units, clusters }: Pick<Store, 'units' | 'clusters'>): readonly (string | null)[] {
  const unit = units.get(unitId)
  if (unit === undefined || unit.endedAtMs === null) return [unitId]
  const found = new Set(units.endedMembers().flatMap((member) => (member.unitId === unitId ? (clusters.get(member.clusterId)?.unitId ?? []) : [])))
  return found.size === 0 ? [null] : [...found]
}
