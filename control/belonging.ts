import type { Store } from './ports.ts'
import type { Right, Rights } from './rights.ts'
import { standingUnits } from './standing-units.ts'

/**
 * Sources, clips and playlists belong to a unit, or to the whole tree (`null`). What belongs to a unit is seen and used there, above it and everywhere below
 * it, never beside it: a province's jingle is played by its communes, and a commune's clip is not seen by its sister.
 */

/**
 * Whether what belongs to the unit is within reach of the right. When the unit has ended, its successors answer for it.
 * @param unitId `null`: the whole tree, in reach of whoever holds the right anywhere
 */
export function isInReach(unitId: string | null, right: Right, rights: Rights, store: Pick<Store, 'units' | 'clusters'>): boolean {
  if (unitId === null) return rights.somewhere(right)
  return rights.roots(right) === null || standingUnits(unitId, store).some((id) => id !== null && rights.touches(right, id))
}

/** Those units of `owners` whose things the caller sees; null: all. */
export function ownersSeen(owners: () => readonly string[], rights: Rights, store: Pick<Store, 'units' | 'clusters'>): readonly string[] | null {
  return rights.roots('view') === null ? null : owners().filter((unitId) => isInReach(unitId, 'view', rights, store))
}
