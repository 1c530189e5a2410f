import { sourceRoom } from '../plan.ts'
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
  /** Attention tone before an emergency's content, 0 for none; a multiple of GRID_SAMPLES. Other classes have no tone. */
  readonly toneSamples: number
  readonly title: string
}

/** Union of whole subtrees of units, single clusters, and every cluster with one of the tags. */
export interface OrderTargets {
  readonly units: readonly string[]
  readonly clusters: readonly string[]
  readonly tags: readonly string[]
}

/** `open`: relay, studio, tone; no edges, no end of its own. `clips`: a playlist of items with their lengths. */
export type OrderContent =
  | { readonly kind: 'open'; readonly sourceId: string }
  | { readonly kind: 'clips'; readonly itemSamples: readonly number[] }

/** An order with everything derived from it that the simulation asks for at each step. */
export interface OrderRecord {
  readonly order: ArbiterOrder
  readonly id: string
  readonly emergency: boolean
  /** First sample at which it may be on air: accepted and inside its window. */
  readonly beginSamples: number
  /** First sample at which it may no longer be on air. */
  readonly endSamples: number
  /** Ends of the items from the first sample on, ascending; empty for open content. */
  readonly edges: readonly number[]
  /** Length of all items; Infinity for open content. */
  readonly totalSamples: number
  readonly toneSamples: number
  /** Whether its state on a cluster depends on what has been on air before: it has a position or a tone. */
  readonly hasProgress: boolean
  /** Room of open content, '' for clips, whose room depends on when they got on air. */
  readonly sourceRoom: RoomRef
  /** For recognising equal sets of orders quickly. */
  readonly hash: number
}

export function recordOf(order: ArbiterOrder): OrderRecord {
  const edges: number[] = []
  let totalSamples = Infinity
  if (order.content.kind === 'clips') {
    totalSamples = 0
    for (const samples of order.content.itemSamples) edges.push((totalSamples += samples))
  }
  const emergency = order.class === 'emergency'
  const toneSamples = emergency ? order.toneSamples : 0
  return {
    order,
    id: order.id,
    emergency,
    beginSamples: Math.max(order.startSamples, order.acceptedSamples),
    endSamples: Math.min(order.endSamples, order.stoppedSamples ?? Infinity),
    edges,
    totalSamples,
    toneSamples,
    hasProgress: toneSamples > 0 || totalSamples !== Infinity,
    sourceRoom: order.content.kind === 'open' ? sourceRoom(order.content.sourceId) : '',
    hash: hashOf(order.id),
  }
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
    before.sourceRoom === after.sourceRoom &&
    before.totalSamples === after.totalSamples &&
    sameList(before.edges, after.edges)
  if (!sameButEnd) return Math.min(before.beginSamples, after.beginSamples)
  return before.endSamples === after.endSamples ? Infinity : Math.min(before.endSamples, after.endSamples)
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
