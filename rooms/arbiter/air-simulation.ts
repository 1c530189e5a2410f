import { levelDbAt, overlayRoom } from '../mix-room.ts'
import type { LevelRamp } from '../mix-room.ts'
import type { PlanSegment, PlanUnder, RoomRef } from '../plan.ts'
import { isActive, Lane, ProgressBook } from './lane.ts'
import { comparePrecedence } from './order.ts'
import type { OrderRecord } from './order.ts'

/** What is heard from `fromSamples` on. */
interface Heard {
  readonly record: OrderRecord
  /** What goes on beneath it. */
  readonly under: OrderRecord | null
  readonly room: RoomRef
  readonly fromSamples: number
}

/**
 * What is on air, moment by moment, for clusters to which the same orders apply: a deterministic run through their
 * windows and item edges. It holds the state at `timeSamples`; `fork()` looks ahead without losing it.
 */
export class AirSimulation {
  /** All that begins, ends or has an edge up to here (inclusive) has been decided. */
  timeSamples = -Infinity
  /** Decisions taken, for tests of the amount of work. */
  decisions = 0
  #progress = new ProgressBook()
  /** What is on air, emergencies too. */
  #base = new Lane(this.#progress)
  /** What is laid over it. */
  #over = new Lane(this.#progress)
  /** Level of the base while something is laid over it, and on its way back; null: full. */
  #level: LevelRamp | null = null
  #heard: Heard | null = null

  fork(): AirSimulation {
    const copy = new AirSimulation()
    copy.timeSamples = this.timeSamples
    copy.#progress = this.#progress.fork()
    copy.#base = this.#base.fork(copy.#progress)
    copy.#over = this.#over.fork(copy.#progress)
    copy.#level = this.#level
    copy.#heard = this.#heard
    return copy
  }

  /** Takes `after` for `before`, which may differ only in what comes after `timeSamples`. */
  replace(before: OrderRecord, after: OrderRecord): void {
    this.#base.replace(before, after)
    this.#over.replace(before, after)
    if (this.#heard?.record === before) this.#heard = { ...this.#heard, record: after }
    if (this.#heard?.under === before) this.#heard = { ...this.#heard, under: after }
  }

  /** Forgets an order that is over. */
  forget(id: string): void {
    this.#progress.delete(id)
  }

  /** When what is on air at `timeSamples` began, or Infinity when it is silence. */
  get segmentFromSamples(): number {
    return this.#heard?.fromSamples ?? Infinity
  }

  /** Decides everything up to `untilSamples` (inclusive). `orders` in order of precedence. */
  runUntil(orders: readonly OrderRecord[], untilSamples: number): void {
    for (let next = this.#nextEvent(orders); next <= untilSamples; next = this.#nextEvent(orders)) this.#step(orders, next, null)
    this.timeSamples = untilSamples
  }

  /**
   * Runs until a segment begins at or after `horizonSamples`, or nothing can happen any more.
   * @returns every segment not over at `timeSamples` that begins before the horizon, each with its true end even past the horizon.
   */
  runAhead(orders: readonly OrderRecord[], horizonSamples: number): PlanSegment[] {
    const segments: PlanSegment[] = []
    for (let next = this.#nextEvent(orders); next !== Infinity; next = this.#nextEvent(orders)) {
      this.#step(orders, next, segments)
      if (this.segmentFromSamples >= horizonSamples && this.#heard !== null) break
    }
    return segments
  }

  #step(orders: readonly OrderRecord[], atSamples: number, segments: PlanSegment[] | null): void {
    this.timeSamples = atSamples
    this.decisions++
    this.#decide(orders, atSamples)
    const heard = this.#hearing(atSamples)
    const before = this.#heard
    if (before !== null) {
      if (before.record === heard?.record && before.under === heard.under && before.room === heard.room) return
      segments?.push(segmentOf(before, atSamples))
    }
    this.#heard = heard
  }

  #decide(orders: readonly OrderRecord[], atSamples: number): void {
    const base = this.#base
    const over = this.#over
    const [baseBefore, overBefore] = [base.current, over.current]
    const best = this.#best(orders, atSamples, () => true)
    if (best !== null && best.emergency) {
      over.turn(null, atSamples, true)
      base.turn(best, atSamples, true)
      this.#level = null
      return
    }
    // What has to wait for an item's end leaves talk over that item where it is.
    const waits = best !== null && best.over === null && base.current !== null && isActive(base.current, this.#progress, atSamples) && base.isInsideItem(atSamples)
    const overStays = waits && overBefore?.totalSamples === Infinity && isActive(overBefore, this.#progress, atSamples)
    over.turn(overStays ? overBefore : best?.over === null ? null : best, atSamples, false)
    const plain = this.#best(orders, atSamples, ({ over: option }) => option === null)
    // Nothing goes on beneath what it goes before: it waits, and what can be broken off at any time goes on until then.
    const isBlocked = plain !== null && over.current !== null && comparePrecedence(plain, over.current) < 0
    const meanwhile = baseBefore !== null && baseBefore.totalSamples === Infinity && isActive(baseBefore, this.#progress, atSamples) ? baseBefore : null
    base.turn(isBlocked ? meanwhile : plain, atSamples, false)
    if (over.current !== overBefore) this.#turnLevel(overBefore, over.current, base.current !== null && base.current === baseBefore, atSamples)
    if (over.current === null && this.#level !== null && atSamples >= this.#level.atSamples + this.#level.samples) this.#level = null
  }

  /** @param goesOn whether the base sounded already: what begins together with what is laid over it is low from its first sample on */
  #turnLevel(before: OrderRecord | null, after: OrderRecord | null, goesOn: boolean, atSamples: number): void {
    const toDb = after === null ? 0 : 0 - after.over!.duckDb
    const nowDb = this.#level === null ? 0 : levelDbAt(this.#level, atSamples)
    const samples = goesOn ? (after?.over ?? before!.over!)[after === null ? 'releaseSamples' : 'attackSamples'] : 0
    // Rounded, because it stands in the room's name.
    this.#level = { fromDb: samples === 0 ? toDb : Math.round(nowDb * 100) / 100, toDb, atSamples, samples }
  }

  #hearing(atSamples: number): Heard | null {
    const base = this.#base.current
    const over = this.#over.current
    const overRoom = this.#over.roomAt(atSamples)
    const baseRoom = this.#base.roomAt(atSamples)
    const level = this.#level
    if (over !== null && overRoom !== null) {
      if (base === null || baseRoom === null || level === null) return { record: over, under: null, room: overRoom, fromSamples: atSamples }
      return { record: over, under: base, room: overlayRoom({ over: overRoom, under: baseRoom, level }), fromSamples: atSamples }
    }
    if (base === null || baseRoom === null) return null
    return { record: base, under: null, room: level === null ? baseRoom : overlayRoom({ over: null, under: baseRoom, level }), fromSamples: atSamples }
  }

  #best(orders: readonly OrderRecord[], atSamples: number, isMeant: (record: OrderRecord) => boolean): OrderRecord | null {
    for (const record of orders) if (isMeant(record) && isActive(record, this.#progress, atSamples)) return record
    return null
  }

  /** The next moment after `timeSamples` at which something may change. */
  #nextEvent(orders: readonly OrderRecord[]): number {
    const atSamples = this.timeSamples
    const base = this.#base
    const over = this.#over
    let next = Math.min(base.nextEvent(atSamples), over.nextEvent(atSamples))
    const level = this.#level
    if (over.current === null && level !== null && level.atSamples + level.samples > atSamples) next = Math.min(next, level.atSamples + level.samples)
    // Only what goes before the order on air can take its place or be laid over it, and inside an item no other but an emergency takes its place.
    let mayTakeBase = true
    let mayTakeOver = true
    for (const record of orders) {
      if (record === base.current) {
        mayTakeBase = false
        if (over.current === null) mayTakeOver = false
      }
      if (record === over.current) mayTakeOver = false
      if (!mayTakeBase && !mayTakeOver) break
      if (record.beginSamples <= atSamples || record.beginSamples >= next) continue
      const mayTake = record.over === null ? mayTakeBase && !base.isEdged : mayTakeOver && !over.isEdged
      if (record.emergency || mayTake) next = record.beginSamples
    }
    return next
  }
}

function segmentOf({ record: { order }, under, room, fromSamples }: Heard, untilSamples: number): PlanSegment {
  const segment = { room, fromSamples, untilSamples, orderId: order.id, class: order.class, title: order.title }
  return under === null ? segment : { ...segment, under: underOf(under) }
}

const underOf = ({ order: { id, class: orderClass, title } }: OrderRecord): PlanUnder => ({ orderId: id, class: orderClass, title })
