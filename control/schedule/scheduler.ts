import { newId } from '../ids.ts'
import { StoreError, type Broadcast, type ControlClock, type ControlConfig, type OrderRecord, type Store } from '../ports.ts'
import { ClusterIndex, reachableClusters } from '../meant-clusters.ts'
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
/** An item that cannot be planned keeps nobody waiting, and is tried again after this. */
const RETRY_MS = 600_000
/** Away for less than this, it has missed nothing: fan-outs know what begins in the next two minutes. */
export const OUTAGE_MS = 90_000
/** What is played late begins so long from now, when all roles have started. */
export const LATE_LEAD_MS = 10_000
/** Devices that went on alone are back by then, and have said what they played: they wait for 30 s at most, and send what is not acknowledged again after 10 s. */
export const SAY_MS = 60_000
/** Who has sounded so much of a play has played it. */
const PLAYED_PART = 0.5
const SAMPLES_PER_MS = 48
/** An occurrence that is moved to another time of its day is no further away than this. */
const LOOK_BACK_MS = 96 * HOUR_MS
/** What has become of plays is kept for this long. */
const KEEP_PLAYS_MS = 400 * 24 * HOUR_MS

export interface SchedulerPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'ordersChanged' | 'connections'>
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
  /** When devices have had the time to say what they played alone; null: nothing waits for that. */
  #saidMs: number | null = null
  #timer: { cancel(): void } | null = null

  constructor(ports: SchedulerPorts) {
    this.#ports = ports
  }

  /** Judges what was missed and gives the orders of the coming days. Call it before anything is on the air; nobody is told. */
  start(): void {
    const { store, clock, onError } = this.#ports
    const nowMs = clock.wallMs()
    const items = store.schedule.all()
    this.#attempt(items.map(({ id }) => id), () => {
      const seenMs = store.schedule.seenAtMs() ?? nowMs
      try {
        if (nowMs - seenMs > OUTAGE_MS) store.transaction(() => { this.#judge(seenMs, nowMs) })
      } catch (error) {
        if (isOfDisk(error)) throw error
        onError(error)
      }
      this.#sinceMs = nowMs
      this.#saidMs = store.schedule.waiting().length > 0 ? nowMs + SAY_MS : null
      for (const item of items) this.#planAlone(item, nowMs)
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
    const orders = this.#plan(item, this.#ports.clock.wallMs())
    // The transaction may yet be taken back: the next tick looks at what then stands.
    this.#plannedMs.set(item.id, 0)
    return orders
  }

  /** An item is about to be removed. As `changed`. */
  removing(item: ScheduleItemRecord): readonly OrderRecord[] {
    return this.changed({ ...item, enabled: false })
  }

  /** A clock that was ahead when the scheduler began, and was set right, must not keep it from the plays between, nor count them as missed. */
  #followBack(nowMs: number): void {
    const { store } = this.#ports
    if (nowMs >= this.#sinceMs) return
    for (const play of store.schedule.playsStarting(nowMs, this.#sinceMs)) if (play.orderId === null) store.schedule.removePlay(play.itemId, play.occurrence)
    for (const id of this.#plannedMs.keys()) this.#plannedMs.set(id, 0)
    this.#sinceMs = nowMs
  }

  #tickLater(): void {
    const { clock, onError } = this.#ports
    this.#timer = clock.setTimer(TICK_MS, () => {
      try {
        this.#tick()
      } catch (error) {
        onError(error)
      }
      this.#tickLater()
    })
  }

  #tick(): void {
    const { store, clock, broadcast } = this.#ports
    const nowMs = clock.wallMs()
    this.#followBack(nowMs)
    const due = [...this.#plannedMs].filter(([, untilMs]) => untilMs < nowMs + ENOUGH_MS || untilMs > nowMs + HORIZON_MS).sort(([, a], [, b]) => a - b).slice(0, ITEMS_A_TICK).map(([id]) => id)
    const orders = this.#attempt(due, () => {
      store.schedule.noteSeen(nowMs)
      return due.flatMap((id) => {
        const item = store.schedule.get(id)
        if (item !== undefined) return this.#planAlone(item, nowMs)
        this.#plannedMs.delete(id)
        return []
      })
    })
    if (orders !== null && orders.length > 0) broadcast.ordersChanged(orders)
    if (this.#saidMs === null || nowMs < this.#saidMs) return
    const late = this.#attempt([], () => this.#playLate(nowMs))
    if (late === null) return
    this.#saidMs = null
    if (late.length > 0) broadcast.ordersChanged(late)
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

  /** One that cannot be planned takes no other with it. @throws StoreError when nothing can be written at all */
  #planAlone(item: ScheduleItemRecord, nowMs: number): readonly OrderRecord[] {
    const { store, onError } = this.#ports
    try {
      return store.transaction(() => this.#plan(item, nowMs))
    } catch (error) {
      if (isOfDisk(error)) throw error
      this.#plannedMs.set(item.id, nowMs + ENOUGH_MS + RETRY_MS)
      onError(error)
      return []
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

  #give(item: ScheduleItemRecord, occurrence: Occurrence, nowMs: number, startsAtMs?: number, targets = item.targets): OrderRecord {
    const { store, config } = this.#ports
    const order = { ...scheduledOrder(item, occurrence, nowMs, config, startsAtMs), targets }
    // The id of a play that was given and withdrawn is not used twice.
    const given = store.orders.insert(store.orders.get(order.id) === undefined ? order : { ...order, id: newId('o', nowMs) })
    this.#keep(item, occurrence, given.id)
    return given
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
      // Fan-outs have begun it by themselves.
      if (play.startsAtMs - seenMs <= OUTAGE_MS) continue
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
    const indices = new Map<string, ClusterIndex>()
    const clustersOf = ({ id, targets }: ScheduleItemRecord): ClusterIndex => {
      const known = indices.get(id) ?? new ClusterIndex(all.meant(targets))
      indices.set(id, known)
      return known
    }
    const outcomes = judgeMissed(missed, nowMs, (a, b) => clustersOf(a).meansAny(b.targets))
    const enrolled = new Set(store.devices.active().map(({ clusterId }) => clusterId))
    for (const [start, outcome] of outcomes) {
      const orderId = orderOf.get(start)
      if (outcome === 'join' && orderId !== undefined) continue
      if (outcome === 'late' && orderId !== undefined && all.meant(start.item.targets).some(({ id }) => enrolled.has(id))) {
        // Devices had the order and went on alone: what still goes on is theirs to end, and of what is over they say whether they played it.
        if (start.occurrence.endsAtMs > nowMs) continue
        store.orders.stop(orderId, nowMs)
        const { key, startsAtMs, endsAtMs } = start.occurrence
        store.schedule.putWaiting({ itemId: start.item.id, occurrence: key, version: start.item.version, startsAtMs, endsAtMs, orderId })
        continue
      }
      if (orderId !== undefined) store.orders.stop(orderId, nowMs)
      if (outcome === 'leave-out') this.#keep(start.item, start.occurrence, null)
      else this.#give(start.item, start.occurrence, nowMs, outcome === 'late' ? nowMs + LATE_LEAD_MS : undefined)
    }
  }

  /** What waited for the word of devices is played late where nobody played it. A device that has not come back would not hear it either. */
  #playLate(nowMs: number): readonly OrderRecord[] {
    const { store, broadcast } = this.#ports
    const waiting = store.schedule.waiting()
    const all = new ClusterIndex(reachableClusters(store))
    const enrolled = new Set(store.devices.active().map(({ clusterId }) => clusterId))
    return waiting.flatMap((play) => {
      store.schedule.removeWaiting(play.itemId, play.occurrence)
      const item = store.schedule.get(play.itemId)
      const startsAtMs = nowMs + LATE_LEAD_MS
      if (item?.enabled !== true || item.version !== play.version || startsAtMs - play.startsAtMs > item.lateLimitMs) return []
      const enough = (play.endsAtMs - play.startsAtMs) * SAMPLES_PER_MS * PLAYED_PART
      const sounded = store.playLog.soundedOf(play.orderId ?? '')
      const meant = all.meant(item.targets)
      const missing = meant.filter(({ id }) => (sounded.get(id) ?? 0) < enough && (!enrolled.has(id) || broadcast.connections(id).length > 0))
      if (missing.length === 0) return []
      const targets = missing.length === meant.length ? item.targets : { units: [], clusters: missing.map(({ id }) => id), tags: [] }
      return [this.#give(item, { key: play.occurrence, startsAtMs: play.startsAtMs, endsAtMs: play.endsAtMs }, nowMs, startsAtMs, targets)]
    })
  }
}

/** Nothing can be written now, for this item or another. */
const isOfDisk = (error: unknown): boolean => error instanceof StoreError && ['STORE_ERR_FULL', 'STORE_ERR_IO', 'STORE_ERR_BUSY'].includes(error.code)
