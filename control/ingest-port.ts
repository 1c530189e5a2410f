import { ORDER_CLASSES, type OrderClass } from './records.ts'
import type { Page, PageQuery } from './store-port.ts'

/** Which right a key of a source stands for: a higher one takes the place of a lower one also while the source is on the air. */
export type KeyClass = OrderClass
export const KEY_CLASSES: readonly KeyClass[] = ORDER_CLASSES

/** When a source that something sends to lets anybody in. */
export interface IngestRules {
  /** `window`: only while an order that uses it is on the air, and for some time before and after. */
  readonly acceptsFrom: 'always' | 'window'
  readonly leadTimeMs: number
  readonly tailMs: number
  /** `keyTag` of keys that were taken back: whoever came with them is cut. The newest last. */
  readonly revokedKeyTags: readonly string[]
}

export const DEFAULT_INGEST_RULES: IngestRules = { acceptsFrom: 'always', leadTimeMs: 600_000, tailMs: 60_000, revokedKeyTags: [] }

/** A key says by this who it is, where it must not be told itself. @param keyHash SHA-256, base64url */
export const keyTag = (keyHash: string): string => keyHash.slice(0, 16)

/** What an operator has chosen of a source with hot standby. `force`: also while something is wrong with it. */
export interface PinnedInput {
  readonly inputSourceId: string
  readonly force: boolean
}

export interface StandbyInputInfo {
  readonly sourceId: string
  readonly state: 'idle' | 'connecting' | 'live' | 'silent' | 'fallback' | 'down'
  /** What is wrong with what it brings, such as `silence`; null: nothing. */
  readonly fault: string | null
  /** For how long it has brought good sound without a break; 0: it does not. */
  readonly goodForMs: number
  readonly peakDbfs: number
  readonly rmsDbfs: number
  /** Over the connection that there is; null: it is not counted. */
  readonly receivedBytes: number | null
  readonly reason: string
}

/** How a source with hot standby is. */
export interface StandbyStatusInfo {
  /** The input that sounds; null: none has yet. */
  readonly inputSourceId: string | null
  /** By rank. */
  readonly inputs: readonly StandbyInputInfo[]
}

export const SWITCH_CAUSES = ['start', 'no-sound', 'fault', 'return', 'manual'] as const

/** A source with hot standby has taken another input. */
export interface SourceSwitchRecord {
  readonly id: string
  readonly sourceId: string
  readonly atMs: number
  /** Null: nothing had sounded before. */
  readonly fromInputId: string | null
  readonly toInputId: string
  readonly cause: (typeof SWITCH_CAUSES)[number]
  /** What was wrong with the one before, or ''. */
  readonly detail: string
  /** Silence between the last sound of the one and the first of the other, by count of samples. */
  readonly gapMs: number
}

/** A key beside the one that the source itself has. */
export interface SourceKeyRecord {
  readonly id: string
  readonly sourceId: string
  readonly label: string
  readonly class: KeyClass
  readonly keyHash: string
  readonly createdAtMs: number
  /** First ms at which it opens nothing; null: it has no end. */
  readonly expiresAtMs: number | null
  /** It was the source's own key and goes on for a while. */
  readonly isReplaced: boolean
  readonly lastUsedAtMs: number | null
}

export interface SourceKeyStore {
  insert(key: SourceKeyRecord): SourceKeyRecord
  get(id: string): SourceKeyRecord | undefined
  remove(id: string): boolean
  /** Oldest first. */
  list(sourceId: string, page: PageQuery): Page<SourceKeyRecord>
  /** Of all sources; those that are over are left out. */
  valid(nowMs: number): readonly SourceKeyRecord[]
  ofSource(sourceId: string): readonly SourceKeyRecord[]
  /** Never back in time. */
  used(id: string, atMs: number): void
}

/** The sources into which people speak from the console: each has one of his own for each unit. They go with their source. */
export interface MicrophoneStore {
  /** @param unitId null: the whole tree */
  sourceOf(actorId: string, unitId: string | null): string | undefined
  put(actorId: string, unitId: string | null, sourceId: string): void
  /** All of his, wherever they are. */
  ofActor(actorId: string): readonly string[]
  /** @param credentialId the session or token with which the key was asked for */
  keyGiven(keyId: string, credentialId: string): void
  /** Keys that are still there. */
  keysOf(credentialId: string): readonly string[]
}

/** Most that are kept of one source; the oldest go. */
export const MOST_SWITCHES_KEPT = 1000
export const MOST_ATTEMPTS_KEPT = 1000

export interface SourceSwitchStore {
  /** What is there under the id stays. @returns whether it is new */
  put(record: SourceSwitchRecord): boolean
  /** Newest first. */
  list(sourceId: string, page: PageQuery): Page<SourceSwitchRecord>
  /** The input that each source took last. */
  lastInputs(): ReadonlyMap<string, string>
}

/** `free`: nobody was there. */
export const ATTEMPT_REASONS = ['free', 'took-over', 'key-missing', 'key-wrong', 'key-revoked', 'busy', 'on-air', 'outside-window', 'no-engine', 'not-sound'] as const
export type AttemptReason = (typeof ATTEMPT_REASONS)[number]

/** Somebody wanted to send to a source. The same from the same address within a minute is one. */
export interface SourceAttemptRecord {
  readonly id: string
  readonly sourceId: string
  readonly atMs: number
  readonly lastAtMs: number
  readonly count: number
  readonly protocol: 'icecast' | 'whip' | 'rtmp'
  readonly accepted: boolean
  readonly reason: AttemptReason
  /** Null: the source's own key, or none that is known. */
  readonly keyId: string | null
  readonly keyClass: KeyClass | null
  /** '': of many addresses. */
  readonly remoteAddress: string
  readonly userAgent: string
}

export interface SourceAttemptStore {
  /** Under an id that is there: the later time and the greater count stay. */
  put(record: SourceAttemptRecord): void
  /** Newest first. */
  list(sourceId: string, page: PageQuery): Page<SourceAttemptRecord>
  /** How many wrong keys each source was tried with since then. */
  wrongKeysSince(ms: number): readonly { readonly sourceId: string; readonly count: number }[]
}
