import type { AirRecord, ClipRecord, Membership, OrderRecord, PlayLogRecord, Store } from '../../control/ports.ts'
import { clipsMs } from '../../control/mixing-rules.ts'
import { soundedMsOf, type ClusterProof } from '../../control/proof/proof.ts'

/** Day of Viet Nam: figures are made by it, so no entry may lie in two. */
const DAY_MS = 86_400_000
const VIETNAM_MS = 7 * 3_600_000
const dayOf = (ms: number): number => Math.floor((ms + VIETNAM_MS) / DAY_MS)

const ofOrder = (order: OrderRecord) => ({ orderId: order.id, class: order.class, title: order.title, issuerUnitId: order.issuerUnitId, sourceId: order.sourceId, clipIds: order.clipIds, field: order.field })

/** What an order was to play and has not: the clusters of each unit on which it never came on air, because something else went before it all the time or the server was off. */
export function neverRecords(order: OrderRecord, proofs: readonly ClusterProof[], clips: { get(id: string): ClipRecord | undefined }, atMs: number): AirRecord[] {
  const lengthMs = order.clipIds === null ? order.endsAtMs - order.startsAtMs : clipsMs(order, clips)
  return [...Map.groupBy(proofs.filter(({ onAirMs }) => onAirMs === null), ({ unitId }) => unitId)].map(([unitId, ofUnit]): AirRecord => ({
    ...ofOrder(order),
    atMs,
    unitId,
    clusterIds: ofUnit.map(({ clusterId }) => clusterId),
    plannedFromMs: order.startsAtMs,
    plannedUntilMs: order.startsAtMs + lengthMs,
    fromMs: order.startsAtMs,
    untilMs: order.startsAtMs,
    plannedMs: lengthMs * ofUnit.length,
    airMs: 0,
    sentMs: 0,
    soundedMs: 0,
    end: 'never',
  }))
}

/** What devices say of how long they have sounded, for the unit each cluster belonged to then: one entry for each order, unit and day. */
export function toldRecords(runs: readonly PlayLogRecord[], store: Pick<Store, 'orders' | 'clusters'>, atMs: number): AirRecord[] {
  const memberships = new Map<string, readonly Membership[]>()
  const unitThen = (clusterId: string, ms: number): string => {
    const known = memberships.get(clusterId) ?? store.clusters.memberships(clusterId)
    memberships.set(clusterId, known)
    return (known.find(({ fromMs, untilMs }) => fromMs <= ms && (untilMs === null || ms < untilMs)) ?? known.at(-1))?.unitId ?? ''
  }
  const sounded = runs.flatMap((run) => {
    const soundedMs = soundedMsOf(run)
    return soundedMs === 0 || run.orderId === null ? [] : [{ run, orderId: run.orderId, soundedMs, unitId: unitThen(run.clusterId, run.heardAtMs) }]
  })
  return [...Map.groupBy(sounded, ({ orderId, unitId, run }) => JSON.stringify([orderId, unitId, dayOf(run.heardAtMs)])).values()].flatMap((same): AirRecord[] => {
    const { orderId, unitId } = same[0]!
    const order = store.orders.get(orderId)
    if (order === undefined) return []
    return [{
      ...ofOrder(order),
      atMs,
      unitId,
      clusterIds: [...new Set(same.map(({ run }) => run.clusterId))],
      plannedFromMs: order.startsAtMs,
      plannedUntilMs: order.endsAtMs,
      fromMs: Math.min(...same.map(({ run }) => run.heardAtMs)),
      untilMs: Math.max(...same.map(({ run, soundedMs }) => run.heardAtMs + soundedMs)),
      plannedMs: 0,
      airMs: 0,
      sentMs: 0,
      soundedMs: same.reduce((sum, { soundedMs }) => sum + soundedMs, 0),
      end: 'told',
    }]
  })
}
