import { crossfadeRoom } from '../mix-room.ts'
import { jingleRoom, sourceRoom } from '../plan.ts'
import type { OrderClass, RoomRef } from '../plan.ts'

/** What the arbiter knows of an order. All times are integer house samples; windows are half-open: [start, end). */
export interface ArbiterOrder {
  readonly id: string
  readonly class: OrderClass
  /** Depth of the issuing unit in the tree: 0 is the root. The lower number goes first. */
  readonly issuerLevel: number
  /** The commune's own ordering of its `priority` items, lower first; 0 where nobody has decided. */
  readonly rank: number
  readonly startSamples: number
  readonly endSamples: number
  /** When it was durably accepted; it is never on air before, so accepting an order cannot change the past. */
  readonly acceptedSamples: number
  /** When a person stopped it, or null. */
  readonly stoppedSamples: number | null
  /** Of an emergency whether it is one, an exercise or a test. Left out: it is one. */
  readonly kind?: 'real' | 'exercise' | 'test'
  /** Of an emergency how grave it is, 1 to 5. Left out: 5, because nobody has said that it is less. */
  readonly gravity?: number
  readonly targets: OrderTargets
  readonly content: OrderContent
  /** After an emergency has cut a clip: go on where it was cut, or as if it had played on meanwhile. */
  readonly resume: 'continue' | 'skip'
  /** It lays itself over what is on air instead of taking its place. Emergencies do not: they cut. */
  readonly over?: OverOption
  /** Attention tone before an emergency's content, 0 for none; a multiple of GRID_SAMPLES. Other classes have no tone. */
  readonly toneSamples: number
  readonly title: string
}

/** How far what goes on beneath is turned down, and how quickly it goes and comes back. */
export interface OverOption {
  readonly duckDb: number
  readonly attackSamples: number
  /** At most 5 s: what comes after is forgotten no sooner. */
  readonly releaseSamples: number
}

/** A jingle of a live order: its length, and how long it sounds together with the source. */
export interface JingleOption {
  readonly samples: number
  readonly crossfadeSamples: number
}

/** From `atSamples` on another source sounds, after a crossfade. */
export interface HandOver {
  readonly sourceId: string
  readonly atSamples: number
  readonly crossfadeSamples: number
}

/** Union of whole subtrees of units, single clusters, and every cluster with one of the tags. */
export interface OrderTargets {
  readonly units: readonly string[]
  readonly clusters: readonly string[]
  readonly tags: readonly string[]
}

/**
 * `open`: relay, studio, tone; no edges, no end of its own; `handOvers` in order of time; the intro sounds when it first comes on air, the outro before
 * its planned end. `clips`: a playlist of items with their lengths, and how long each sounds together with the next.
 */
export type OrderContent =
  | { readonly kind: 'open'; readonly sourceId: string; readonly handOvers?: readonly HandOver[]; readonly intro?: JingleOption; readonly outro?: JingleOption }
  | { readonly kind: 'clips'; readonly itemSamples: readonly number[]; readonly overlapSamples?: readonly number[] }

/** An order with everything derived from it that the simulation asks for at each step. */
export interface OrderRecord {
  readonly order: ArbiterOrder
  readonly id: string
  readonly emergency: boolean
  /** First sample at which it may be on air: accepted and inside its window. */
  readonly beginSamples: number
  /** First sample at which it may no longer be on air. */
  readonly endSamples: number
  /** Null: it takes the place of what is on air. */
  readonly over: OverOption | null
  /** Where the next item begins, or the last ends, from the first sample on, ascending; empty for open content. */
  readonly edges: readonly number[]
  /** How long the item before each edge sounds on after it. */
  readonly tails: readonly number[]
  /** Length of all items; Infinity for open content. */
  readonly totalSamples: number
  readonly toneSamples: number
  /** Whether its state on a cluster depends on what has been on air before: it has a position, a tone, an intro, or something beneath it. */
  readonly hasProgress: boolean
  readonly intro: JingleOption | null
  /** When the outro begins; Infinity: there is none. */
  readonly outroFromSamples: number
  /** When open content changes its room by itself, ascending. */
  readonly turns: readonly number[]
  /** For recognising equal sets of orders quickly. */
  readonly hash: number
}

export function recordOf(order: ArbiterOrder): OrderRecord {
  const edges: number[] = []
  const tails: number[] = []
  let totalSamples = Infinity
  if (order.content.kind === 'clips') {
    totalSamples = 0
    for (const [index, samples] of order.content.itemSamples.entries()) {
      const tail = order.content.overlapSamples?.[index] ?? 0
      edges.push((totalSamples += samples - tail))
      tails.push(tail)
    }
  }
  const emergency = order.class === 'emergency'
  const toneSamples = emergency ? order.toneSamples : 0
  const over = emergency ? null : order.over ?? null
  const open = order.content.kind === 'open' ? order.content : null
  const intro = emergency ? null : open?.intro ?? null
  const beginSamples = Math.max(order.startSamples, order.acceptedSamples)
  // What is too short for both jingles has none at its end.
  const outroFrom = order.endSamples - (emergency ? Infinity : open?.outro?.samples ?? Infinity)
  const outroFromSamples = outroFrom >= beginSamples + (intro?.samples ?? 0) ? outroFrom : Infinity
  const turns = (open?.handOvers ?? []).flatMap(({ atSamples, crossfadeSamples }) => [atSamples, atSamples + crossfadeSamples])
  return {
    order,
    id: order.id,
    emergency,
    over,
    beginSamples,
    endSamples: Math.min(order.endSamples, order.stoppedSamples ?? Infinity),
    edges,
    tails,
    totalSamples,
    toneSamples,
    hasProgress: toneSamples > 0 || totalSamples !== Infinity || intro !== null || over !== null,
    intro,
    outroFromSamples,
    turns: [...turns, outroFromSamples].sort((a, b) => a - b),
    hash: hashOf(order.id),
  }
}

/** Room of an order's open content at a house sample, its outro included. */
export function openRoomAt({ order, outroFromSamples }: OrderRecord, atSamples: number): RoomRef {
  const { content } = order
  if (content.kind !== 'open') throw new TypeError(`order ${order.id} has no open content`)
  let room = sourceRoom(content.sourceId)
  for (const { sourceId, atSamples: fromSamples, crossfadeSamples } of content.handOvers ?? []) {
    if (fromSamples > atSamples) break
    const to = sourceRoom(sourceId)
    room = atSamples < fromSamples + crossfadeSamples ? crossfadeRoom({ from: room, to, atSamples: fromSamples, samples: crossfadeSamples }) : to
  }
  if (atSamples < outroFromSamples) return room
  return crossfadeRoom({ from: room, to: jingleRoom(order.id, 'outro', outroFromSamples), atSamples: outroFromSamples, samples: content.outro!.crossfadeSamples })
}

const CLASS_STANDING: Readonly<Record<OrderClass, number>> = { emergency: 0, priority: 1, normal: 2 }
const KIND_STANDING = { real: 0, exercise: 1, test: 2 } as const
const MOST_GRAVITY = 5

const kindStanding = ({ kind = 'real' }: ArbiterOrder): number => KIND_STANDING[kind]
const gravityOf = ({ gravity = MOST_GRAVITY }: ArbiterOrder): number => gravity

/**
 * Who goes first: negative when `a` goes before `b`. A strict total order that does not depend on the time, so that each
 * set of orders is sorted once. The classes and the commune's say between two `priority` items: Circular
 * 39/2020/TT-BTTTT; all of it: README.md, «Who is on air».
 */
export function comparePrecedence(a: OrderRecord, b: OrderRecord): number {
  const x = a.order
  const y = b.order
  return (
    CLASS_STANDING[x.class] - CLASS_STANDING[y.class] ||
    (a.emergency ? kindStanding(x) - kindStanding(y) : 0) ||
    x.issuerLevel - y.issuerLevel ||
    (a.emergency ? gravityOf(y) - gravityOf(x) : 0) ||
    (x.class === 'priority' ? x.rank - y.rank : 0) ||
    // Of orders of one standing what is laid over the others goes first, for it takes nothing from them.
    Number(b.over !== null) - Number(a.over !== null) ||
    (a.emergency ? compareLatestFirst(a, b) : compareSameStanding(a, b)) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  )
}

function compareSameStanding(a: OrderRecord, b: OrderRecord): number {
  const aOpen = a.totalSamples === Infinity
  const bOpen = b.totalSamples === Infinity
  if (aOpen !== bOpen) return aOpen ? 1 : -1
  return aOpen ? compareLatestFirst(a, b) : compareLatestFirst(b, a)
}

/** Two orders planned for the same start are told apart by when they were accepted. */
const compareLatestFirst = (a: OrderRecord, b: OrderRecord): number =>
  b.beginSamples - a.beginSamples || b.order.acceptedSamples - a.order.acceptedSamples

/**
 * The first sample at which having `after` in place of `before` can make a difference to what is on air (Infinity: none).
 * What was simulated up to there stays true.
 */
export function firstDifference(before: OrderRecord, after: OrderRecord): number {
  const x = before.order
  const y = after.order
  const sameButEnd =
    x.class === y.class &&
    x.issuerLevel === y.issuerLevel &&
    x.rank === y.rank &&
    kindStanding(x) === kindStanding(y) &&
    gravityOf(x) === gravityOf(y) &&
    x.acceptedSamples === y.acceptedSamples &&
    x.resume === y.resume &&
    x.title === y.title &&
    before.beginSamples === after.beginSamples &&
    before.toneSamples === after.toneSamples &&
    before.totalSamples === after.totalSamples &&
    before.outroFromSamples === after.outroFromSamples &&
    sameList(before.edges, after.edges) &&
    sameList(before.tails, after.tails) &&
    JSON.stringify([before.over, openingOf(x.content)]) === JSON.stringify([after.over, openingOf(y.content)])
  if (!sameButEnd) return Math.min(before.beginSamples, after.beginSamples)
  const endDiffers = before.endSamples === after.endSamples ? Infinity : Math.min(before.endSamples, after.endSamples)
  return Math.min(endDiffers, firstOtherHandOver(handOversOf(x.content), handOversOf(y.content)))
}

const openingOf = (content: OrderContent): unknown => (content.kind === 'open' ? [content.sourceId, content.intro, content.outro] : null)
const handOversOf = (content: OrderContent): readonly HandOver[] => (content.kind === 'open' ? content.handOvers ?? [] : [])

function firstOtherHandOver(a: readonly HandOver[], b: readonly HandOver[]): number {
  let index = 0
  while (index < a.length && index < b.length && JSON.stringify(a[index]) === JSON.stringify(b[index])) index++
  return Math.min(a[index]?.atSamples ?? Infinity, b[index]?.atSamples ?? Infinity)
}

export const sameTargets = (a: OrderTargets, b: OrderTargets): boolean =>
  sameList(a.units, b.units) && sameList(a.clusters, b.clusters) && sameList(a.tags, b.tags)

const sameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((item, index) => item === b[index])

/** FNV-1a with a final mix, 32 bit; sets are always compared before two are taken for the same, so a collision only costs time. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
