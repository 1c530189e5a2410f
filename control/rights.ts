/**
 * Who may do what, where. Pure: a table of what each role gives, and one rule: a role held at a unit is held at every unit below it, and
 * nowhere else. So it never reaches a sister unit or a unit above. A role held at no unit (`null`) is held over the whole tree.
 */

export const RIGHTS = ['view', 'write', 'edit', 'plan', 'air', 'emergency', 'command', 'maintain', 'manage', 'people', 'audit', 'cap'] as const
/**
 * `view` reads and listens; `write` uploads clips; `edit` renames and removes them; `plan` changes the schedule; `air` gives and stops orders that
 * are no emergency; `emergency` those that are; `command` tells devices what to do; `maintain` changes keys, devices and outputs; `manage`
 * changes units, clusters and sources; `people` changes who holds which role; `audit` reads the audit log; `cap` hands in
 * CAP messages, whose signatures say what may come of them.
 */
export type Right = (typeof RIGHTS)[number]

export const ROLES = ['viewer', 'writer', 'editor', 'operator', 'technician', 'emergency-officer', 'administrator', 'auditor', 'cap-sender'] as const
export type Role = (typeof ROLES)[number]

/** An administrator starts no emergency: who is to do both holds both roles, and the audit log says who gave them. */
export const RIGHTS_OF: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['view'],
  writer: ['view', 'write'],
  editor: ['view', 'write', 'edit', 'plan'],
  operator: ['view', 'write', 'edit', 'plan', 'air', 'command'],
  technician: ['view', 'command', 'maintain'],
  'emergency-officer': ['view', 'write', 'emergency', 'cap'],
  administrator: ['view', 'write', 'edit', 'plan', 'air', 'command', 'maintain', 'manage', 'people', 'audit'],
  auditor: ['view', 'audit'],
  /** For programs of others: it sees nothing. */
  'cap-sender': ['cap'],
}

/** A role at a unit and everything below it; `null`: over the whole tree. */
export interface Grant {
  readonly role: Role
  readonly unitId: string | null
}

/** What somebody may do, from the roles he holds. Made for one request: what it has learnt of the tree is not learnt again. */
export class Rights {
  readonly grants: readonly Grant[]
  readonly #ancestors: (unitId: string) => readonly string[]
  readonly #above = new Map<string, readonly string[]>()

  /** @param ancestors the unit and everything above it, itself first; empty for a unit that does not exist */
  constructor(grants: readonly Grant[], ancestors: (unitId: string) => readonly string[]) {
    this.grants = grants
    this.#ancestors = ancestors
  }

  /** Whether the right is held at any unit at all. */
  somewhere(right: Right): boolean {
    return this.grants.some(({ role }) => RIGHTS_OF[role].includes(right))
  }

  /** @param unitId `null`: over the whole tree. A unit that does not exist is covered by a right over the whole tree only. */
  holds(right: Right, unitId: string | null): boolean {
    const units = this.roots(right)
    if (units === null) return true
    return unitId !== null && units.length > 0 && this.#aboveOf(unitId).some((id) => units.includes(id))
  }

  /** Whether something that is meant for the unit and all below it concerns a place where the right is held. */
  touches(right: Right, unitId: string): boolean {
    return this.holds(right, unitId) || (this.roots(right) ?? []).some((root) => this.#aboveOf(root).includes(unitId))
  }

  /** Units at which the right is held, with all below each; `null`: the whole tree. */
  roots(right: Right): readonly string[] | null {
    const units = new Set<string>()
    for (const { role, unitId } of this.grants) {
      if (!RIGHTS_OF[role].includes(right)) continue
      if (unitId === null) return null
      units.add(unitId)
    }
    return [...units]
  }

  #aboveOf(unitId: string): readonly string[] {
    let above = this.#above.get(unitId)
    if (above === undefined) this.#above.set(unitId, above = this.#ancestors(unitId))
    return above
  }
}
