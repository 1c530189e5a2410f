import { clipRoom, toneRoom } from '../plan.ts'
import type { PlanSegment, RoomRef } from '../plan.ts'
import { SAMPLE_RATE_HZ } from '../grid.ts'
import type { OrderRecord } from './order.ts'

/** An emergency that comes back after a higher one sounds its tone again only when it was away for longer than this. */
export const TONE_AGAIN_SAMPLES = 30 * SAMPLE_RATE_HZ

const ATTENTION_TONE = 'attention'

/** How far an order with a position or a tone has come on the clusters of one simulation. Replaced, never changed. */
interface Progress {
  /** House sample at which the first sample of the first item stands, while `running`. */
  readonly anchorSamples: number
  /** On air, or playing on unheard beneath an emergency (`resume: 'skip'`). */
  readonly running: boolean
  /** Samples of content already played, while not `running`. */
  readonly positionSamples: number
  /** When it last left the air. */
  readonly leftAtSamples: number
  readonly room: RoomRef
}

/** The `priority` or `normal` clip order that an emergency has cut; its item is played out before anything else is heard. */
interface Held {
  readonly record: OrderRecord
  /** Position at which the cut item ends. */
  readonly itemEndSamples: number
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
  #current: OrderRecord | null = null
  /** When the tone of the order on air is over. */
  #contentFromSamples = -Infinity
  #held: Held | null = null
  #progress = new Map<string, Progress>()
  /** Whether a fork has the same map, which then may not be written to. */
  #progressIsShared = false
  #segment: { readonly record: OrderRecord; readonly room: RoomRef; readonly fromSamples: number } | null = null

  fork(): AirSimulation {
    const copy = new AirSimulation()
    copy.timeSamples = this.timeSamples
    copy.#current = this.#current
    copy.#contentFromSamples = this.#contentFromSamples
    copy.#held = this.#held
    copy.#progress = this.#progress
    copy.#progressIsShared = this.#progressIsShared = true
    copy.#segment = this.#segment
    return copy
  }

  /** Takes `after` for `before`, which may differ only in what comes after `timeSamples`. */
  replace(before: OrderRecord, after: OrderRecord): void {
    if (this.#current === before) this.#current = after
    if (this.#held?.record === before) this.#held = { ...this.#held, record: after }
    if (this.#segment?.record === before) this.#segment = { ...this.#segment, record: after }
  }

  /** Forgets an order that is over. */
  forget(id: string): void {
    if (this.#progress.has(id)) this.#ownProgress().delete(id)
  }

  /** When what is on air at `timeSamples` began, or Infinity when it is silence. */
  get segmentFromSamples(): number {
    return this.#segment?.fromSamples ?? Infinity
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
      if (this.segmentFromSamples >= horizonSamples && this.#segment !== null) break
    }
    return segments
  }

  #step(orders: readonly OrderRecord[], atSamples: number, segments: PlanSegment[] | null): void {
    this.timeSamples = atSamples
    this.decisions++
    this.#decide(orders, atSamples)
    const record = this.#current
    const room = record === null ? null : this.#roomOf(record, atSamples)
    const segment = this.#segment
    if (segment !== null) {
      if (segment.record === record && segment.room === room) return
      const { record: { order }, room: oldRoom, fromSamples } = segment
      segments?.push({ room: oldRoom, fromSamples, untilSamples: atSamples, orderId: order.id, class: order.class, title: order.title })
    }
    this.#segment = record === null || room === null ? null : { record, room, fromSamples: atSamples }
  }

  #decide(orders: readonly OrderRecord[], atSamples: number): void {
    const best = this.#best(orders, atSamples)
    const current = this.#current
    if (current !== null) {
      if (current === best) return
      const cuts = best !== null && best.emergency
      const active = this.#isActive(current, atSamples)
      if (active && !cuts && this.#isInsideItem(current, atSamples)) return
      this.#takeOff(current, atSamples, active && cuts)
      this.#current = null
    }
    const next = best !== null && best.emergency ? best : this.#releaseHeld(best, atSamples)
    if (next !== null) this.#putOnAir(next, atSamples)
  }

  #best(orders: readonly OrderRecord[], atSamples: number): OrderRecord | null {
    for (const record of orders) if (this.#isActive(record, atSamples)) return record
    return null
  }

  #isActive(record: OrderRecord, atSamples: number): boolean {
    if (atSamples < record.beginSamples || atSamples >= record.endSamples) return false
    if (record.totalSamples === Infinity) return true
    const progress = this.#progress.get(record.id)
    return (progress === undefined ? 0 : positionAt(progress, atSamples)) < record.totalSamples
  }

  /** Whether a listener is in the middle of an item that only an emergency may cut. */
  #isInsideItem(record: OrderRecord, atSamples: number): boolean {
    if (record.emergency || record.totalSamples === Infinity) return false
    const position = atSamples - this.#progress.get(record.id)!.anchorSamples
    return firstEdgeFrom(record.edges, position) !== position
  }

  #putOnAir(record: OrderRecord, atSamples: number): void {
    this.#current = record
    this.#contentFromSamples = atSamples
    if (!record.hasProgress) return
    const before = this.#progress.get(record.id)
    const sounds = before === undefined || atSamples - before.leftAtSamples > TONE_AGAIN_SAMPLES
    if (sounds) this.#contentFromSamples += record.toneSamples
    const contentFrom = this.#contentFromSamples
    let anchorSamples = contentFrom
    if (before !== undefined) {
      // One that was cut in its own tone and plays on unheard has its first sample still to come: it comes now.
      anchorSamples = before.running ? Math.min(before.anchorSamples, contentFrom) : contentFrom - before.positionSamples
    }
    const room = record.totalSamples === Infinity ? record.sourceRoom : clipRoom(record.id, anchorSamples)
    this.#ownProgress().set(record.id, { anchorSamples, running: true, positionSamples: 0, leftAtSamples: Infinity, room })
  }

  #takeOff(record: OrderRecord, atSamples: number, cut: boolean): void {
    if (!record.hasProgress) return
    if (atSamples >= record.endSamples) {
      this.#ownProgress().delete(record.id)
      return
    }
    const progress = this.#progress.get(record.id)!
    const positionSamples = Math.max(0, atSamples - progress.anchorSamples)
    const running = cut && record.order.resume === 'skip' && record.totalSamples !== Infinity
    this.#ownProgress().set(record.id, { ...progress, running, positionSamples, leftAtSamples: atSamples })
    if (cut && !record.emergency) this.#held = { record, itemEndSamples: firstEdgeFrom(record.edges, positionSamples) }
  }

  /**
   * No emergency is left: the item that one has cut goes on to its end before `best` is heard, for only emergencies cut.
   * Had it played on past its end meanwhile, then the edge is behind us, and `best` goes on air.
   */
  #releaseHeld(best: OrderRecord | null, atSamples: number): OrderRecord | null {
    const held = this.#held
    if (held === null) return best
    this.#held = null
    const { record, itemEndSamples } = held
    if (!this.#isActive(record, atSamples)) return best
    const progress = this.#progress.get(record.id)!
    const position = positionAt(progress, atSamples)
    if (position < itemEndSamples) return record
    if (best !== record && progress.running) {
      // The item it would be in by now has not been heard by anybody: it comes back with that one's first sample.
      this.#ownProgress().set(record.id, { ...progress, running: false, positionSamples: itemStartAt(record.edges, position) })
    }
    return best
  }

  #ownProgress(): Map<string, Progress> {
    if (this.#progressIsShared) this.#progress = new Map(this.#progress)
    this.#progressIsShared = false
    return this.#progress
  }

  #roomOf(record: OrderRecord, atSamples: number): RoomRef {
    const contentFrom = this.#contentFromSamples
    if (atSamples >= contentFrom) return record.hasProgress ? this.#progress.get(record.id)!.room : record.sourceRoom
    const segment = this.#segment
    return segment?.record === record ? segment.room : toneRoom(ATTENTION_TONE, atSamples)
  }

  /** The next moment after `timeSamples` at which something may change. */
  #nextEvent(orders: readonly OrderRecord[]): number {
    const atSamples = this.timeSamples
    const current = this.#current
    if (current === null) {
      let next = Infinity
      for (const { beginSamples } of orders) if (beginSamples > atSamples && beginSamples < next) next = beginSamples
      return next
    }
    let next = current.endSamples
    if (this.#contentFromSamples > atSamples) next = Math.min(next, this.#contentFromSamples)
    const edged = current.totalSamples !== Infinity
    if (edged) {
      const { anchorSamples } = this.#progress.get(current.id)!
      const edge = current.emergency ? current.totalSamples : firstEdgeFrom(current.edges, atSamples - anchorSamples + 1)
      next = Math.min(next, anchorSamples + edge)
    }
    // Only what goes before the order on air can take its place, and inside an item only an emergency.
    const onlyEmergencies = edged && !current.emergency
    for (const record of orders) {
      if (record === current || (onlyEmergencies && !record.emergency)) break
      if (record.beginSamples > atSamples && record.beginSamples < next) next = record.beginSamples
    }
    return next
  }
}

const positionAt = (progress: Progress, atSamples: number): number => (progress.running ? atSamples - progress.anchorSamples : progress.positionSamples)

/** First edge at or after `position`; past the last, the last. */
function firstEdgeFrom(edges: readonly number[], position: number): number {
  let low = 0
  let high = edges.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (edges[middle]! >= position) high = middle
    else low = middle + 1
  }
  return edges[low]!
}

/** Start of the item that holds `position`, which lies before the last edge. */
function itemStartAt(edges: readonly number[], position: number): number {
  const index = edges.indexOf(firstEdgeFrom(edges, position + 1))
  return index > 0 ? edges[index - 1]! : 0
}
