import type { Plan, PlanSegment } from '../../rooms/plan.ts'
import { soundingIn } from './order-sounds.ts'

export interface OnAirChange {
  readonly clusterIds: readonly string[]
  /** What is on air, until it changes: an order and its source, or the same of what goes on beneath. */
  readonly segment: PlanSegment | null
}

/** Remembers what was on air at the last look, so that changes can be told, planned ones too. */
export class OnAirBoard {
  /** What sounds on each cluster, in one word. */
  readonly #soundOf = new Map<string, string>()
  #plans: ReadonlySet<Plan> = new Set()

  /** Distinct plans at the last look. */
  plans(): Iterable<Plan> {
    return this.#plans
  }

  /** @returns what has changed since the last look, and the house sample at which to look again. */
  look(clusterIds: Iterable<string>, planOf: (clusterId: string) => Plan, nowSamples: number): { changes: OnAirChange[]; nextSamples: number } {
    const byPlan = new Map<Plan, string[]>()
    for (const id of clusterIds) {
      const plan = planOf(id)
      const ids = byPlan.get(plan)
      if (ids === undefined) byPlan.set(plan, [id])
      else ids.push(id)
    }
    this.#plans = new Set(byPlan.keys())

    let nextSamples = Infinity
    const changed = new Map<string, { clusterIds: string[]; segment: PlanSegment | null }>()
    for (const [plan, ids] of byPlan) {
      const { segment: current, sound } = wholeAt(plan, nowSamples)
      for (const { fromSamples, untilSamples } of plan) {
        for (const at of [fromSamples, untilSamples]) if (at > nowSamples && at < nextSamples) nextSamples = at
      }
      const moved = ids.filter((id) => (this.#soundOf.get(id) ?? '') !== sound)
      if (moved.length === 0) continue
      for (const id of moved) {
        if (sound === '') this.#soundOf.delete(id)
        else this.#soundOf.set(id, sound)
      }
      const change = changed.get(sound)
      if (change === undefined) changed.set(sound, { clusterIds: moved, segment: current })
      else change.clusterIds.push(...moved)
    }
    return { changes: [...changed.values()], nextSamples }
  }
}

const soundIn = (segment: PlanSegment): string => JSON.stringify(soundingIn(segment).map(({ orderId, sourceId }) => [orderId, sourceId]))

/** What is on air then, with the segments after it in which the same sounds on: a fade, or what comes after a tone, is no other programme. `sound` is equal while it is. */
export function wholeAt(plan: Plan, atSamples: number): { readonly segment: PlanSegment | null; readonly sound: string } {
  const index = plan.findIndex(({ fromSamples, untilSamples }) => fromSamples <= atSamples && atSamples < untilSamples)
  const first = plan[index]
  if (first === undefined) return { segment: null, sound: '' }
  let last = first
  for (const next of plan.slice(index + 1)) {
    if (next.fromSamples !== last.untilSamples || !goesOn(last, next)) break
    last = next
  }
  return { segment: last === first ? first : { ...first, untilSamples: last.untilSamples }, sound: soundIn(last) }
}

const goesOn = (a: PlanSegment, b: PlanSegment): boolean => a.orderId === b.orderId && a.under?.orderId === b.under?.orderId && (soundIn(a) === soundIn(b) || isOpening(a))

/** A tone or a jingle belongs to what comes after it. */
const isOpening = (segment: PlanSegment): boolean => soundingIn(segment)[0]!.sourceId === null
