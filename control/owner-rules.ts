import { demand } from './access.ts'
import type { Store } from './ports.ts'
import type { Right, Rights } from './rights.ts'
import { standingUnit } from './unit-change-rules.ts'

/**
 * To whom belongs what is made now. Left out, it is the only unit at which the caller holds the right; for who holds it over the whole tree, the whole tree.
 * @throws ApiError LOA_ERR_FORBIDDEN, LOA_ERR_UNKNOWN_ID or LOA_ERR_UNIT_ENDED
 */
export function newOwner(given: string | null | undefined, right: Right, rights: Rights, store: Pick<Store, 'units'>): string | null {
  const own = rights.roots(right)
  const unitId = given === undefined ? (own?.length === 1 ? own[0]! : null) : given
  if (unitId !== null) standingUnit(store, unitId, 'unitId')
  demand(right, rights, { unitId, path: 'unitId' })
  return unitId
}

/**
 * To whom belongs what is changed: the right over what it belongs to is checked before.
 * @throws ApiError as `newOwner`
 */
export function changedOwner(given: string | null | undefined, before: string | null, store: Pick<Store, 'units'>): string | null {
  if (given === undefined || given === before) return before
  if (given !== null) standingUnit(store, given, 'unitId')
  return given
}
