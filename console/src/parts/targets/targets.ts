import type { PostBody } from '../../../../control/client/index.ts'
import type { UnitTree } from '../../api/unit-tree.ts'
import { matches } from '../../words/fold.ts'

/** As `POST /v1/orders` has them. */
export type Targets = PostBody<'/v1/orders'>['targets']
/** Those of an alert, which may have an area drawn for it. */
export type DrawnTargets = PostBody<'/v1/alerts'>['targets']

export const TARGET_KINDS = ['units', 'groups', 'clusters', 'tags'] as const
export type TargetKind = (typeof TARGET_KINDS)[number]

export const NO_TARGETS: Targets = {}

export const countTargets = (targets: Targets): number => TARGET_KINDS.reduce((sum, kind) => sum + (targets[kind]?.length ?? 0), 0)

/** One thing that can be chosen, in a list of all kinds. */
export interface TargetItem {
  /** `units:u-…` */
  readonly key: string
  readonly kind: TargetKind
  readonly id: string
  readonly name: string
  /** What tells it from others of its name. */
  readonly detail: string
  /** Steps below the highest that is shown; of units. */
  readonly depth: number
}

export const keyOf = (kind: TargetKind, id: string): string => `${kind}:${id}`

/** Keys of what is chosen. */
export const keysOf = (targets: Targets): string[] => TARGET_KINDS.flatMap((kind) => (targets[kind] ?? []).map((id) => keyOf(kind, id)))

/** @returns targets without the kinds of which nothing is chosen */
export function targetsOf(keys: Iterable<string>): Targets {
  const targets: { [kind in TargetKind]?: string[] } = {}
  for (const key of keys) {
    const kind = TARGET_KINDS.find((one) => key.startsWith(`${one}:`))
    if (kind !== undefined) (targets[kind] ??= []).push(key.slice(kind.length + 1))
  }
  return targets
}

/** Units as a tree that is read from above; with a question, those that answer it. */
export function unitItems(units: UnitTree, question: string, mayUse: (unitId: string) => boolean): TargetItem[] {
  const items: TargetItem[] = []
  const add = (unitId: string, depth: number): void => {
    const unit = units.byId.get(unitId)
    if (unit === undefined) return
    const isIn = mayUse(unitId)
    if (isIn) items.push({ key: keyOf('units', unitId), kind: 'units', id: unitId, name: unit.name, detail: unit.code, depth })
    for (const child of units.children(unitId)) add(child.id, isIn ? depth + 1 : depth)
  }
  for (const root of units.roots) add(root.id, 0)
  if (question === '') return items
  return items.filter(({ name, detail }) => matches(`${name} ${detail}`, question)).map((item) => ({ ...item, depth: 0, detail: [item.detail, ...units.path(item.id).slice(0, -1).map((above) => above.name)].join(' · ') }))
}

/** `#ven-song` names a tag, which no list has. */
export function tagItem(question: string): TargetItem[] {
  const tag = /^#\s*(\S.*)$/.exec(question.trim())?.[1]
  return tag === undefined ? [] : [{ key: keyOf('tags', tag), kind: 'tags', id: tag, name: tag, detail: '', depth: 0 }]
}
