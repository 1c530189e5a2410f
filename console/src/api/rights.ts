import type { Schemas } from '../../../control/client/index.ts'

export type Right = Schemas['Me']['rights'][number]['right']
/** Parents of units that can be seen; a unit above them is not known. */
export type Parents = ReadonlyMap<string, string | null>

/** What the reader may do where. Only for what is shown: the server decides. */
export class MyRights {
  readonly #rights: Schemas['Me']['rights']
  readonly #parents: Parents

  constructor(rights: Schemas['Me']['rights'], parents: Parents) {
    this.#rights = rights
    this.#parents = parents
  }

  /** At any unit at all: whether to show a screen or a button. */
  somewhere(right: Right): boolean {
    return this.#rights.some((held) => held.right === right)
  }

  /** At a unit; `null`: over the whole tree. */
  at(right: Right, unitId: string | null): boolean {
    const held = this.#rights.find((one) => one.right === right)
    if (held === undefined) return false
    if (held.unitIds === null) return true
    for (let id: string | null | undefined = unitId; id !== null && id !== undefined; id = this.#parents.get(id)) if (held.unitIds.includes(id)) return true
    return false
  }
}
