import type { Page, PageQuery } from './store-port.ts'

/** A unit that a change makes. Without a parent it stands where the (first) unit stood that it comes from. */
export interface UnitBirth {
  readonly code: string
  readonly name: string
  readonly parentId?: string | null
}

/** One thing that happens to the map. `into` is a unit that exists, or one to be made. */
export type UnitStep =
  | { readonly kind: 'rename'; readonly unitId: string; readonly code?: string; readonly name?: string }
  | { readonly kind: 'move'; readonly unitId: string; readonly parentId: string | null }
  | { readonly kind: 'merge'; readonly unitIds: readonly string[]; readonly into: string | UnitBirth }
  | { readonly kind: 'split'; readonly unitId: string; readonly parts: readonly UnitPart[]; readonly remains: boolean }
  | { readonly kind: 'end'; readonly unitId: string }

/** What a part of a split unit gets: clusters of the unit itself, and units right below it with all they hold. */
export interface UnitPart {
  readonly into: string | UnitBirth
  readonly clusterIds: readonly string[]
  readonly unitIds: readonly string[]
}

/** What has come of a change. */
export interface UnitChangeResult {
  readonly createdIds: readonly string[]
  readonly endedIds: readonly string[]
  readonly clustersMoved: number
}

/** `failed`: its time came, and the map was no longer one to which it fits. */
export const UNIT_CHANGE_STATES = ['planned', 'done', 'cancelled', 'failed'] as const

/** Steps that are taken together or not at all, by a decision that holds from a date on. Never removed: it is the history. */
export interface UnitChangeRecord {
  readonly id: string
  /** From when on it holds. */
  readonly atMs: number
  /** Such as the number of the decision. */
  readonly note: string | null
  readonly steps: readonly UnitStep[]
  readonly state: (typeof UNIT_CHANGE_STATES)[number]
  readonly result: UnitChangeResult | null
  /** Why it failed, in English and Vietnamese. */
  readonly problem: { readonly detail: string; readonly detailVi: string } | null
  readonly createdAtMs: number
  /** Id of the token that gave it. */
  readonly createdBy: string
}

export interface UnitChangeStore {
  insert(change: UnitChangeRecord): UnitChangeRecord
  /** Of one that is planned. @returns undefined when there is no such one, or it is planned no more. */
  settle(id: string, outcome: Pick<UnitChangeRecord, 'state' | 'result' | 'problem'>): UnitChangeRecord | undefined
  get(id: string): UnitChangeRecord | undefined
  list(page: PageQuery, filter: { readonly state?: UnitChangeRecord['state'] }): Page<UnitChangeRecord>
  /** Soonest first. */
  planned(): readonly UnitChangeRecord[]
}
