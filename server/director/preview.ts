import type { ClusterRecord, OrderRecord, PreviewSegment, Store } from '../../control/ports.ts'
import { unitMap } from '../../control/selection.ts'
import { Arbiter } from '../../rooms/arbiter/index.ts'
import { msToSamples, samplesToMs } from '../../rooms/grid.ts'
import { arbiterOrder } from './order-input.ts'
import type { Plan } from '../../rooms/plan.ts'
import { ClusterTags } from './target-map.ts'

/**
 * What a cluster plays of these orders alone in [fromMs, untilMs) of wall time, by the arbiter itself, on a clock of its own.
 * @param attentionToneMs length of the tone before an emergency
 */
export function preview(store: Pick<Store, 'units' | 'clips' | 'groups'>, cluster: ClusterRecord, orders: readonly OrderRecord[], { fromMs, untilMs, attentionToneMs }: { readonly fromMs: number; readonly untilMs: number; readonly attentionToneMs: number }): readonly PreviewSegment[] {
  const arbiter = new Arbiter()
  // Of the tree only what stands above this cluster, or has ended and had it, can make an order mean it.
  const above = store.units.ancestors(cluster.unitId)
  const members = store.units.endedMembers().filter(({ clusterId }) => clusterId === cluster.id)
  arbiter.setUnits(above.map((id, index) => ({ id, parentId: above[index + 1] ?? null })))
  const tags = new ClusterTags()
  tags.load(unitMap([...above, ...members.map(({ unitId }) => unitId)].flatMap((id) => store.units.get(id) ?? []), members), store.groups.all())
  arbiter.upsertCluster(tags.cluster(cluster))
  for (const order of orders) {
    const input = arbiterOrder(order, store, (wallMs) => msToSamples(wallMs - fromMs), attentionToneMs)
    if (input !== null) arbiter.upsertOrder(input)
  }
  arbiter.advance(0)
  const [{ plan } = { plan: [] }] = arbiter.planAhead([cluster.id], msToSamples(untilMs - fromMs))
  return stretchesOf(plan)
    .map(({ orderId, beneath, fromSamples, untilSamples }) => ({ orderId, fromMs: Math.max(fromMs, Math.round(fromMs + samplesToMs(fromSamples))), untilMs: Math.min(untilMs, Math.round(fromMs + samplesToMs(untilSamples))), ...(beneath ? { beneath } : {}) }))
    .filter((segment) => segment.fromMs < segment.untilMs)
}

interface Stretch {
  readonly orderId: string
  readonly beneath: boolean
  readonly fromSamples: number
  readonly untilSamples: number
}

/** In which each order is on air, or goes on beneath another, in one piece; by beginning. */
function stretchesOf(plan: Plan): readonly Stretch[] {
  const stretches: Stretch[] = []
  for (const { orderId, under, fromSamples, untilSamples } of plan) {
    for (const heard of [{ orderId, beneath: false }, ...(under === undefined ? [] : [{ orderId: under.orderId, beneath: true }])]) {
      const index = stretches.findLastIndex((stretch) => stretch.orderId === heard.orderId && stretch.beneath === heard.beneath)
      const before = stretches[index]
      if (before?.untilSamples === fromSamples) stretches[index] = { ...before, untilSamples }
      else stretches.push({ ...heard, fromSamples, untilSamples })
    }
  }
  return stretches
}
