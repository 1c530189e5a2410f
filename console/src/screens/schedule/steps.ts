import { bodyOf, type Change, type Item, type NewItem } from './item-types.ts'

/** One request that changes the schedule. `tag`: only while the item is as it was under it. */
export type Step =
  | { readonly kind: 'change'; readonly id: string; readonly change: Change; readonly tag?: string }
  | { readonly kind: 'create'; readonly body: NewItem }
  | { readonly kind: 'remove'; readonly id: string; readonly tag?: string }

/** What somebody wants, as requests one after the other. */
export interface Plan {
  readonly steps: readonly Step[]
  /** Comes to the same when the server finds that nothing would be left to come of the first; null: there is no other way. */
  readonly otherwise: readonly Step[] | null
}

export const planOf = (...steps: readonly Step[]): Plan => ({ steps, otherwise: null })

/**
 * Steps that take back what was done, the last first: an item that somebody else has changed since is left as it is. What an item was before an earlier
 * step of the same ones nobody can have changed any more.
 * @param back each with the tag of its item after what it takes back; null: not known
 */
export function guarded(back: readonly { readonly step: Step; readonly tag: string | null }[]): readonly Step[] {
  const met = new Set<string>()
  return back.map(({ step, tag }) => {
    if (step.kind === 'create' || tag === null || met.has(step.id)) return step
    met.add(step.id)
    return { ...step, tag }
  })
}

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
