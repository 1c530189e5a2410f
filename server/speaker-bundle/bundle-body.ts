import type { OrderRecord } from '../../control/ports.ts'
import { soundingClips } from '../../control/mixing-rules.ts'
import { houseMsAt } from '../../rooms/house-clock.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { placesOf } from '../../rooms/mix-room.ts'
import { clipRoom, parseRoom, type Plan, type PlanSegment } from '../../rooms/plan.ts'
import { ownRoom } from '../director/order-sounds.ts'
import { houseTimeText } from '../signing/signer.ts'
import type { SpeakerFile } from './speaker-files.ts'

/** Where speakers fetch files, on the stream port. */
export const SPEAKER_FILES_PATH = '/v1/speaker/files/'

/** Name under which SpeakerFiles knows the sound of a clip. */
export const clipFileName = (clipId: string): string => `clip-${clipId}`
export const toneFileName = (tone: string): string => `tone-${tone}`

/** One stretch of a bundle; see server/protocol.md, «Bundle». */
export interface BundleItem {
  readonly orderId: string
  readonly class: string
  readonly title: string
  readonly startsAt: string
  readonly endsAt: string
  readonly fromSamples: number
  readonly untilSamples: number
  readonly anchorSamples: number
  readonly clips: readonly string[]
  readonly resume: 'continue' | 'skip'
}

export interface BundleContent {
  readonly items: readonly BundleItem[]
  readonly fillers: readonly string[]
  /** House sample at which the first stretch begins that did not fit; Infinity: all fit. */
  readonly cutSamples: number
  readonly files: readonly { readonly sha256: string; readonly bytes: number; readonly format: 'ogg-opus'; readonly durationSamples: number; readonly path: string }[]
}

export interface BundleSources {
  readonly orderOf: (orderId: string) => Pick<OrderRecord, 'id' | 'clipIds' | 'resume' | 'mixing'> | undefined
  /** Length of a clip; 0: it is no more. */
  readonly clipSamples: (clipId: string) => number
  /** Undefined: not made yet; it is made, and then the bundle is made again. */
  readonly fileOf: (name: string) => SpeakerFile | undefined
  readonly fillerClipIds: readonly string[]
}

/** A stretch in which one clip is heard of an order whose clips fade into one another, or what is planned. */
type AloneSegment = PlanSegment & { readonly clipIds?: readonly string[] }

/** Devices read messages of 256 KiB, and base64url makes of three bytes four. What does not fit comes with a later bundle. */
const MAX_BYTES = 160 * 1024

/** What a cluster keeps of a plan. A stretch whose sounds are not (all) there, or that is live, has no clips: the device plays its fallback. */
export function bundleContent(plan: Plan, sources: BundleSources): BundleContent {
  const files = new Map<string, BundleContent['files'][number]>()
  let bytes = 0
  const use = (name: string): string | undefined => {
    const file = sources.fileOf(name)
    if (file === undefined) return undefined
    if (!files.has(file.sha256)) {
      const entry = { sha256: file.sha256, bytes: file.bytes, format: 'ogg-opus', durationSamples: file.durationSamples, path: `${SPEAKER_FILES_PATH}${file.sha256}` } as const
      files.set(file.sha256, entry)
      bytes += JSON.stringify(entry).length
    }
    return file.sha256
  }
  const fillers = sources.fillerClipIds.map((id) => use(clipFileName(id))).filter((sha256) => sha256 !== undefined)
  const items: BundleItem[] = []
  for (const segment of plan.flatMap((each) => aloneOf(each, sources))) {
    const { names, anchorSamples, resume } = soundsOf(segment, sources)
    const clips = names.map(use)
    const item: BundleItem = {
      orderId: segment.orderId,
      class: segment.class,
      title: segment.title,
      startsAt: houseTimeText(houseMsAt(segment.fromSamples)),
      endsAt: houseTimeText(houseMsAt(segment.untilSamples)),
      fromSamples: Math.floor(segment.fromSamples),
      untilSamples: Math.floor(segment.untilSamples),
      anchorSamples: Math.floor(anchorSamples),
      clips: clips.includes(undefined) ? [] : (clips as string[]),
      resume,
    }
    bytes += Buffer.byteLength(JSON.stringify(item))
    if (bytes > MAX_BYTES) return { items, fillers, files: usedFiles(files, items, fillers), cutSamples: segment.fromSamples }
    items.push(item)
  }
  return { items, fillers, files: [...files.values()], cutSamples: Infinity }
}

function usedFiles(files: ReadonlyMap<string, BundleContent['files'][number]>, items: readonly BundleItem[], fillers: readonly string[]): BundleContent['files'] {
  const used = new Set([...fillers, ...items.flatMap(({ clips }) => clips)])
  return [...files.values()].filter(({ sha256 }) => used.has(sha256))
}

/**
 * A segment as a device alone plays it, which does not mix: the order on air without what goes on beneath it, and clips that would fade into one
 * another each from its beginning until the next begins.
 */
function aloneOf(segment: PlanSegment, { orderOf, clipSamples }: BundleSources): readonly AloneSegment[] {
  const own = ownRoom(segment.room, segment.orderId) ?? segment.room
  const parsed = parseRoom(own)
  const order = orderOf(segment.orderId)
  if (parsed?.kind !== 'clips' || order?.mixing === undefined) return [{ ...segment, room: own }]
  const clipIds = soundingClips(order)
  const { starts } = placesOf(clipIds.map(clipSamples), msToSamples(order.mixing.crossfadeMs))
  const end = parsed.span.until ?? Infinity
  return clipIds.flatMap((clipId, index): AloneSegment[] => {
    const start = starts[index]!
    if (start < parsed.span.from || start >= end) return []
    const isLast = index + 1 === clipIds.length || starts[index + 1]! >= end
    const fromSamples = Math.max(segment.fromSamples, parsed.anchorSamples + start)
    const untilSamples = isLast ? segment.untilSamples : Math.min(segment.untilSamples, parsed.anchorSamples + starts[index + 1]!)
    return fromSamples < untilSamples ? [{ ...segment, room: clipRoom(order.id, parsed.anchorSamples + start), clipIds: [clipId], fromSamples, untilSamples }] : []
  })
}

function soundsOf(segment: AloneSegment, { orderOf }: BundleSources): { readonly names: readonly string[]; readonly anchorSamples: number; readonly resume: 'continue' | 'skip' } {
  const room = parseRoom(segment.room)
  const order = orderOf(segment.orderId)
  const resume = order?.resume ?? 'continue'
  if (room?.kind === 'clips') return { names: (segment.clipIds ?? order?.clipIds ?? []).map(clipFileName), anchorSamples: room.anchorSamples, resume }
  if (room?.kind === 'tone') return { names: [toneFileName(room.name)], anchorSamples: room.anchorSamples, resume }
  return { names: [], anchorSamples: segment.fromSamples, resume }
}
