import type { PostBody } from '../../../../control/client/index.ts'

export type UnitSteps = PostBody<'/v1/unit-changes'>['steps']
export const STEP_KINDS = ['merge', 'split', 'rename', 'move', 'end'] as const
export type StepKind = (typeof STEP_KINDS)[number]

/** What the form holds; only what belongs to the kind is used. */
export interface UnitChangeDraft {
  readonly kind: StepKind
  readonly unitIds: readonly string[]
  /** null: a new unit of `code` and `name`. */
  readonly intoId: string | null
  readonly code: string
  readonly name: string
  readonly parentId: string | null
  readonly partUnitIds: readonly string[]
  readonly partClusterIds: readonly string[]
}

export const EMPTY_DRAFT: UnitChangeDraft = { kind: 'merge', unitIds: [], intoId: null, code: '', name: '', parentId: null, partUnitIds: [], partClusterIds: [] }

/** The steps of the API, or null while something is missing. A part of a unit is split off and the rest stays. */
export function stepsOf({ kind, unitIds, intoId, code, name, parentId, partUnitIds, partClusterIds }: UnitChangeDraft): UnitSteps | null {
  const [unitId] = unitIds
  if (unitId === undefined) return null
  const [newCode, newName] = [code.trim(), name.trim()]
  const into = intoId ?? (newCode === '' || newName === '' ? null : { code: newCode, name: newName })
  switch (kind) {
    case 'rename': return newCode === '' && newName === '' ? null : [{ kind, unitId, ...(newCode === '' ? {} : { code: newCode }), ...(newName === '' ? {} : { name: newName }) }]
    case 'move': return parentId === unitId ? null : [{ kind, unitId, parentId }]
    case 'end': return [{ kind, unitId }]
    case 'merge': return into === null || unitIds.every((id) => id === intoId) ? null : [{ kind, unitIds: [...unitIds], into }]
    case 'split': return into === null || partUnitIds.length + partClusterIds.length === 0 ? null : [{ kind, unitId, parts: [{ into, clusterIds: [...partClusterIds], unitIds: [...partUnitIds] }], remains: true }]
  }
}
