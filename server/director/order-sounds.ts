import type { OrderRecord, Store } from '../../control/ports.ts'
import { soundingClips } from '../../control/mixing-rules.ts'
import type { HandOver, JingleOption, OrderContent } from '../../rooms/arbiter/index.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { isCrossfade, placesOf } from '../../rooms/mix-room.ts'
import { parseRoom, type ClipSpan, type Jingle, type OrderClass, type PlanSegment, type RoomRef } from '../../rooms/plan.ts'
import type { ClipSpec, SoundSpec } from '../link/messages.ts'

/** A source that comes or goes is never switched within a sample: that would click. */
const SHORTEST_FADE_MS = 10

type Clips = Pick<Store, 'clips'>

/** Length of the crossfades between the clips of an order. */
const crossfadeSamplesOf = ({ mixing }: OrderRecord): number => msToSamples(mixing?.crossfadeMs ?? 0)

/**
 * What the arbiter must know of an order's content: a jingle belongs to the clip beside it, so that nobody is heard between them.
 * @param samplesAt house sample of a hand-over's wall time
 * @returns null when it names a clip that is no more
 */
export function contentOf(order: OrderRecord, store: Clips, samplesAt: (wallMs: number) => number): OrderContent | null {
  const { sourceId, mixing } = order
  if (sourceId !== null) {
    const [intro, outro] = [jingleOf(order, 'intro', store), jingleOf(order, 'outro', store)]
    if (intro === null || outro === null) return null
    const handOvers = handOversOf(order, samplesAt)
    return { kind: 'open', sourceId, ...(handOvers.length === 0 ? {} : { handOvers }), ...intro, ...outro }
  }
  const lengths = soundingClips(order).map((id) => store.clips.get(id)?.durationSamples)
  if (lengths.some((samples) => samples === undefined)) return null
  const { starts, overlaps } = placesOf(lengths as number[], crossfadeSamplesOf(order))
  const hasIntro = mixing !== undefined && mixing.introClipId !== null
  const hasOutro = mixing !== undefined && mixing.outroClipId !== null
  const items = (order.clipIds ?? []).map((_, index, all) => {
    const place = index + (hasIntro ? 1 : 0)
    return { first: index === 0 ? 0 : place, last: hasOutro && index === all.length - 1 ? place + 1 : place }
  })
  const itemSamples = items.map(({ first, last }) => starts[last]! + lengths[last]! - starts[first]!)
  const overlapSamples = items.map(({ last }) => overlaps[last]!)
  return { kind: 'clips', itemSamples, ...(overlapSamples.some((samples) => samples > 0) ? { overlapSamples } : {}) }
}

/** To which sources an order goes, in order of time. @param samplesAt house sample of a hand-over's wall time */
export const handOversOf = ({ handOvers = [] }: Pick<OrderRecord, 'handOvers'>, samplesAt: (wallMs: number) => number): HandOver[] =>
  handOvers.map(({ sourceId, atMs, crossfadeMs }) => ({ sourceId, atSamples: Math.round(samplesAt(atMs)), crossfadeSamples: msToSamples(Math.max(SHORTEST_FADE_MS, crossfadeMs)) }))

/** @returns null: its clip is no more */
function jingleOf(order: OrderRecord, jingle: Jingle, store: Clips): Partial<Record<Jingle, JingleOption>> | null {
  const id = jingleClipOf(order, jingle)
  if (id === null) return {}
  const samples = store.clips.get(id)?.durationSamples
  if (samples === undefined) return null
  return { [jingle]: { samples, crossfadeSamples: Math.min(Math.max(crossfadeSamplesOf(order), msToSamples(SHORTEST_FADE_MS)), Math.floor(samples / 2)) } }
}

const jingleClipOf = ({ mixing }: OrderRecord, jingle: Jingle): string | null => (jingle === 'intro' ? mixing?.introClipId : mixing?.outroClipId) ?? null

/**
 * What an engine makes a room of; undefined: nothing, because the room needs no engine or its clips are no more.
 */
export function soundOf(room: RoomRef, store: Clips, orderOf: (orderId: string) => OrderRecord | undefined): SoundSpec | undefined {
  const parsed = parseRoom(room)
  switch (parsed?.kind) {
    case 'source':
      return { kind: 'source', sourceId: parsed.sourceId }
    case 'clips':
      return clipSound(orderOf(parsed.orderId), parsed, store)
    case 'jingle': {
      const order = orderOf(parsed.orderId)
      const clips = order === undefined ? [] : clipSpecs([jingleClipOf(order, parsed.jingle) ?? ''], store)
      return clips.length === 0 ? undefined : { kind: 'clips', anchorSamples: parsed.anchorSamples, clips }
    }
    case 'mix':
      break
    default:
      return undefined
  }
  const { mix } = parsed
  // A part that cannot be had is silent, and the others go on.
  const part = (ref: RoomRef): SoundSpec => soundOf(ref, store, orderOf) ?? { kind: 'clips', anchorSamples: 0, clips: [] }
  if (isCrossfade(mix)) return { kind: 'crossfade', from: part(mix.from), to: part(mix.to), atSamples: mix.atSamples, samples: mix.samples }
  return { kind: 'overlay', over: mix.over === null ? null : part(mix.over), under: part(mix.under), level: mix.level }
}

function clipSound(order: OrderRecord | undefined, { anchorSamples, span }: { readonly anchorSamples: number; readonly span: ClipSpan }, store: Clips): SoundSpec | undefined {
  const clips = order === undefined ? [] : clipSpecs(soundingClips(order), store)
  if (order === undefined || clips.length === 0) return undefined
  const crossfadeSamples = crossfadeSamplesOf(order)
  return { kind: 'clips', anchorSamples, clips, ...(crossfadeSamples === 0 ? {} : { crossfadeSamples, span }) }
}

/** Clips as an engine reads them; empty when one is missing. */
function clipSpecs(ids: readonly string[], store: Clips): ClipSpec[] {
  const clips = ids.map((id) => store.clips.get(id))
  return clips.some((clip) => clip === undefined) ? [] : clips.map((clip) => ({ clipId: clip!.id, path: clip!.path, durationSamples: clip!.durationSamples }))
}

/** The rooms of which one is made that are not mixed themselves, what is heard above all else first. */
export function* partsOf(room: RoomRef): Generator<RoomRef> {
  const parsed = parseRoom(room)
  if (parsed?.kind !== 'mix') {
    yield room
    return
  }
  const { mix } = parsed
  const parts = isCrossfade(mix) ? [mix.to, mix.from] : [mix.over, mix.under]
  for (const part of parts) if (part !== null) yield* partsOf(part)
}

/** Those of them that are heard at a house sample: of a crossfade neither what is still to come nor what is over. */
export function* heardAt(room: RoomRef, atSamples: number): Generator<RoomRef> {
  const parsed = parseRoom(room)
  if (parsed?.kind !== 'mix') {
    yield room
    return
  }
  const { mix } = parsed
  const parts = isCrossfade(mix) ? [atSamples >= mix.atSamples ? mix.to : null, atSamples < mix.atSamples + mix.samples ? mix.from : null] : [mix.over, mix.under]
  for (const part of parts) if (part !== null) yield* heardAt(part, atSamples)
}

/** An order that sounds in a segment. */
export interface Sounding {
  readonly orderId: string
  readonly class: OrderClass
  readonly title: string
  /** The source that is heard of it; null: clips, or a tone or jingle before it. */
  readonly sourceId: string | null
}

/** The order on air in a segment, and the one beneath it. */
export function soundingIn({ orderId, class: orderClass, title, room, under }: PlanSegment): readonly Sounding[] {
  const parsed = parseRoom(room)
  const overlay = parsed?.kind === 'mix' && !isCrossfade(parsed.mix) ? parsed.mix : null
  const top = { orderId, class: orderClass, title, sourceId: sourceOf(overlay === null ? room : overlay.over ?? overlay.under) }
  return under === undefined || overlay === null ? [top] : [top, { ...under, sourceId: sourceOf(overlay.under) }]
}

/** The source of a room, of a crossfade the one that comes, but for one that makes way for a jingle. */
function sourceOf(room: RoomRef): string | null {
  for (const part of partsOf(room)) {
    const parsed = parseRoom(part)
    if (parsed?.kind === 'source') return parsed.sourceId
  }
  return null
}

/** Where an order sounds that is heard in this room, without what it is mixed with. */
export function ownRoom(room: RoomRef, orderId: string): RoomRef | undefined {
  for (const part of partsOf(room)) {
    const parsed = parseRoom(part)
    if (parsed?.kind === 'clips' && parsed.orderId === orderId) return part
  }
  return undefined
}

/** The source of an order at a time; after the last hand-over that has begun, the one it went to. Null: it plays clips. */
export function sourceAt(order: Pick<OrderRecord, 'sourceId' | 'handOvers'>, wallMs: number): string | null {
  return order.handOvers?.findLast(({ atMs }) => atMs <= wallMs)?.sourceId ?? order.sourceId
}
