import { parseMix, type Mix } from './mix-room.ts'

/** Higher first. Only `emergency` cuts (Circular 39/2020; `MucDoUuTien` 1, 2, 3). */
export type OrderClass = 'emergency' | 'priority' | 'normal'

/**
 * Names what plays in a room; equal refs sound equal everywhere.
 * - `src:<sourceId>`: a live source (relay, studio, tone), shared by all its orders
 * - `ord:<orderId>@<anchorSamples>`: the clips of an order, whose first sample stands at `anchorSamples` of the house clock; with `#<from>-<until>`
 *   only those that begin at places in [from, until) after the anchor, either may be left out: so a playlist with crossfades yields and comes back
 * - `jin:<orderId>.<intro|outro>@<anchorSamples>`: the jingle before or after a live source
 * - `mix:<JSON>`: rooms mixed; see mix-room.ts
 * - `tone:<name>@<anchorSamples>`: a pre-encoded attention tone that starts at `anchorSamples`; needs no engine
 * - `silence`: pre-encoded silence; needs no engine
 */
export type RoomRef = string

export const SILENCE_ROOM: RoomRef = 'silence'

export const sourceRoom = (sourceId: string): RoomRef => `src:${sourceId}`
export const toneRoom = (name: string, anchorSamples: number): RoomRef => `tone:${name}@${String(anchorSamples)}`
export const jingleRoom = (orderId: string, jingle: Jingle, anchorSamples: number): RoomRef => `jin:${orderId}.${jingle}@${String(anchorSamples)}`
export function clipRoom(orderId: string, anchorSamples: number, { from = 0, until = null }: Partial<ClipSpan> = {}): RoomRef {
  const span = from === 0 && until === null ? '' : `#${String(from)}-${until === null ? '' : String(until)}`
  return `ord:${orderId}@${String(anchorSamples)}${span}`
}

export type Jingle = 'intro' | 'outro'

/** Clips that begin at places in [from, until) of their order sound; null: all to the last. */
export interface ClipSpan {
  readonly from: number
  readonly until: number | null
}

export type ParsedRoom =
  | { readonly kind: 'silence' }
  | { readonly kind: 'source'; readonly sourceId: string }
  | { readonly kind: 'clips'; readonly orderId: string; readonly anchorSamples: number; readonly span: ClipSpan }
  | { readonly kind: 'jingle'; readonly orderId: string; readonly jingle: Jingle; readonly anchorSamples: number }
  | { readonly kind: 'tone'; readonly name: string; readonly anchorSamples: number }
  | { readonly kind: 'mix'; readonly mix: Mix }

const ROOM_REF = /^(?:(silence)|src:(.+)|ord:([^@]+)@(-?\d+)(?:#(\d+)-(\d*))?|tone:([^@]+)@(-?\d+)|jin:([^@]+)\.(intro|outro)@(-?\d+)|mix:(.+))$/

/** @returns undefined when `ref` is not a room reference. */
export function parseRoom(ref: RoomRef): ParsedRoom | undefined {
  const match = ROOM_REF.exec(ref)
  if (match === null) return undefined
  const [, silence, sourceId, clipOrder, clipAnchor, from = '0', until = '', tone, toneAnchor, jingleOrder, jingle, jingleAnchor, mix] = match
  if (silence !== undefined) return { kind: 'silence' }
  if (sourceId !== undefined) return { kind: 'source', sourceId }
  if (clipOrder !== undefined) return { kind: 'clips', orderId: clipOrder, anchorSamples: Number(clipAnchor), span: { from: Number(from), until: until === '' ? null : Number(until) } }
  if (tone !== undefined) return { kind: 'tone', name: tone, anchorSamples: Number(toneAnchor) }
  if (jingleOrder !== undefined) return { kind: 'jingle', orderId: jingleOrder, jingle: jingle as Jingle, anchorSamples: Number(jingleAnchor) }
  const parsed = parseMix(mix!)
  return parsed === undefined ? undefined : { kind: 'mix', mix: parsed }
}

/** What goes on beneath the order of a segment, at a lower level. */
export interface PlanUnder {
  readonly orderId: string
  readonly class: OrderClass
  readonly title: string
}

/** From `fromSamples` (inclusive) to `untilSamples` (exclusive) of the house clock, this room plays for this order. */
export interface PlanSegment {
  readonly room: RoomRef
  readonly fromSamples: number
  /** Nothing outlives this, even if whoever made the plan is dead. */
  readonly untilSamples: number
  readonly orderId: string
  readonly class: OrderClass
  /** What listeners are shown (ICY title, status). */
  readonly title: string
  /** Left out: nothing goes on beneath it. */
  readonly under?: PlanUnder
}

/**
 * What a cluster plays from now on: segments in order of time, not overlapping. Where no segment stands, silence plays.
 * Each format switches at its own first frame edge at or after `fromSamples`.
 */
export type Plan = readonly PlanSegment[]

/** The plan that is `before` up to a house sample and `after` from it on; a segment that goes on through it stays one. */
export function replanned(before: Plan, after: Plan, atSamples: number): Plan {
  const past = before.filter(({ fromSamples }) => fromSamples < atSamples).map((segment) => (segment.untilSamples > atSamples ? { ...segment, untilSamples: atSamples } : segment))
  const future = after.filter(({ untilSamples }) => untilSamples > atSamples).map((segment) => (segment.fromSamples < atSamples ? { ...segment, fromSamples: atSamples } : segment))
  const last = past.at(-1)
  const first = future[0]
  if (last === undefined || first === undefined || last.untilSamples !== first.fromSamples) return [...past, ...future]
  if (last.room !== first.room || last.orderId !== first.orderId || last.class !== first.class || last.title !== first.title || last.under?.orderId !== first.under?.orderId) return [...past, ...future]
  return [...past.slice(0, -1), { ...first, fromSamples: last.fromSamples }, ...future.slice(1)]
}
