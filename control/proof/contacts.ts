import type { ProofBoardView } from '../schemas/report.ts'
import type { Store } from '../store-port.ts'

type Contact = ProofBoardView['red'][number]['contact']
export type ContactOf = (unitId: string) => Contact

/** Who can be called about a unit's clusters: as it says, or the nearest above that says so. What was found is kept, for one answer. */
export function contactsIn({ units }: Pick<Store, 'units'>): ContactOf {
  const known = new Map<string, Contact>()
  const find: ContactOf = (unitId) => {
    const kept = known.get(unitId)
    if (kept !== undefined) return kept
    const unit = units.get(unitId)
    const found = unit === undefined ? null : unit.contact !== null ? { unitId, ...unit.contact } : unit.parentId === null ? null : find(unit.parentId)
    known.set(unitId, found)
    return found
  }
  return find
}
