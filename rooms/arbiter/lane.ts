import { crossfadeRoom } from '../mix-room.ts'
import { clipRoom, jingleRoom, toneRoom } from '../plan.ts'
import type { ClipSpan, RoomRef } from '../plan.ts'
import { SAMPLE_RATE_HZ } from '../grid.ts'
import { openRoomAt } from './order.ts'
import type { OrderRecord } from './order.ts'

/** An emergency that comes back after a higher one sounds its tone again only when it was away for longer than this. */
export const TONE_AGAIN_SAMPLES = 30 * SAMPLE_RATE_HZ

const ATTENTION_TONE = 'attention'

/** How far an order with a position, a tone or an intro has come on the clusters of one simulation. Replaced, never changed. */
interface Progress {
  /** House sample at which the first sample of the first item stands, while `running`. */
  readonly anchorSamples: number
  /** On air, or playing on unheard beneath an emergency (`resume: 'skip'`). */
  readonly running: boolean
  /** Samples of content already played, while not `running`. */
  readonly positionSamples: number
  /** When it last left the air. */
  readonly leftAtSamples: number
  /** Of clips: from which place on they sound. */
  readonly fromPlace: number
}

/** How far orders have come; shared by the lanes of a simulation and by its forks, so it is copied before it is written to. */
export class ProgressBook {
  #progress = new Map<string, Progress>()
  #isShared = false

  fork(): ProgressBook {
    const copy = new ProgressBook()
    copy.#progress = this.#progress
    copy.#isShared = this.#isShared = true
    return copy
  }

  get(id: string): Progress | undefined {
    return this.#progress.get(id)
  }

  set(id: string, progress: Progress): void {
    this.#own().set(id, progress)
  }

  delete(id: string): void {
    if (this.#progress.has(id)) this.#own().delete(id)
  }

  #own(): Map<string, Progress> {
    if (this.#isShared) this.#progress = new Map(this.#progress)
    this.#isShared = false
    return this.#progress
  }
}

export function isActive(record: OrderRecord, progress: ProgressBook, atSamples: number): boolean {
  if (atSamples < record.beginSamples || atSamples >= record.endSamples) return false
  if (record.totalSamples === Infinity) return true
  const known = progress.get(record.id)
  return (known === undefined ? 0 : positionAt(known, atSamples)) < record.totalSamples
}

/** The `priority` or `normal` clip order that an emergency has cut; its item is played out before anything else is heard. */
interface Held {
  readonly record: OrderRecord
  /** Position at which the cut item ends. */
  readonly itemEndSamples: number
}

/** The item that would fade into the next, but ends alone, because another order is heard after it. */
interface Tail {
  /** Position at which the next item begins when the order comes back. */
  readonly edge: number
  readonly untilSamples: number
}

/**
 * One of the two places on a cluster: what is on air, or what is laid over it. Who should be there is said by AirSimulation; the lane knows what
 * may not be broken off, and where each order goes on.
 */
export class Lane {
  current: OrderRecord | null = null
  /** When the tone or the intro of the order on air is over. */
  #contentFromSamples = -Infinity
  /** When that began. */
  #openedAtSamples = -Infinity
  #held: Held | null = null
  #tail: Tail | null = null
  readonly #progress: ProgressBook

  constructor(progress: ProgressBook) {
    this.#progress = progress
  }

  fork(progress: ProgressBook): Lane {
    const copy = new Lane(progress)
    copy.current = this.current
    copy.#contentFromSamples = this.#contentFromSamples
    copy.#openedAtSamples = this.#openedAtSamples
    copy.#held = this.#held
    copy.#tail = this.#tail
    return copy
  }

  replace(before: OrderRecord, after: OrderRecord): void {
    if (this.current === before) this.current = after
    if (this.#held?.record === before) this.#held = { ...this.#held, record: after }
  }

  /** Puts `wanted` on, unless what is there may be broken off by an emergency alone. @param cuts an emergency takes what is there off */
  turn(wanted: OrderRecord | null, atSamples: number, cuts: boolean): void {
    const current = this.current
    if (current !== null) {
      if (current === wanted && this.#tail === null) return
      const active = isActive(current, this.#progress, atSamples)
      if (active && !cuts && (this.isInsideItem(atSamples) || this.#beginTail(current, atSamples))) return
      this.#takeOff(current, atSamples, active && cuts)
      this.current = null
    }
    const next = cuts ? wanted : this.#releaseHeld(wanted, atSamples)
    if (next !== null) this.#putOnAir(next, atSamples)
  }

  /** Whether a listener is in the middle of an item that only an emergency may cut. */
  isInsideItem(atSamples: number): boolean {
    const record = this.current
    if (record === null || record.emergency || record.totalSamples === Infinity) return false
    if (this.#tail !== null) return atSamples < this.#tail.untilSamples
    const position = atSamples - this.#progress.get(record.id)!.anchorSamples
    return record.edges[edgeIndexFrom(record.edges, position)] !== position
  }

  /** What is there yields at item edges alone. */
  get isEdged(): boolean {
    return this.current !== null && !this.current.emergency && this.current.totalSamples !== Infinity
  }

  /** Room of what is there; null: nothing is. */
  roomAt(atSamples: number): RoomRef | null {
    const record = this.current
    if (record === null) return null
    if (atSamples < this.#contentFromSamples) return this.#openingRoom(record, atSamples)
    if (record.totalSamples === Infinity) return openRoomAt(record, atSamples)
    const { anchorSamples, fromPlace } = this.#progress.get(record.id)!
    const span: ClipSpan = { from: fromPlace, until: this.#tail?.edge ?? null }
    return clipRoom(record.id, anchorSamples, span)
  }

  /** The next moment after `atSamples` at which what is there changes by itself or may be changed. */
  nextEvent(atSamples: number): number {
    const record = this.current
    if (record === null) return Infinity
    let next = record.endSamples
    if (this.#contentFromSamples > atSamples) next = Math.min(next, this.#contentFromSamples)
    const turn = record.turns.find((samples) => samples > atSamples)
    if (turn !== undefined) next = Math.min(next, turn)
    if (this.#tail !== null) return Math.min(next, this.#tail.untilSamples)
    if (record.totalSamples === Infinity) return next
    const { anchorSamples } = this.#progress.get(record.id)!
    const edge = record.emergency ? record.totalSamples : record.edges[edgeIndexFrom(record.edges, atSamples - anchorSamples + 1)]!
    return Math.min(next, anchorSamples + edge)
  }

  /** At an edge over which the item fades into the next: it ends alone. */
  #beginTail(record: OrderRecord, atSamples: number): boolean {
    if (record.emergency || record.totalSamples === Infinity || this.#tail !== null) return false
    const edge = atSamples - this.#progress.get(record.id)!.anchorSamples
    const tail = record.tails[record.edges.indexOf(edge)] ?? 0
    if (tail === 0) return false
    this.#tail = { edge, untilSamples: atSamples + tail }
    return true
  }

  #putOnAir(record: OrderRecord, atSamples: number): void {
    this.current = record
    this.#openedAtSamples = this.#contentFromSamples = atSamples
    if (!record.hasProgress) return
    const before = this.#progress.get(record.id)
    if (before === undefined || (record.emergency && atSamples - before.leftAtSamples > TONE_AGAIN_SAMPLES)) this.#contentFromSamples += record.toneSamples + (record.intro?.samples ?? 0)
    const contentFrom = this.#contentFromSamples
    let anchorSamples = contentFrom
    if (before !== undefined) {
      // One that was cut in its own tone and plays on unheard has its first sample still to come: it comes now.
      anchorSamples = before.running ? Math.min(before.anchorSamples, contentFrom) : contentFrom - before.positionSamples
    }
    // What comes back at an edge does so with the first sample of an item, without the end of the one before it.
    const edge = record.edges.indexOf(contentFrom - anchorSamples)
    const fromPlace = edge >= 0 && record.tails[edge]! > 0 ? record.edges[edge]! : before?.fromPlace ?? 0
    this.#progress.set(record.id, { anchorSamples, running: true, positionSamples: 0, leftAtSamples: Infinity, fromPlace })
  }

  #openingRoom(record: OrderRecord, atSamples: number): RoomRef {
    const openedAt = this.#openedAtSamples
    if (record.intro === null) return toneRoom(ATTENTION_TONE, openedAt)
    const { samples, crossfadeSamples } = record.intro
    return crossfadeRoom({ from: jingleRoom(record.id, 'intro', openedAt), to: openRoomAt(record, atSamples), atSamples: openedAt + samples - crossfadeSamples, samples: crossfadeSamples })
  }

  #takeOff(record: OrderRecord, atSamples: number, cut: boolean): void {
    const tail = this.#tail
    this.#tail = null
    if (!record.hasProgress) return
    if (atSamples >= record.endSamples) {
      this.#progress.delete(record.id)
      return
    }
    const progress = this.#progress.get(record.id)!
    const positionSamples = tail?.edge ?? Math.max(0, atSamples - progress.anchorSamples)
    const running = cut && tail === null && record.order.resume === 'skip' && record.totalSamples !== Infinity
    this.#progress.set(record.id, { ...progress, running, positionSamples, leftAtSamples: atSamples })
    if (cut && tail === null && !record.emergency && record.totalSamples !== Infinity) this.#held = { record, itemEndSamples: record.edges[edgeIndexFrom(record.edges, positionSamples)]! }
  }

  /**
   * No emergency is left: the item that one has cut goes on to its end before `wanted` is heard, for only emergencies cut.
   * Had it played on past its end meanwhile, then the edge is behind us, and `wanted` goes on air.
   */
  #releaseHeld(wanted: OrderRecord | null, atSamples: number): OrderRecord | null {
    const held = this.#held
    if (held === null) return wanted
    this.#held = null
    const { record, itemEndSamples } = held
    if (!isActive(record, this.#progress, atSamples)) return wanted
    const progress = this.#progress.get(record.id)!
    const position = positionAt(progress, atSamples)
    if (position < itemEndSamples) return record
    if (wanted !== record && progress.running) {
      // The item it would be in by now has not been heard by anybody: it comes back with that one's first sample.
      this.#progress.set(record.id, { ...progress, running: false, positionSamples: itemStartAt(record.edges, position) })
    }
    return wanted
  }
}

const positionAt = (progress: Progress, atSamples: number): number => (progress.running ? atSamples - progress.anchorSamples : progress.positionSamples)

/** Index of the first edge at or after `position`; past the last, of the last. */
function edgeIndexFrom(edges: readonly number[], position: number): number {
  let low = 0
  let high = edges.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (edges[middle]! >= position) high = middle
    else low = middle + 1
  }
  return low
}

/** Start of the item that holds `position`, which lies before the last edge. */
function itemStartAt(edges: readonly number[], position: number): number {
  const index = edgeIndexFrom(edges, position + 1)
  return index > 0 ? edges[index - 1]! : 0
}
