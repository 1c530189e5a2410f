import { bodyOf, type Change, type Item, type NewItem } from './item-types.ts'

/** One request that changes the schedule. */
export type Step =
  | { readonly kind: 'change'; readonly id: string; readonly change: Change }
  | { readonly kind: 'create'; readonly body: NewItem }
  | { readonly kind: 'remove'; readonly id: string }

/** What somebody wants, as requests one after the other. */
export interface Plan {
  readonly steps: readonly Step[]
  /** Comes to the same when the server finds that nothing would be left to come of the first; null: there is no other way. */
  readonly otherwise: readonly Step[] | null
}

export const planOf = (...steps: readonly Step[]): Plan => ({ steps, otherwise: null })

/** What takes a step back. @param item as it was before, for a change and a removal; as it was made, for a creation */
export function inverseOf(step: Step, item: Item): Step {
  switch (step.kind) {
    case 'create':
      return { kind: 'remove', id: item.id }
    case 'remove':
      return { kind: 'create', body: bodyOf(item) }
    case 'change': {
      const before = bodyOf(item) as Readonly<Record<string, unknown>>
      // One kind of content takes the place of the other, and none is given as null.
      const names = Object.keys(step.change).flatMap((name) => (name === 'sourceId' || name === 'clipIds' ? ['sourceId', 'clipIds'] : [name]))
      return { kind: 'change', id: step.id, change: Object.fromEntries(names.filter((name) => before[name] !== undefined).map((name) => [name, before[name]])) }
    }
  }
}
