import type { OrderAlert } from './alerts/alert-port.ts'
import type { IngestRules, PinnedInput } from './ingest-port.ts'
import type { Grant } from './rights.ts'

/** What the store keeps and the API shows: plain data, times in ms of wall time since 1970, names in Unicode NFC. */

import type { Area } from './polygon.ts'

/** Higher first; only `emergency` cuts. */
export const ORDER_CLASSES = ['emergency', 'priority', 'normal'] as const
export type OrderClass = (typeof ORDER_CLASSES)[number]

/** What a programme is about: `LoaiLinhVuc` 1 to 6 of Thông tư 39/2020/TT-BTTTT, in this sequence. */
export const FIELDS = ['general', 'sudden', 'law', 'steering', 'knowledge', 'good-deeds'] as const
export type Field = (typeof FIELDS)[number]

/** Somebody who can go and look. */
export interface UnitContact {
  readonly name: string
  readonly phone: string
}

export interface UnitRecord {
  readonly id: string
  readonly code: string
  readonly name: string
  readonly parentId: string | null
  /** Depth in the tree: 0 is a root. Follows from the parents, so it changes when a unit moves. */
  readonly level: number
  /** How long after its place on the house clock a frame is heard at the unit's native clients; null: as the unit above, at last as configured. */
  readonly presentationDelayMs: number | null
  /** How many live there, with all below it; null: nobody has said. */
  readonly people: number | null
  /** Who is called when its clusters are silent; null: as the unit above. */
  readonly contact: UnitContact | null
  readonly createdAtMs: number
  /** First ms at which the unit is no more; null: it still is. One that has ended holds nothing, keeps its last place in the tree, and can be read for ever. */
  readonly endedAtMs: number | null
  /** The units that took over what an ended one held. */
  readonly successorIds: readonly string[]
}

/** What a unit was called and where it stood, for a time. */
export interface UnitVersion {
  readonly unitId: string
  readonly code: string
  readonly name: string
  readonly parentId: string | null
  readonly fromMs: number
  /** First ms at which it was so no more; null: it is so now. */
  readonly untilMs: number | null
}

/** The time a cluster belonged to a unit. */
export interface Membership {
  readonly clusterId: string
  readonly unitId: string
  readonly fromMs: number
  readonly untilMs: number | null
}

export interface Position {
  readonly lat: number
  readonly lon: number
}

/**
 * active: in use. planned, repair: only what names the cluster itself means it, so that it can be tried, and nothing else sounds beside the technician.
 * retired: nothing means it and it cannot connect.
 */
export const CLUSTER_STATES = ['planned', 'active', 'repair', 'retired'] as const
export type ClusterState = (typeof CLUSTER_STATES)[number]

export const TECHNOLOGIES = ['ip', 'fm', 'wired'] as const

/** What stands at the place, for the inventory; null where nobody has said. */
export interface Equipment {
  readonly technology: (typeof TECHNOLOGIES)[number] | null
  /** 15 digits; unique. */
  readonly imei: string | null
  /** Number of the card or of the line. */
  readonly sim: string | null
  readonly maker: string | null
  readonly model: string | null
  readonly amplifier: string | null
  /** How many. */
  readonly loudspeakers: number | null
  readonly buildYear: number | null
  /** Day by which it is written off, `2031-12-31`. */
  readonly depreciatedOn: string | null
  /** Who looks after it at the place, and how to reach him. */
  readonly keeper: string | null
  readonly keeperPhone: string | null
}

export const NO_EQUIPMENT: Equipment = { technology: null, imei: null, sim: null, maker: null, model: null, amplifier: null, loudspeakers: null, buildYear: null, depreciatedOn: null, keeper: null, keeperPhone: null }

export interface ClusterRecord {
  readonly id: string
  readonly unitId: string
  readonly code: string
  readonly name: string
  readonly tags: readonly string[]
  readonly position: Position | null
  readonly enabled: boolean
  readonly state: ClusterState
  readonly equipment: Equipment
  /** SHA-256 of the key, base64url; the key itself is nowhere. */
  readonly keyHash: string
  readonly keyChangedAtMs: number
  readonly createdAtMs: number
}

export const LEVELLINGS = ['off', 'programme', 'speech'] as const
export type Levelling = (typeof LEVELLINGS)[number]

export const WATCHES = ['all', 'silence', 'off'] as const
export type Watch = (typeof WATCHES)[number]

interface SourceCommon {
  readonly id: string
  readonly name: string
  /** Where it is seen and used, with everything below; null: the whole tree. */
  readonly unitId: string | null
  /** Played when this source brings no sound. */
  readonly fallbackSourceId: string | null
  /** Digitally silent for this long counts as down; null: the setting of the server. */
  readonly silenceTimeoutMs: number | null
  /** How live sound is brought to the loudness of the house: `speech` is faster and goes further than `programme`. Tones are as loud as they were set to be. */
  readonly levelling: Levelling
  /** What of live sound is looked for: all faults, digital silence alone, or nothing. */
  readonly watch: Watch
  readonly createdAtMs: number
}

export interface IcecastSourceRecord extends SourceCommon {
  readonly kind: 'icecast'
  /** Path the encoder sends to, from `/`. */
  readonly mount: string
  /** What happens to a second encoder while one is connected. */
  readonly takeover: 'refuse' | 'replace'
  readonly keyHash: string
  readonly ingest: IngestRules
}

/** Sound that a browser, a phone or an encoder sends by WebRTC (WHIP, RFC 9725). */
export interface WhipSourceRecord extends SourceCommon {
  readonly kind: 'whip'
  /** As of an icecast source. */
  readonly takeover: 'refuse' | 'replace'
  readonly keyHash: string
  readonly ingest: IngestRules
}

export interface RelaySourceRecord extends SourceCommon {
  readonly kind: 'relay'
  /** In order of preference; may hold credentials, so they are masked before anybody sees them. */
  readonly urls: readonly string[]
}

export interface ToneSourceRecord extends SourceCommon {
  readonly kind: 'tone'
  readonly frequencyHz: number
  readonly levelDbfs: number
}

/** A stream of RTP packets, as a session description (SDP) tells of it. */
export interface RtpStream {
  /** Multicast group; null: it is sent to an address of this machine. */
  readonly group: string | null
  readonly port: number
  readonly codec: 'opus' | 'l16' | 'l24'
  readonly payloadType: number
  /** Of the sound; an RTP clock of Opus always runs at 48 kHz. */
  readonly sampleRateHz: number
  readonly channels: number
}

/** Sound that a studio's network brings as RTP (AES67 and the like). */
export interface RtpSourceRecord extends SourceCommon {
  readonly kind: 'rtp'
  readonly stream: RtpStream
  /** Addresses that are believed; RTP has no key. */
  readonly senders: readonly string[]
  /** Name or address of the interface it is heard at; null: as the system routes. */
  readonly interface: string | null
}

/** Sound that an encoder pushes by RTMP. */
export interface RtmpSourceRecord extends SourceCommon {
  readonly kind: 'rtmp'
  /** As of an icecast source. */
  readonly takeover: 'refuse' | 'replace'
  readonly keyHash: string
  readonly ingest: IngestRules
}

/** Sound that an encoder pushes by SRT, each source on a port of its own. */
export interface SrtSourceRecord extends SourceCommon {
  readonly kind: 'srt'
  readonly port: number
  /** Both ends need it as it is: it is the key that the sound is encrypted with. */
  readonly passphrase: string
  readonly latencyMs: number
  /** When a passphrase was last taken back, and who was connected cut; null: never. */
  readonly sessionsEndedAtMs: number | null
}

/** Hot standby: one source out of several that carry the same programme. */
export interface StandbySourceRecord extends SourceCommon {
  readonly kind: 'standby'
  /** By rank, the best first. */
  readonly inputSourceIds: readonly string[]
  /** Whether a better input is gone back to by itself, and how long it must have been good for that. */
  readonly return: 'automatic' | 'manual'
  readonly returnAfterMs: number
  /** Null: by rank. */
  readonly pinned: PinnedInput | null
  /** When somebody last said which input he wants; null: nobody has. */
  readonly chosenAtMs: number | null
}

/** What a caller says: one call at a time. The dialogue of the telephone lets callers in, each by his key (phone/phone-port.ts). */
export interface PhoneSourceRecord extends SourceCommon {
  readonly kind: 'phone'
}

export type SourceRecord =
  | IcecastSourceRecord
  | WhipSourceRecord
  | RelaySourceRecord
  | ToneSourceRecord
  | RtpSourceRecord
  | RtmpSourceRecord
  | SrtSourceRecord
  | StandbySourceRecord
  | PhoneSourceRecord

export interface ClipRecord {
  readonly id: string
  readonly name: string
  /** As of a source. */
  readonly unitId: string | null
  /** The mezzanine: absolute path. Its name is the hash of the content; clips of several units may share it. */
  readonly path: string
  readonly durationMs: number
  /** At 48 kHz. */
  readonly durationSamples: number
  /** Integrated loudness before it was normalised; null when it is silence. */
  readonly loudnessLufs: number | null
  /** Size of the mezzanine. */
  readonly sizeBytes: number
  readonly createdAtMs: number
}

/** Clusters by what they are: their unit, their tags, where they stand. */
export interface Selection {
  /** With everything below them. */
  readonly units: readonly string[]
  readonly tags: readonly string[]
  /** A cluster stands in the area or in one of the circles. */
  readonly area: Area | null
  readonly circles: readonly (Position & { readonly radiusM: number })[]
  /** Whether a cluster must fit one of unit, tag and place, or each of those that are given. */
  readonly match: 'any' | 'all'
}

/** A selection that was saved. Which clusters it means follows from what they are at each moment. */
export interface GroupRecord {
  readonly id: string
  readonly name: string
  readonly selection: Selection
  /** Of the alert it was made for: it stands in no list and goes with the alert. Left out: somebody saved it. */
  readonly alertId?: string
  readonly createdAtMs: number
}

/** A cluster is meant when any of them names it: a unit above it, itself, one of its tags, or a group it is in. */
export interface Targets {
  readonly units: readonly string[]
  readonly clusters: readonly string[]
  readonly tags: readonly string[]
  /** Left out: none. */
  readonly groups?: readonly string[]
}

export interface OrderRecord {
  readonly id: string
  /** Counts up from 1 in the sequence of acceptance; never used twice. */
  readonly number: number
  readonly class: OrderClass
  readonly title: string
  /** Exactly one of `sourceId` and `clipIds` is not null. */
  readonly sourceId: string | null
  readonly clipIds: readonly string[] | null
  readonly targets: Targets
  readonly startsAtMs: number
  /** First ms at which it is over. */
  readonly endsAtMs: number
  /** The unit's own sequence among its `priority` orders: lower goes first. */
  readonly rank: number
  /** After an emergency: go on where it was cut, or leave out what was missed. */
  readonly resume: 'continue' | 'skip'
  readonly issuerUnitId: string
  /** What it is about; null: nobody has said. */
  readonly field: Field | null
  /** Whether an emergency starts with the attention tone. */
  readonly attentionTone: boolean
  readonly createdAtMs: number
  /** Id of the token that gave it. */
  readonly createdBy: string
  /** Left out: no alert gave it. */
  readonly alert?: OrderAlert
  /** Left out: it sounds as it is, alone. */
  readonly mixing?: OrderMixing
  /** The sources it was handed over to, in order of time. Left out: none. */
  readonly handOvers?: readonly OrderHandOver[]
  readonly stoppedAtMs: number | null
}

/** How an order is mixed with itself and with others. */
export interface OrderMixing {
  /** It lays itself over what is on air, which goes on so much lower; null: it takes its place. */
  readonly over: { readonly duckDb: number; readonly attackMs: number; readonly releaseMs: number } | null
  /** Jingles before and after. */
  readonly introClipId: string | null
  readonly outroClipId: string | null
  /** How long clips, jingles and sources that follow one another sound together. */
  readonly crossfadeMs: number
}

export interface OrderHandOver {
  readonly sourceId: string
  readonly atMs: number
  readonly crossfadeMs: number
  /** Id of the token or user that did it. */
  readonly by: string
}

export type OrderState = 'scheduled' | 'on-air' | 'ended' | 'stopped'

/** Follows from the record and the time alone. An order stopped before its end stays `stopped` for ever. */
export function orderState(order: OrderRecord, nowMs: number): OrderState {
  if (order.stoppedAtMs !== null) return 'stopped'
  if (nowMs >= order.endsAtMs) return 'ended'
  return nowMs >= order.startsAtMs ? 'on-air' : 'scheduled'
}

export interface TokenRecord {
  readonly id: string
  readonly name: string
  readonly grants: readonly Grant[]
  /** SHA-256 of the token, base64url. */
  readonly hash: string
  readonly createdAtMs: number
  /** First ms at which it is over; absent: it does not end by itself. */
  readonly expiresAtMs?: number
  /** To about an hour; absent: it was never used. */
  readonly lastUsedAtMs?: number
}

/** The response to a request that carried an Idempotency-Key. */
export interface IdempotentResponse {
  /** Hash of who asked and the key. */
  readonly scope: string
  /** Hash of what was asked. */
  readonly fingerprint: string
  readonly status: number
  /** Headers and body, readable only with the token and the key of the request: it may hold a key shown once. */
  readonly sealed: Uint8Array
  readonly createdAtMs: number
}
