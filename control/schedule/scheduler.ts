import type { Broadcast, ControlClock, ControlConfig, OrderRecord, Store } from '../ports.ts'
import { ClusterIndex, reachableClusters } from './meant-clusters.ts'
import { occurrencesOf, type Occurrence } from './occurrences.ts'
import { judgeMissed, planItem, type KnownPlay, type MissedStart } from './planner.ts'
import { lengthOf, scheduledOrder } from './scheduled-order.ts'
import type { ScheduleItemRecord } from './schedule-port.ts'

const HOUR_MS = 3_600_000
/** Orders are given so long before; devices keep bundles of 48 h, and the rest is for the time between two looks at an item. */
export const HORIZON_MS = 60 * HOUR_MS
/** An item is looked at again when less than this is ordered of it. */
const ENOUGH_MS = 49 * HOUR_MS
/** How often the scheduler looks, and says that it is alive. */
export const TICK_MS = 30_000
/** Items looked at in one tick, so that no request waits for the schedule of a province. */
const ITEMS_A_TICK = 100
/** Away for less than this, it has missed nothing: fan-outs know what begins in the next two minutes. */
export const OUTAGE_MS = 90_000
/** What is played late begins so long from now, when all roles have started. */
export const LATE_LEAD_MS = 10_000
/** An occurrence that is moved to another time of its day is no further away than this. */
const LOOK_BACK_MS = 96 * HOUR_MS
/** What has become of plays is kept for this long. */
const KEEP_PLAYS_MS = 400 * 24 * HOUR_MS

export interface SchedulerPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'ordersChanged'>
  readonly clock: ControlClock
  readonly config: Pick<ControlConfig, 'clipResumeSlackMs' | 'maxOrderMs'>
  readonly onError: (error: unknown) => void
}

/**
 * Turns the schedule into orders, long before they begin: an occurrence becomes one order, remembered in the same transaction, so that neither a restart nor
 * another look gives it twice. When it was away for long it judges what was to begin meanwhile.
 */
export class Scheduler {
  readonly #ports: SchedulerPorts
  /** Up to when the orders of each item have been given. */
  readonly #plannedMs = new Map<string, number>()
  /** Starts before it have been judged. */
  #sinceMs = 0
  #timer: { cancel(): void } | null = null

  constructor(ports: SchedulerPorts) {
    this.#ports = ports
  }

  /** Judges what was missed and gives the orders of the coming days. Call it before anything is on the air; nobody is told. */
  start(): void {
    const { store, clock } = this.#ports
    const nowMs = clock.wallMs()
    const items = store.schedule.all()
    this.#attempt(items.map(({ id }) => id), () => {
      const seenMs = store.schedule.seenAtMs() ?? nowMs
      if (nowMs - seenMs > OUTAGE_MS) this.#judge(seenMs, nowMs)
      this.#sinceMs = nowMs
      for (const item of items) this.#plan(item, nowMs)
      store.schedule.removePlaysBefore(nowMs - KEEP_PLAYS_MS)
      store.schedule.noteSeen(nowMs)
    })
    this.#tickLater()
  }

  /** Idempotent. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  /**
   * An item was made or changed. To be called in the transaction of that.
   * @returns the orders given and withdrawn: to be told when all of it is durable
   */
  changed(item: ScheduleItemRecord): readonly OrderRecord[] {
    return this.#plan(item, this.#ports.clock.wallMs())
  }

  /** An item is about to be removed. As `changed`. */
  removing(item: ScheduleItemRecord): readonly OrderRecord[] {
    const withdrawn = this.changed({ ...item, enabled: false })
    this.#plannedMs.delete(item.id)
    return withdrawn
  }

  #tickLater(): void {
    this.#timer = this.#ports.clock.setTimer(TICK_MS, () => {
      this.#tick()
      this.#tickLater()
    })
  }

  #tick(): void {
    const { store, clock, broadcast } = this.#ports
    const nowMs = clock.wallMs()
    const due = [...this.#plannedMs].filter(([, untilMs]) => untilMs < nowMs + ENOUGH_MS).sort(([, a], [, b]) => a - b).slice(0, ITEMS_A_TICK).map(([id]) => id)
    const orders = this.#attempt(due, () => {
      store.schedule.noteSeen(nowMs)
      return due.flatMap((id) => {
        const item = store.schedule.get(id)
        return item === undefined ? [] : this.#plan(item, nowMs)
      })
    })
    if (orders !== null && orders.length > 0) broadcast.ordersChanged(orders)
  }

  /** All of it or nothing: what goes on air is not in danger when the disk is full, and these items are looked at again in the next tick. */
  #attempt<T>(itemIds: readonly string[], work: () => T): T | null {
    try {
      return this.#ports.store.transaction(work)
    } catch (error) {
      for (const id of itemIds) this.#plannedMs.set(id, 0)
      this.#ports.onError(error)
      return null
    }
  }

  #plan(item: ScheduleItemRecord, nowMs: number): readonly OrderRecord[] {
    const { store } = this.#ports
    const horizonMs = nowMs + HORIZON_MS
    const { make, withdraw } = planItem(item, lengthOf(item, store.clips), this.#known(item.id, nowMs), { nowMs, sinceMs: this.#sinceMs, horizonMs })
    const changed = [...withdraw.map((play) => this.#withdraw(play, nowMs)), ...make.map((occurrence) => this.#give(item, occurrence, nowMs))]
    this.#plannedMs.set(item.id, horizonMs)
    return changed
  }

  #known(itemId: string, nowMs: number): KnownPlay[] {
    const { store } = this.#ports
    return store.schedule.playsOf(itemId, nowMs - LOOK_BACK_MS).map((play) => ({ ...play, stopped: play.orderId !== null && store.orders.get(play.orderId)?.stoppedAtMs !== null }))
  }

  #give(item: ScheduleItemRecord, occurrence: Occurrence, nowMs: number, startsAtMs?: number): OrderRecord {
    const { store, config } = this.#ports
    const order = store.orders.insert(scheduledOrder(item, occurrence, nowMs, config, startsAtMs))
    this.#keep(item, occurrence, order.id)
    return order
  }

  #withdraw(play: KnownPlay, nowMs: number): OrderRecord {
    const { store } = this.#ports
    store.schedule.removePlay(play.itemId, play.occurrence)
    return store.orders.stop(play.orderId!, nowMs)!
  }

  #keep(item: ScheduleItemRecord, { key, startsAtMs, endsAtMs }: Occurrence, orderId: string | null): void {
    this.#ports.store.schedule.putPlay({ itemId: item.id, occurrence: key, version: item.version, startsAtMs, endsAtMs, orderId })
  }

  /** What was to begin from `seenMs` to now, with an order or, when it was away for longer than orders had been given for, without. */
  #judge(seenMs: number, nowMs: number): void {
    const { store } = this.#ports
    const items = new Map(store.schedule.all().map((item) => [item.id, item]))
    const orderOf = new Map<MissedStart, string>()
    const missed: MissedStart[] = []
    const known = new Set<string>()
    for (const play of store.schedule.playsStarting(seenMs, nowMs)) {
      known.add(`${play.itemId} ${play.occurrence}`)
      const item = items.get(play.itemId)
      if (item === undefined || play.orderId === null || store.orders.get(play.orderId)?.stoppedAtMs !== null) continue
      const start = { item, occurrence: { key: play.occurrence, startsAtMs: play.startsAtMs, endsAtMs: play.endsAtMs }, ordered: true }
      missed.push(start)
      orderOf.set(start, play.orderId)
    }
    for (const item of items.values()) {
      if (!item.enabled) continue
      const sinceMs = Math.max(seenMs, item.changedAtMs, nowMs - KEEP_PLAYS_MS)
      for (const occurrence of occurrencesOf(item, lengthOf(item, store.clips), sinceMs, nowMs)) {
        if (occurrence.startsAtMs >= sinceMs && !known.has(`${item.id} ${occurrence.key}`)) missed.push({ item, occurrence, ordered: false })
      }
    }
    if (missed.length === 0) return
    const all = new ClusterIndex(reachableClusters(store))
    const outcomes = judgeMissed(missed, nowMs, (a, b) => new ClusterIndex(all.meant(a.targets)).meansAny(b.targets))
    for (const [start, outcome] of outcomes) {
      const orderId = orderOf.get(start)
      if (outcome === 'join' && orderId !== undefined) continue
      if (orderId !== undefined) store.orders.stop(orderId, nowMs)
      if (outcome === 'leave-out') this.#keep(start.item, start.occurrence, null)
      else this.#give(start.item, start.occurrence, nowMs, outcome === 'late' ? nowMs + LATE_LEAD_MS : undefined)
    }
  }
}
