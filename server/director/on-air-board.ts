import type { Plan, PlanSegment } from '../../rooms/plan.ts'

export interface OnAirChange {
  readonly clusterIds: readonly string[]
  readonly segment: PlanSegment | null
}

/** Remembers what was on air at the last look, so that changes can be told, planned ones too. */
export class OnAirBoard {
  readonly #orderOf = new Map<string, string>()
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
      const current = stretchAt(plan, nowSamples)
      for (const { fromSamples, untilSamples } of plan) {
        for (const at of [fromSamples, untilSamples]) if (at > nowSamples && at < nextSamples) nextSamples = at
      }
      const orderId = current?.orderId ?? ''
      const moved = ids.filter((id) => (this.#orderOf.get(id) ?? '') !== orderId)
      if (moved.length === 0) continue
      for (const id of moved) {
        if (orderId === '') this.#orderOf.delete(id)
        else this.#orderOf.set(id, orderId)
      }
      const change = changed.get(orderId)
      if (change === undefined) changed.set(orderId, { clusterIds: moved, segment: current })
      else change.clusterIds.push(...moved)
    }
    return { changes: [...changed.values()], nextSamples }
  }
}

/** The segment of that moment, with an end that counts the segments of its order which follow without a break: the attention tone is the first of them. */
function stretchAt(plan: Plan, nowSamples: number): PlanSegment | null {
  const index = plan.findIndex(({ fromSamples, untilSamples }) => fromSamples <= nowSamples && nowSamples < untilSamples)
  const segment = plan[index]
  if (segment === undefined) return null
  let untilSamples = segment.untilSamples
  for (const next of plan.slice(index + 1)) {
    if (next.orderId !== segment.orderId || next.fromSamples !== untilSamples) break
    untilSamples = next.untilSamples
  }
  return { ...segment, untilSamples }
}
