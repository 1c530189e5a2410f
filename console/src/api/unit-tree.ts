import type { Schemas } from '../../../control/client/index.ts'

type Unit = Schemas['Unit']

/** Units as the reader sees them: a tree whose roots are those with no parent in sight. */
export class UnitTree {
  readonly all: readonly Unit[]
  readonly byId: ReadonlyMap<string, Unit>
  readonly parents: ReadonlyMap<string, string | null>
  readonly roots: readonly Unit[]
  readonly #children = new Map<string, Unit[]>()

  constructor(units: readonly Unit[]) {
    this.all = units
    this.byId = new Map(units.map((unit) => [unit.id, unit]))
    this.parents = new Map(units.map(({ id, parentId }) => [id, parentId]))
    for (const unit of units) {
      if (unit.parentId === null) continue
      const siblings = this.#children.get(unit.parentId)
      if (siblings === undefined) this.#children.set(unit.parentId, [unit])
      else siblings.push(unit)
    }
    const byName = (a: Unit, b: Unit): number => a.name.localeCompare(b.name, 'vi')
    for (const children of this.#children.values()) children.sort(byName)
    this.roots = units.filter(({ parentId }) => parentId === null || !this.byId.has(parentId)).sort(byName)
  }

  children(unitId: string): readonly Unit[] {
    return this.#children.get(unitId) ?? []
  }

  /** From the top down to the unit itself. */
  path(unitId: string): readonly Unit[] {
    const path: Unit[] = []
    for (let unit = this.byId.get(unitId); unit !== undefined; unit = unit.parentId === null ? undefined : this.byId.get(unit.parentId)) path.unshift(unit)
    return path
  }

  /** `Xã Bình Minh`, or what is known of it. */
  name(unitId: string): string {
    return this.byId.get(unitId)?.name ?? unitId
  }

  /** The unit and all below it. */
  below(unitId: string): ReadonlySet<string> {
    const ids = new Set([unitId])
    for (const id of ids) for (const child of this.children(id)) ids.add(child.id)
    return ids
  }
}
