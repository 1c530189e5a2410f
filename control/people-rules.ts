import type { Store } from './ports.ts'
import { ApiError, unknownIds } from './problem.ts'
import type { Grant, Right, Rights } from './rights.ts'

/**
 * Roles as they are kept: each once.
 * @throws ApiError LOA_ERR_UNKNOWN_ID for units that do not exist
 */
export function checkRoles(roles: readonly Grant[], store: Store): Grant[] {
  const units = roles.flatMap(({ unitId }) => unitId ?? [])
  const missing = new Set(store.units.missing(units))
  const unknown = roles.flatMap(({ unitId }, index) => (unitId !== null && missing.has(unitId) ? [{ path: `roles[${String(index)}].unitId`, noun: 'unit' as const, id: unitId }] : []))
  if (unknown.length > 0) throw unknownIds(unknown)
  return [...new Map(roles.map(({ role, unitId }) => [`${role} ${unitId ?? ''}`, { role, unitId }])).values()]
}

/** Whether every role lies where the right is held. Who has no role anywhere belongs to the whole tree. */
export const isWithin = (grants: readonly Grant[], rights: Rights, right: Right): boolean =>
  grants.length === 0 ? rights.holds(right, null) : grants.every(({ unitId }) => rights.holds(right, unitId))

const administers = (grants: readonly Grant[]): boolean => grants.some(({ role, unitId }) => role === 'administrator' && unitId === null)

/** Whether somebody, a program or a person who may log in, administers the whole tree, and will until it is taken away. */
export const isAdministered = (store: Store): boolean =>
  store.tokens.all().some(({ grants, expiresAtMs }) => expiresAtMs === undefined && administers(grants)) || store.users.all().some(({ enabled, grants }) => enabled && administers(grants))

/**
 * Call it in the transaction, after the change.
 * @throws ApiError LOA_ERR_LAST_ADMIN when nobody administers the whole tree any more
 */
export function checkAdministered(store: Store): void {
  if (isAdministered(store)) return
  throw new ApiError('LOA_ERR_LAST_ADMIN', 'nobody could administer any more', 'sẽ không còn ai quản trị được')
}
