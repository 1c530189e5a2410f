import type { ProofBoardView } from '../schemas/report.ts'
import type { Store } from '../store-port.ts'

type Contact = ProofBoardView['red'][number]['contact']
export type ContactOf = (clusterId: string, unitId: string) => Contact

/** Who can be called about a cluster: its own keeper, else as its unit says, or the nearest above that says so. What was found of units is kept, for one answer. */
export function contactsIn({ clusters, units }: Pick<Store, 'clusters' | 'units'>): ContactOf {
  const known = new Map<string, Contact>()
  const ofUnit = (unitId: string): Contact => {
    const kept = known.get(unitId)
    if (kept !== undefined) return kept
    const unit = units.get(unitId)
    const found = unit === undefined ? null : unit.contact !== null ? { unitId, ...unit.contact } : unit.parentId === null ? null : ofUnit(unit.parentId)
    known.set(unitId, found)
    return found
  }
  return (clusterId, unitId) => {
    const cluster = clusters.get(clusterId)
    const { keeper = null, keeperPhone = null } = cluster?.equipment ?? {}
    return cluster === undefined || keeperPhone === null ? ofUnit(unitId) : { unitId: cluster.unitId, name: keeper ?? cluster.name, phone: keeperPhone }
  }
}
