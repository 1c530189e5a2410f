import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Broadcast, ClusterRecord, ControlConfig, OrderRecord, Store } from '../ports.ts'
import type { ClusterDayView, ScheduledItemView, SchedulePlaysView } from '../schemas/schedule.ts'
import { orderState } from '../ports.ts'
import { framesBetween, heldFrames } from '../policy/level-frames.ts'
import { formatTime } from '../time.ts'
import { addDays, instantOf, type Day } from './calendar.ts'
import { ClusterIndex, reachingNow } from '../meant-clusters.ts'
import { occurrencesOf, type Occurrence } from './occurrences.ts'
import { lengthOf, scheduledOrder } from './scheduled-order.ts'
import type { ScheduleItemRecord, SchedulePlayRecord } from './schedule-port.ts'

interface Planned {
  readonly item: ScheduleItemRecord
  readonly occurrence: Occurrence
  readonly order: OrderRecord
  /** Whether the order has been given, or would be. */
  readonly given: boolean
}

const occurrenceOf = ({ occurrence, startsAtMs, endsAtMs }: SchedulePlayRecord): Occurrence => ({ key: occurrence, startsAtMs, endsAtMs })

/** The day of a cluster: orders that stand, and those that the schedule will give, put through the arbiter. */
export function clusterDay(cluster: ClusterRecord, day: Day, zone: string, nowMs: number, { store, broadcast, config }: { readonly store: Store; readonly broadcast: Pick<Broadcast, 'preview'>; readonly config: Pick<ControlConfig, 'clipResumeSlackMs' | 'maxOrderMs'> }): ClusterDayView {
  const [fromMs, untilMs] = [instantOf(day, '00:00:00', zone), instantOf(addDays(day, 1), '00:00:00', zone)]
  const reachable = reachingNow(store)(cluster)
  const own = new ClusterIndex(reachable === null ? [] : [reachable])
  const standing = new Map(store.orders.unfinished(fromMs).filter(({ startsAtMs, targets }) => startsAtMs < untilMs && own.meansAny(targets)).map((order) => [order.id, order]))

  const planned = store.schedule.all().filter(({ targets }) => own.meansAny(targets)).flatMap((item): Planned[] => {
    const plays = store.schedule.playsOf(item.id, fromMs - MOST_LATE_MS)
    const kept = new Set(plays.map(({ occurrence }) => occurrence))
    const given = plays.flatMap((play) => {
      const order = standing.get(play.orderId ?? '')
      return order === undefined ? [] : [{ item, occurrence: occurrenceOf(play), order, given: true }]
    })
    if (!item.enabled) return given
    const toCome = occurrencesOf(item, lengthOf(item, store.clips), fromMs, untilMs).filter(({ key, startsAtMs }) => startsAtMs > nowMs && !kept.has(key))
    return [...given, ...toCome.map((occurrence) => ({ item, occurrence, order: { ...scheduledOrder(item, occurrence, item.changedAtMs, config), number: 0, stoppedAtMs: null }, given: false }))]
  })

  const byOrder = new Map(planned.map((one) => [one.order.id, one]))
  for (const { order } of planned) standing.set(order.id, order)
  const segments = broadcast.preview(cluster.id, [...standing.values()], fromMs, untilMs)
  const policies = store.policies.all()
  const heardMs = new Map<string, number>()
  for (const segment of segments) heardMs.set(segment.orderId, (heardMs.get(segment.orderId) ?? 0) + segment.untilMs - segment.fromMs)
  const shownId = (orderId: string): string | null => (byOrder.get(orderId)?.given === false ? null : orderId)
  return {
    clusterId: cluster.id,
    day,
    zone,
    segments: segments.map((segment) => {
      const order = standing.get(segment.orderId)!
      return { from: formatTime(segment.fromMs), until: formatTime(segment.untilMs), orderId: shownId(order.id), itemId: byOrder.get(order.id)?.item.id ?? null, class: order.class, title: order.title, beneath: segment.beneath ?? false }
    }),
    frames: framesBetween(heldFrames(store.units.ancestors(cluster.unitId), (id) => policies.get(id)), fromMs, untilMs).map(({ startsAtMs, endsAtMs, frame: { unitId, name, level } }) => ({ from: formatTime(startsAtMs), until: formatTime(endsAtMs), unitId, name, level })),
    plays: planned.sort((a, b) => a.occurrence.startsAtMs - b.occurrence.startsAtMs).map(({ item, occurrence, order }) => ({
      itemId: item.id, occurrence: occurrence.key, title: order.title, from: formatTime(occurrence.startsAtMs), until: formatTime(occurrence.endsAtMs), orderId: shownId(order.id), heardMs: heardMs.get(order.id) ?? 0,
    })),
  }
}

/** A play may begin so long after it was planned. */
const MOST_LATE_MS = 86_400_000

/** A stretch of time that is looked at from now. */
export interface Look {
  readonly fromMs: number
  readonly untilMs: number
  readonly nowMs: number
}

/** What has become of the plays of an item in [fromMs, untilMs), and what is to come. */
export function itemPlays(item: ScheduleItemRecord, look: Look, store: Store): SchedulePlaysView {
  const plays = playsOf(item, look, store.schedule.playsOf(item.id, look.fromMs - MOST_LATE_MS), store)
  return { itemId: item.id, plays: plays.flatMap(({ state, ...play }) => (state === 'off' ? [] : [{ ...play, state }])) }
}

/** Items whose plays are worked out in one turn. */
const ITEMS_A_TURN = 25

/**
 * The same of many items, by item, with what would be played of those that are not enabled. Remembered plays are read once; others are served in between.
 * @returns items without plays in that time have none
 */
export async function playsOfItems(items: readonly ScheduleItemRecord[], look: Look, store: Store): Promise<Map<string, PlayView[]>> {
  // A play that a change has moved within its day is still the same.
  const kept = Map.groupBy(store.schedule.playsStarting(look.fromMs - 2 * MOST_LATE_MS, look.untilMs + MOST_LATE_MS), ({ itemId }) => itemId)
  const found = new Map<string, PlayView[]>()
  for (const [index, item] of items.entries()) {
    if (index % ITEMS_A_TURN === 0) await nextTurn()
    const plays = playsOf(item, look, kept.get(item.id) ?? [], store)
    if (plays.length > 0) found.set(item.id, plays)
  }
  return found
}

type PlayView = ScheduledItemView['plays'][number]

function playsOf(item: ScheduleItemRecord, { fromMs, untilMs, nowMs }: Look, kept: readonly SchedulePlayRecord[], store: Store): PlayView[] {
  const known = new Set(kept.map(({ occurrence }) => occurrence))
  const toCome = occurrencesOf(item, lengthOf(item, store.clips), fromMs, untilMs).filter(({ key, startsAtMs }) => startsAtMs > nowMs && !known.has(key))
  const plays = [
    ...kept.filter(({ startsAtMs, endsAtMs }) => startsAtMs < untilMs && endsAtMs > fromMs).map((play) => {
      const order = play.orderId === null ? undefined : store.orders.get(play.orderId)
      return { ...occurrenceOf(play), orderId: play.orderId, state: order === undefined ? ('missed' as const) : orderState(order, nowMs) }
    }),
    ...toCome.map((occurrence) => ({ ...occurrence, orderId: null, state: item.enabled ? ('planned' as const) : ('off' as const) })),
  ].sort((a, b) => a.startsAtMs - b.startsAtMs)
  return plays.map(({ key, startsAtMs, endsAtMs, orderId, state }) => ({ occurrence: key, from: formatTime(startsAtMs), until: formatTime(endsAtMs), orderId, state }))
}
