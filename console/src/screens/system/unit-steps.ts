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
  /** Of a split. */
  readonly parts: readonly SplitPart[]
  /** Whether the unit that is split stays with what no part takes; else it ends, and all it has must be in a part. */
  readonly remains: boolean
}

/** What goes to another unit, that exists or is new. */
export interface SplitPart extends Pick<UnitChangeDraft, 'intoId' | 'code' | 'name'> {
  readonly unitIds: readonly string[]
  readonly clusterIds: readonly string[]
}

export const EMPTY_PART: SplitPart = { intoId: null, code: '', name: '', unitIds: [], clusterIds: [] }
export const EMPTY_DRAFT: UnitChangeDraft = { kind: 'merge', unitIds: [], intoId: null, code: '', name: '', parentId: null, parts: [EMPTY_PART], remains: true }

function intoOf({ intoId, code, name }: Pick<UnitChangeDraft, 'intoId' | 'code' | 'name'>): string | { readonly code: string; readonly name: string } | null {
  const [newCode, newName] = [code.trim(), name.trim()]
  return intoId ?? (newCode === '' || newName === '' ? null : { code: newCode, name: newName })
}

/** What of a unit no part takes. */
export const leftOf = (ids: readonly string[], parts: readonly SplitPart[], list: 'unitIds' | 'clusterIds'): readonly string[] => ids.filter((id) => !parts.some((part) => part[list].includes(id)))

/** The steps of the API, or null while something is missing. */
export function stepsOf({ kind, unitIds, intoId, code, name, parentId, parts, remains }: UnitChangeDraft): UnitSteps | null {
  const [unitId] = unitIds
  if (unitId === undefined) return null
  const [newCode, newName] = [code.trim(), name.trim()]
  const into = intoOf({ intoId, code, name })
  switch (kind) {
    case 'rename': return newCode === '' && newName === '' ? null : [{ kind, unitId, ...(newCode === '' ? {} : { code: newCode }), ...(newName === '' ? {} : { name: newName }) }]
    case 'move': return parentId === unitId ? null : [{ kind, unitId, parentId }]
    case 'end': return [{ kind, unitId }]
    case 'merge': return into === null || unitIds.every((id) => id === intoId) ? null : [{ kind, unitIds: [...unitIds], into }]
    case 'split': {
      const sent = parts.flatMap((part) => {
        const target = intoOf(part)
        return target === null || part.unitIds.length + part.clusterIds.length === 0 ? [] : [{ into: target, clusterIds: [...part.clusterIds], unitIds: [...part.unitIds] }]
      })
      return sent.length === 0 || sent.length < parts.length ? null : [{ kind, unitId, parts: sent, remains }]
    }
  }
}
