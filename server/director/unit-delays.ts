import type { UnitRecord } from '../../control/ports.ts'

/**
 * The presentation delay of each unit: its own, or that of the nearest unit above that has one. Units for which nobody says any are left out.
 * @param units in any order; a unit whose parent is not among them is a root
 */
export function unitDelays(units: readonly UnitRecord[]): ReadonlyMap<string, number> {
  const byId = new Map(units.map((unit) => [unit.id, unit]))
  const delays = new Map<string, number | null>()
  const delayOf = (id: string): number | null => {
    const known = delays.get(id)
    if (known !== undefined) return known
    const unit = byId.get(id)
    const delay = unit === undefined ? null : (unit.presentationDelayMs ?? (unit.parentId === null ? null : delayOf(unit.parentId)))
    delays.set(id, delay)
    return delay
  }
  return new Map(units.flatMap(({ id }): [string, number][] => {
    const delay = delayOf(id)
    return delay === null ? [] : [[id, delay]]
  }))
}
