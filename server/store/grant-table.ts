import type { Grant } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface GrantRow {
  readonly role: Grant['role']
  readonly unit_id: string | null
}

/** Who holds which role where. Holders are tokens and users; what they hold at a unit goes with the unit. */
export class GrantTable {
  readonly #insert: Statement
  readonly #remove: Statement
  readonly #of: Statement<GrantRow>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO grants (holder_id, role, unit_id) VALUES ($holderId, $role, $unitId) ON CONFLICT DO NOTHING')
    this.#remove = db.prepare('DELETE FROM grants WHERE holder_id = $holderId')
    this.#of = db.prepare('SELECT role, unit_id FROM grants WHERE holder_id = $holderId ORDER BY seq')
  }

  of(holderId: string): Grant[] {
    return this.#of.all({ holderId }).map(({ role, unit_id: unitId }) => ({ role, unitId }))
  }

  /** Call it in a transaction. */
  replace(holderId: string, grants: readonly Grant[]): void {
    this.#remove.run({ holderId })
    for (const { role, unitId } of grants) this.#insert.run({ holderId, role, unitId })
  }
}
