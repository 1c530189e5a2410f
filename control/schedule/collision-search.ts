import type { Broadcast, ControlConfig, Store } from '../ports.ts'
import { ApiError } from '../problem.ts'
import type { CollisionView } from '../schemas/schedule.ts'
import { formatTime } from '../time.ts'
import { addDays, instantOf } from './calendar.ts'
import { curesOf, isLaidOver, isUndecided, mayMeet, overlapsOf, playsBetween, type Cure, type Overlap, type Sized } from './collisions.ts'
import { ClusterIndex, lowestUnitOf, reachableClusters, type Reachable } from '../meant-clusters.ts'
import type { Occurrence } from './occurrences.ts'
import { lengthOf, scheduledOrder } from './scheduled-order.ts'
import type { ScheduleItemRecord } from './schedule-port.ts'

/** Collisions are looked for so far ahead: two of the longest months. */
export const SEARCH_DAYS = 62

/** From now or its first day on. */
export const searchFromMs = ({ firstDay, time, zone }: Pick<ScheduleItemRecord, 'firstDay' | 'time' | 'zone'>, nowMs: number): number => Math.max(nowMs, instantOf(addDays(firstDay, -1), time, zone))

export interface CollisionPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'preview'>
  readonly config: Pick<ControlConfig, 'clipResumeSlackMs' | 'maxOrderMs'>
}

/**
 * Every enabled item that plays on a cluster of this one at a time of this one, from now or its first day on.
 * @param isNew it is not kept yet, so its id means nothing to anybody
 */
export function findCollisions(item: ScheduleItemRecord, isNew: boolean, { store, broadcast, config }: CollisionPorts, nowMs: number): readonly CollisionView[] {
  if (!item.enabled) return []
  const fromMs = searchFromMs(item, nowMs)
  const untilMs = fromMs + SEARCH_DAYS * 86_400_000
  const mine: Sized = { item, lengthMs: lengthOf(item, store.clips) }
  const myPlays = playsBetween(mine, fromMs, untilMs)
  const myClusters = new ClusterIndex(new ClusterIndex(reachableClusters(store)).meant(item.targets))
  const levels = new Map(store.units.all().map(({ id, level }) => [id, level]))
  const levelOf = (unitId: string): number => levels.get(unitId) ?? Infinity

  /** What is heard of two plays on a cluster, when nothing else is there. */
  const heard = (theirs: Sized, overlap: Overlap, cluster: Reachable): CollisionView['first'] => {
    const order = (one: Sized, play: Occurrence) => ({ ...scheduledOrder(one.item, play, one.item.changedAtMs, config), number: 0, stoppedAtMs: null })
    const [myOrder, theirOrder] = [order(mine, overlap.mine), order(theirs, overlap.theirs)]
    const segments = broadcast.preview(cluster.id, [myOrder, theirOrder], Math.min(myOrder.startsAtMs, theirOrder.startsAtMs), Math.max(myOrder.endsAtMs, theirOrder.endsAtMs))
    const sum = (orderId: string, { startsAtMs, endsAtMs }: Occurrence) => ({ from: formatTime(startsAtMs), until: formatTime(endsAtMs), heardMs: segments.reduce((ms, segment) => ms + (segment.orderId === orderId ? segment.untilMs - segment.fromMs : 0), 0) })
    return { this: sum(myOrder.id, overlap.mine), other: sum(theirOrder.id, overlap.theirs) }
  }

  const found: CollisionView[] = []
  for (const other of store.schedule.all()) {
    if (other.id === item.id || !other.enabled || !myClusters.meansAny(other.targets)) continue
    const theirs: Sized = { item: other, lengthMs: lengthOf(other, store.clips) }
    if (!mayMeet(mine, theirs) || isLaidOver(item, other, levelOf)) continue
    const overlaps = overlapsOf(myPlays, playsBetween(theirs, fromMs, untilMs))
    const shared = overlaps.length === 0 ? [] : myClusters.meant(other.targets)
    const [overlap] = overlaps
    const [cluster] = shared
    if (overlap === undefined || cluster === undefined) continue
    const units = { [item.id]: item.issuerUnitId, [other.id]: other.issuerUnitId }
    const mayChoose = ({ itemId, change }: Cure): string | null => (change.rank === undefined ? units[itemId]! : lowestUnitOf(shared))
    found.push({
      itemId: other.id,
      title: other.title,
      class: other.class,
      issuer: other.issuerUnitId,
      clusters: shared.length,
      count: overlaps.length,
      undecided: isUndecided(item, other, levelOf),
      first: heard(theirs, overlap, cluster),
      cures: curesOf(mine, theirs, overlaps, levelOf).map((cure) => ({ cure: cure.cure, itemId: isNew && cure.itemId === item.id ? null : cure.itemId, change: { ...cure.change, ...(cure.change.except === undefined ? {} : { except: [...cure.change.except] }) } as CollisionView['cures'][number]['change'], mayChoose: mayChoose(cure) })),
    })
  }
  return found
}

/**
 * Collisions are seen before they are kept.
 * @throws ApiError LOA_ERR_COLLISION for those not accepted; two undecided priority items cannot be
 */
export function refuseCollisions(collisions: readonly CollisionView[], accepted: boolean): void {
  const refused = collisions.filter(({ undecided }) => undecided || !accepted)
  if (refused.length === 0) return
  const errors = refused.slice(0, 20).map(({ itemId, title, clusters, count, undecided, first }) => ({
    path: undecided ? 'rank' : 'time',
    message: `meets '${title}' (${itemId}) at ${first.other.from} on ${String(clusters)} clusters, ${String(count)} times in ${String(SEARCH_DAYS)} days${undecided ? '; both are priority, so one needs a lower rank' : ''}`,
    messageVi: `trùng với '${title}' (${itemId}) lúc ${first.other.from} trên ${String(clusters)} cụm loa, ${String(count)} lần trong ${String(SEARCH_DAYS)} ngày${undecided ? '; cả hai đều ưu tiên nên một mục phải có rank thấp hơn' : ''}`,
  }))
  throw new ApiError('LOA_ERR_COLLISION', errors.map(({ path, message }) => `${path} ${message}`).join('; '), errors.map(({ path, messageVi }) => `${path} ${messageVi}`).join('; '), { errors })
}

/**
 * For what a schedule item still needs.
 * @throws ApiError LOA_ERR_IN_USE
 */
export function refuseIfScheduled(store: Store, what: Parameters<Store['schedule']['usersOf']>[0]): void {
  const items = store.schedule.usersOf(what)
  if (items.length > 0) throw new ApiError('LOA_ERR_IN_USE', `schedule items need it: change or remove ${items.join(', ')} first`, `đang có trong lịch phát: hãy sửa hoặc xóa ${items.join(', ')} trước`)
}
