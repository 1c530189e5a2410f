import type { FormatId } from '../../codec/audio-format.ts'
import type { SoundFault } from '../../codec/pcm/sound-watch.ts'
import type { KeyClass, PinnedInput, PlayLogRecord, RtpAnnouncement, RtpSourceRecord, RtpStream, SourceAttemptRecord, SourceSwitchRecord, SrtSourceRecord, StandbyStatusInfo, Levelling, Watch } from '../../control/ports.ts'
import type { LevelRamp } from '../../rooms/mix-room.ts'
import type { Plan, RoomRef, ClipSpan } from '../../rooms/plan.ts'
import type { RunnerStats } from '../../rooms/programme-runner.ts'
import type { TalkStatus } from '../talk/talk-status.ts'
import type { MonitorAnswer, MonitorCut, MonitorRequest, MonitorsTold } from './monitor-messages.ts'
import type { RecorderFiles, RecorderKept, RecorderState, RecorderStats, RecorderTapes, RecorderUnknown } from './recorder-messages.ts'
import type { RtpOutputs, RtpStatus } from './rtp-messages.ts'

/**
 * Messages between control and the other roles, one JSON object a message over a Unix socket (see framed-socket.ts).
 * Control listens; engines and fan-outs connect, say hello, and connect again when control comes back. After each hello
 * control sends the whole state, so nothing depends on what was said before.
 */
export const LINK_VERSION = 1

export interface Hello {
  readonly type: 'hello'
  readonly version: number
  readonly role: 'engine' | 'fan-out' | 'recorder' | 'phone'
  /** 0-based number of the process within its role. */
  readonly index: number
  readonly pid: number
}

// ── control → engine ────────────────────────────────────────────────────────────────────────────────────────────────

export type { Levelling, SoundFault, Watch }

export type SourceSpec =
  | { readonly kind: 'icecast'; readonly id: string; readonly name: string; readonly takeover: 'refuse' | 'replace'; readonly admission: AdmissionSpec; readonly fallbackSourceId: string | null; readonly silenceTimeoutMs: number | null; readonly levelling: Levelling; readonly watch: Watch }
  | { readonly kind: 'whip'; readonly id: string; readonly name: string; readonly takeover: 'refuse' | 'replace'; readonly admission: AdmissionSpec; readonly fallbackSourceId: string | null; readonly silenceTimeoutMs: number | null; readonly levelling: Levelling; readonly watch: Watch }
  | { readonly kind: 'relay'; readonly id: string; readonly name: string; readonly urls: readonly string[]; readonly fallbackSourceId: string | null; readonly silenceTimeoutMs: number | null; readonly levelling: Levelling; readonly watch: Watch }
  | { readonly kind: 'tone'; readonly id: string; readonly name: string; readonly frequencyHz: number; readonly levelDbfs: number }
  | RtpSourceSpec
  | { readonly kind: 'rtmp'; readonly id: string; readonly name: string; readonly takeover: 'refuse' | 'replace'; readonly admission: AdmissionSpec; readonly fallbackSourceId: string | null; readonly silenceTimeoutMs: number | null; readonly levelling: Levelling; readonly watch: Watch }
  | SrtSourceSpec
  /** `lastInputSourceId`: where it stood when an engine last told; `chosenAtMs`: another with each word of an operator. */
  | { readonly kind: 'standby'; readonly id: string; readonly name: string; readonly inputSourceIds: readonly string[]; readonly return: 'automatic' | 'manual'; readonly returnAfterMs: number; readonly pinned: PinnedInput | null; readonly chosenAtMs: number | null; readonly lastInputSourceId: string | null; readonly fallbackSourceId: string | null }
  | { readonly kind: 'phone'; readonly id: string; readonly name: string; readonly fallbackSourceId: string | null; readonly silenceTimeoutMs: number | null; readonly levelling: Levelling; readonly watch: Watch }

export type RtpStreamSpec = RtpStream

export interface RtpSourceSpec extends Pick<RtpSourceRecord, 'id' | 'name' | 'stream' | 'senders' | 'interface' | 'fallbackSourceId' | 'silenceTimeoutMs' | 'levelling' | 'watch'> {
  readonly kind: 'rtp'
}

export interface SrtSourceSpec extends Pick<SrtSourceRecord, 'id' | 'name' | 'port' | 'passphrase' | 'latencyMs' | 'sessionsEndedAtMs' | 'fallbackSourceId' | 'silenceTimeoutMs' | 'levelling' | 'watch'> {
  readonly kind: 'srt'
}

/** When something that sends may come, and who may no more. Known ahead, so that it holds while control is away. */
export interface AdmissionSpec {
  /** When the source, or what falls back on it, is on the air: from and until, house samples, in order. */
  readonly airTimes: readonly (readonly [fromSamples: number, untilSamples: number])[]
  /** Those of them at which an emergency sounds from it. */
  readonly emergencyTimes: readonly (readonly [fromSamples: number, untilSamples: number])[]
  /** Only so long before and after is anybody let in; null: always. */
  readonly window: { readonly leadSamples: number; readonly tailSamples: number } | null
  /** As keyTag() says: whoever came with them is cut. */
  readonly revokedKeyTags: readonly string[]
}

/** A clip as the engine reads it: the mezzanine on disk, mono 48 kHz 16-bit WAV. */
export interface ClipSpec {
  readonly clipId: string
  readonly path: string
  readonly durationSamples: number
}

/** What a room is made of; see rooms/mix-room.ts. */
export type SoundSpec =
  /** `engine`: another one runs it, and its sound is read from there. */
  | { readonly kind: 'source'; readonly sourceId: string; readonly engine?: number }
  | { readonly kind: 'clips'; readonly anchorSamples: number; readonly clips: readonly ClipSpec[]; readonly crossfadeSamples?: number; readonly span?: ClipSpan }
  | { readonly kind: 'crossfade'; readonly from: SoundSpec; readonly to: SoundSpec; readonly atSamples: number; readonly samples: number }
  | { readonly kind: 'overlay'; readonly over: SoundSpec | null; readonly under: SoundSpec; readonly level: LevelRamp }

export type ProgrammeSpec = SoundSpec & { readonly room: RoomRef }

/** The whole wanted state of an engine. What is already running and still wanted goes on untouched. */
export interface EngineState {
  readonly type: 'engine-state'
  readonly sources: readonly SourceSpec[]
  readonly programmes: readonly ProgrammeSpec[]
}

// ── engine → control ────────────────────────────────────────────────────────────────────────────────────────────────

/** `idle`: nobody needs it. `silent`: something comes, but nothing worth hearing; `fault` says why. `fallback`: sounding, but not from its first choice. `down`: no sound can be had. */
export type SourceState = 'idle' | 'connecting' | 'live' | 'silent' | 'fallback' | 'down'

/** What a source says of itself. */
export interface SourceReport {
  readonly state: SourceState
  /** Which of the URLs is in use, 0-based; null when none or not a relay. */
  readonly urlIndex: number | null
  /** Peak and RMS of the last second, dBFS. */
  readonly peakDbfs: number
  readonly rmsDbfs: number
  /** Samples of the last ten seconds that stand in runs at full scale, % of all. */
  readonly clippedPercent: number
  /** What is wrong with the sound that comes; null: nothing, or none comes. With `clipping` alone it is played all the same. */
  readonly fault: SoundFault | null
  /** Words for the log and the screen; never a credential. */
  readonly reason: string
  /** Title the source itself sends (ICY), or ''. */
  readonly title: string
  /** What has come in over the connection that there is. */
  readonly receivedBytes?: number
  /** Of a source with hot standby. */
  readonly standby?: StandbyStatusInfo
}

export interface SourceStatus extends SourceReport {
  readonly type: 'source-status'
  readonly sourceId: string
}

/** A source with hot standby has taken another input. Told again after each hello, so that none is lost; `id` is the same then. */
export interface SourceSwitch extends Omit<SourceSwitchRecord, 'atMs'> {
  readonly type: 'source-switch'
  readonly atSamples: number
}

/** Bounds of the lateness buckets are LATENESS_BOUNDS_MS. */
export interface EngineStats extends RunnerStats {
  readonly type: 'engine-stats'
  /** WebRTC workers that died by themselves. */
  readonly rtcWorkerDeathsTotal: number
  /** Sources of other engines whose sound is wanted here and does not come. */
  readonly missingSources: readonly string[]
  readonly cpuMsTotal: number
  readonly rssBytes: number
}

export const LATENESS_BOUNDS_MS: readonly number[] = [1, 2, 5, 10, 20, 40, 80, 160, 320, 1000]

// ── control → fan-out ───────────────────────────────────────────────────────────────────────────────────────────────

export interface ClusterCredential {
  readonly id: string
  /** SHA-256 of the key, base64url. */
  readonly keyHash: string
  readonly enabled: boolean
  /** The enrolled device: then it alone is served, and the key opens nothing. */
  readonly device?: { readonly deviceId: string; readonly publicKey: string }
  /** Left out: as configured. */
  readonly presentationDelayMs?: number
}

export interface SourceCredential {
  readonly id: string
  readonly mount: string
  readonly keyHash: string
  readonly takeover: 'refuse' | 'replace'
  /** Index of the engine that runs it. */
  readonly engine: number
  /** Beside the one of `keyHash`, whose class is `normal`. */
  readonly otherKeys?: readonly OtherKeyCredential[]
}

export interface OtherKeyCredential {
  readonly id: string
  readonly keyHash: string
  readonly class: KeyClass
  /** First house sample at which it opens nothing any more; null: it has no end. */
  readonly untilSamples: number | null
}

/** The sources of one unit, and the hashes of those who may monitor them. */
export interface MonitorLimit {
  readonly sourceIds: readonly string[]
  readonly tokenHashes: readonly string[]
}

/** Everything a fan-out must know, sent after hello. */
export interface FanOutState {
  readonly type: 'fan-out-state'
  readonly clusters: readonly ClusterCredential[]
  readonly studioSources: readonly SourceCredential[]
  /** SHA-256 of API tokens and sessions that may monitor, base64url. */
  readonly monitorTokenHashes: readonly string[]
  /** What `/monitor/{id}` plays: source ids and order ids to rooms. */
  readonly monitorRooms: Readonly<Record<string, RoomRef>>
  /** Sources that not all of these may monitor. */
  readonly monitorLimits: readonly MonitorLimit[]
  /** Seals what control gives to who listens in from a page (control/monitor-pass.ts), base64url; another one after each start of control. */
  readonly monitorPassKey: string
  readonly assignments: readonly Assignment[]
  /** As in Assign; for a process that knew nothing before, the plans hold from their own beginnings. Clusters that no assignment names play nothing. */
  readonly atSamples: number
}

/** Same plan for many clusters; replaces all that was planned for them. */
export interface Assignment {
  readonly clusters: readonly string[]
  readonly plan: Plan
}

/** `urgent`: touched listeners are written to at the first possible edge, outside their turn. */
export interface Assign {
  readonly type: 'assign'
  readonly urgent: boolean
  /** The plans hold from this house sample on; what was planned before it stays. */
  readonly atSamples: number
  readonly assignments: readonly Assignment[]
}

/** Credentials or monitor rooms changed; absent fields stay. Clusters listed in `removed` are disconnected. */
export interface FanOutUpdate {
  readonly type: 'fan-out-update'
  readonly clusters?: readonly ClusterCredential[]
  readonly removed?: readonly string[]
  readonly studioSources?: readonly SourceCredential[]
  readonly monitorTokenHashes?: readonly string[]
  readonly monitorRooms?: Readonly<Record<string, RoomRef>>
  readonly monitorLimits?: readonly MonitorLimit[]
  /** Beside those that are known. */
  readonly monitorRoomsAdded?: Readonly<Record<string, RoomRef>>
}

/** Close a cluster's connection: it has connected elsewhere, or may no more. */
export interface DropConnection {
  readonly type: 'drop-connection'
  readonly clusterId: string
  /** Null: whichever it has. */
  readonly connectionId: string | null
  readonly reason: 'replaced' | 'disabled' | 'key-rotated'
}

/** Messages for native clients, passed on as they are, in this order. */
export interface SpeakerMessages {
  readonly type: 'speaker-messages'
  readonly items: readonly { readonly clusterId: string; readonly text: string }[]
}

/** Answers a LeaseRequest. */
export interface LeaseAnswer {
  readonly type: 'lease-answer'
  readonly requestId: number
  readonly granted: boolean
}

/** Answers an EnrolRequest. */
export interface EnrolAnswer {
  readonly type: 'enrol-answer'
  readonly requestId: number
  /** The message for the device; null: the code is worth nothing. */
  readonly text: string | null
}

/** Answers a TalkRequest. */
export interface TalkAnswer {
  readonly type: 'talk-answer'
  readonly requestId: number
  /** Null: there is no such source. */
  readonly status: TalkStatus | null
}

// ── fan-out → control ───────────────────────────────────────────────────────────────────────────────────────────────

export interface Presence {
  readonly type: 'presence'
  readonly joined: readonly Connection[]
  /** `silentMs`: how long before its end a device's last message came. */
  readonly left: readonly { readonly clusterId: string; readonly connectionId: string; readonly reason: string; readonly silentMs?: number }[]
  /** True in the first message after hello: `joined` is then everybody, and whoever is not in it is gone. */
  readonly complete: boolean
}

export interface Connection {
  readonly clusterId: string
  readonly connectionId: string
  readonly protocol: 'http' | 'native'
  readonly format: FormatId
  readonly remoteAddress: string
  readonly sinceWallMs: number
  /** Of an enrolled device: it takes signed messages only. */
  readonly instanceId?: string
}

/** What a native client reported, passed through after validation. */
export interface SpeakerStatus {
  readonly type: 'speaker-status'
  readonly clusterId: string
  readonly status: Readonly<Record<string, unknown>>
}

export interface AckResult {
  readonly result: 'done' | 'refused' | 'failed'
  readonly reason?: string
}

/** A native client's answer to a command, or its refusal of a signed message. */
export interface SpeakerAck extends AckResult {
  readonly type: 'speaker-ack'
  readonly clusterId: string
  readonly commandId: string
}

/** One run in the play log of a device, as server/protocol.md describes it. */
export interface SpeakerLogEntry extends Omit<PlayLogRecord, 'clusterId' | 'deviceId' | 'logId' | 'heardAtMs' | 'receivedAtMs'> {
  readonly heardAtHouseUs: number
}

/** A part of the play log of a device, validated, in order of the numbers. */
export interface SpeakerLog {
  readonly type: 'speaker-log'
  readonly clusterId: string
  readonly logId: string
  readonly entries: readonly SpeakerLogEntry[]
}

/** May this instance of a device be served? Asked at every hello of a device. */
export interface LeaseRequest {
  readonly type: 'lease-request'
  readonly requestId: number
  readonly clusterId: string
  readonly instanceId: string
  readonly remoteAddress: string
}

export interface EnrolRequest {
  readonly type: 'enrol-request'
  readonly requestId: number
  readonly code: string
  /** Raw Ed25519, base64url. */
  readonly publicKey: string
  readonly remoteAddress: string
}

/** Who hears a source? Asked for its speaker, who has come with its key. */
export interface TalkRequest {
  readonly type: 'talk-request'
  readonly requestId: number
  readonly sourceId: string
}

/** A title sent by a studio encoder through `/admin/metadata`. */
export interface SourceMetadata {
  readonly type: 'source-metadata'
  readonly sourceId: string
  readonly title: string
}

/** Somebody wants to send to a source. Told again after each hello, and when more of the same kind have come; `id` is the same then. */
export interface SourceAttempts {
  readonly type: 'source-attempts'
  readonly items: readonly SourceAttempt[]
}

export interface SourceAttempt extends Omit<SourceAttemptRecord, 'atMs' | 'lastAtMs'> {
  readonly atSamples: number
  readonly lastSamples: number
}

/** First bytes of an urgent assignment have been written to all touched listeners. */
export interface CutDone {
  readonly type: 'cut-done'
  readonly orderId: string
  readonly listeners: number
  /** From arrival of the assignment to the last write, ms. */
  readonly elapsedMs: number
}

export interface FanOutStats {
  readonly type: 'fan-out-stats'
  readonly listenersByFormat: Readonly<Record<FormatId, number>>
  readonly bytesTotal: number
  readonly framesTotal: number
  readonly latenessBuckets: readonly number[]
  readonly latenessMaxMs: number
  /** Frames that came too late or never and were replaced by silence, counted once a room and format. */
  readonly gapFramesTotal: number
  readonly skipsTotal: number
  readonly cutsFrozenTotal: number
  readonly replacedTotal: number
  readonly refusedTotal: number
  /** Who hears by WHEP. */
  readonly monitors: number
  readonly monitorsRefusedTotal: number
  /** WebRTC workers that died by themselves. */
  readonly rtcWorkerDeathsTotal: number
  /** Rooms that users monitor here, which an engine must run although no cluster hears them. */
  readonly monitoredRooms: readonly RoomRef[]
  readonly cpuMsTotal: number
  readonly rssBytes: number
}

export type ControlToEngine = EngineState
/** Sessions that are announced in the network, from the engine that listens: all of them when it connects, then what is new, changed or gone. */
export interface Announcements {
  readonly type: 'announcements'
  /** What was said before holds no more. */
  readonly isAll: boolean
  readonly heard: readonly RtpAnnouncement[]
  /** Their `session`. */
  readonly gone: readonly string[]
}

export type EngineToControl = Hello | SourceStatus | EngineStats | Announcements | SourceSwitch
export type ControlToFanOut = FanOutState | Assign | FanOutUpdate | DropConnection | SpeakerMessages | LeaseAnswer | EnrolAnswer | RtpOutputs | MonitorAnswer | MonitorCut | TalkAnswer
export type FanOutToControl = Hello | Presence | SpeakerStatus | SpeakerAck | SpeakerLog | LeaseRequest | EnrolRequest | SourceMetadata | CutDone | FanOutStats | RtpStatus | SourceAttempts | MonitorRequest | MonitorsTold | TalkRequest
export type ControlToRecorder = RecorderState | RecorderKept | RecorderUnknown
export type RecorderToControl = Hello | RecorderTapes | RecorderFiles | RecorderStats
