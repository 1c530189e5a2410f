import type { AlertKind, Hazard, RiskLevel } from '../alerts/alert-port.ts'
import type { OrderClass, Targets } from '../records.ts'
import type { Page, PageQuery, Within } from '../store-port.ts'

export const PHONE_LANGUAGES = ['vi', 'en'] as const
export type PhoneLanguage = (typeof PHONE_LANGUAGES)[number]

/** How somebody proves himself by the keys of a telephone. */
export interface PhonePinRecord {
  readonly userId: string
  /** What he keys before his PIN: four digits, unique, given by the server. */
  readonly number: string
  /** Argon2id, as passwords have it. */
  readonly pinHash: string
  /** In whose name he calls: its keys are his. */
  readonly unitId: string
  readonly language: PhoneLanguage
  /** Whether a code of his authenticator is asked for after the PIN. */
  readonly needsCode: boolean
  /** Numbers from which he usually calls, as `callerNumber` writes them: they prove nothing, but a flood of wrong PINs does not hold them up. */
  readonly callerIds: readonly string[]
  readonly changedAtMs: number
}

export interface PhonePinStore {
  /** In the place of the one that the user had. */
  put(pin: PhonePinRecord): PhonePinRecord
  remove(userId: string): boolean
  get(userId: string): PhonePinRecord | undefined
  byNumber(number: string): PhonePinRecord | undefined
  /** Numbers that are given. */
  numbers(): readonly string[]
}

/** By what wrong tries are counted: a number from a line, a line, a number, a number from allowed switchboards; `known`: a number came in from this line. */
export type PhoneTryKind = 'pair' | 'line' | 'number' | 'peer-number' | 'known'

export interface PhoneTally {
  readonly failures: number
  readonly lastMs: number
  /** 0: it is not locked. */
  readonly lockedUntilMs: number
}

export interface PhoneTryStore {
  /** In the place of the one that there was. */
  put(kind: PhoneTryKind, id: string, tally: PhoneTally): void
  get(kind: PhoneTryKind, id: string): PhoneTally | undefined
  remove(kind: PhoneTryKind, id: string): void
  /** Forgets what was neither tried nor locked since `triedBeforeMs`, lines that nobody came in from since `knownBeforeMs`, and the oldest of each kind beyond `most`. */
  trim(rules: { readonly triedBeforeMs: number; readonly knownBeforeMs: number; readonly most: number }): void
}

/** What a caller says with his own voice, or what the server says for him. */
export type PhoneContent =
  /** Through a source of the kind `phone`. */
  | { readonly kind: 'live'; readonly sourceId: string }
  | { readonly kind: 'template'; readonly templateId: string; readonly slots: Readonly<Record<string, string>> }

/** What is behind a key from 1 to 9, for a unit or for one person of it. */
export interface PhoneKeyRecord {
  readonly id: string
  readonly unitId: string
  /** Null: of everybody who calls in the name of the unit. His own go before those. */
  readonly userId: string | null
  readonly key: string
  /** Spoken. */
  readonly name: string
  readonly targets: Targets
  readonly class: OrderClass
  /** Of an emergency, which is an alert; null: of what is none. */
  readonly alert: { readonly kind: AlertKind; readonly hazard: Hazard; readonly level: RiskLevel } | null
  readonly content: PhoneContent
  /** Longest time on the air of what is live; of a template how long it is in force, null: as the template says. */
  readonly mostMs: number | null
  /** When the call ends without a word: what is live stops, or goes on with the fallback of its source until its own end. */
  readonly onHangUp: 'stop' | 'keep'
  readonly createdAtMs: number
}

export interface PhoneKeyFilter {
  readonly unitId?: string
  readonly within?: Within
}

/** One of a key for each unit and person. @throws StoreError STORE_ERR_CONFLICT of `phone_keys.key` */
export interface PhoneKeyStore {
  insert(key: PhoneKeyRecord): PhoneKeyRecord
  replace(key: PhoneKeyRecord): PhoneKeyRecord | undefined
  remove(id: string): boolean
  get(id: string): PhoneKeyRecord | undefined
  /** Of the unit itself: for everybody, and for this person. */
  of(unitId: string, userId: string): readonly PhoneKeyRecord[]
  list(page: PageQuery, filter: PhoneKeyFilter): Page<PhoneKeyRecord>
}

export const PHONE_CALL_STATES = ['identifying', 'choosing', 'waiting', 'on-air', 'done', 'ended'] as const
/** done: what it put on the air is over, or goes on without the caller, who is still there. */
export type PhoneCallState = (typeof PHONE_CALL_STATES)[number]

/** A call that was answered. */
export interface PhoneCallRecord {
  readonly id: string
  /** As the network gave it: for people to read, never to be trusted. */
  readonly callerId: string
  readonly remoteAddress: string
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly state: PhoneCallState
  /** Null: nobody has proved who he is. */
  readonly userId: string | null
  readonly userName: string | null
  readonly unitId: string | null
  /** The last that was chosen. */
  readonly keyId: string | null
  readonly keyName: string | null
  readonly orderId: string | null
  readonly alertId: string | null
  readonly wrongTries: number
  /** Why it ended; '' while it has not. */
  readonly result: string
  readonly recording: PhoneRecordingInfo | null
}

export interface PhoneRecordingInfo {
  readonly durationMs: number
  readonly sizeBytes: number
}

export interface PhoneCallFilter {
  readonly live?: boolean
  readonly userId?: string
  readonly within?: Within
}

export interface PhoneCallStore {
  insert(call: PhoneCallRecord): PhoneCallRecord
  replace(call: PhoneCallRecord): PhoneCallRecord
  get(id: string): PhoneCallRecord | undefined
  /** Oldest first. */
  live(): readonly PhoneCallRecord[]
  /** Newest first. */
  list(page: PageQuery, filter: PhoneCallFilter): Page<PhoneCallRecord>
  /** Those that have a recording, oldest first. */
  recorded(): readonly PhoneCallRecord[]
  /** Of calls in which nobody proved who he is, all but so many of the newest. @returns how many went */
  trimUnknown(kept: number): number
}

/** Files of recordings, by the ids of their calls. */
export interface PhoneRecordings {
  path(callId: string): string
  /** Bytes; null: there is none. */
  size(callId: string): number | null
  remove(callId: string): Promise<void>
}

// ── What the dialogue of a call asks, and what it is told ────────────────────────────────────────────

export type PhoneQuestion =
  | { readonly kind: 'identify'; readonly number: string; readonly pin: string }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'choose'; readonly key: string }
  | { readonly kind: 'start' }
  /** What was chosen is not wanted. */
  | { readonly kind: 'withdraw' }
  /** What is live is over. */
  | { readonly kind: 'finish' }
  /** What the server says is taken back. */
  | { readonly kind: 'cancel' }

/** For which reason nothing comes of it. */
export type PhoneRefusal = 'no-right' | 'no-keys' | 'not-available' | 'busy' | 'policy' | 'failed'

/** Where the caller's sound goes. */
export interface PhoneAir {
  readonly sourceId: string
  /** Number of the engine that runs the source. */
  readonly engine: number
}

export interface PhoneOnAir {
  readonly kind: 'on-air'
  /** What comes before him lasts so long. */
  readonly speakInMs: number
  /** Null: the server speaks for him. */
  readonly air: PhoneAir | null
  /** His order ends then. */
  readonly endsInMs: number
}

export interface PhoneSummary {
  readonly name: string
  readonly content: PhoneContent['kind']
  readonly class: OrderClass
  readonly alertKind: AlertKind | null
  readonly level: RiskLevel | null
  readonly clusters: number
  readonly online: number
}

export type PhoneAnswer =
  | { readonly kind: 'known'; readonly name: string; readonly language: PhoneLanguage; readonly keys: readonly { readonly key: string; readonly name: string }[] }
  | { readonly kind: 'code-needed' }
  | { readonly kind: 'wrong' }
  /** Too often wrong, here or elsewhere. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'refused'; readonly why: PhoneRefusal }
  | { readonly kind: 'chosen'; readonly summary: PhoneSummary }
  /** Another person must confirm it: these may. */
  | { readonly kind: 'waits'; readonly names: readonly string[]; readonly waitMs: number }
  | PhoneOnAir
  | { readonly kind: 'done' }

/** What a dialogue is told without having asked. */
export type PhoneNotice =
  /** The other person has confirmed. */
  | PhoneOnAir
  /** What it put on the air, or waited for, is over. */
  | { readonly kind: 'over'; readonly why: 'stopped' | 'refused' | 'expired' | 'taken-over' | 'handed-over' }
  | { readonly kind: 'hang-up' }

/** How the accounts and the listener are. */
export interface PhoneLines {
  readonly accounts: readonly { readonly uri: string; readonly state: 'registered' | 'registering' | 'refused' | 'unreachable'; readonly reason: string }[]
  readonly calls: number
  readonly refusedTotal: number
}

/** The process that takes calls, as control sees it. */
export interface PhoneExchange {
  /** Null: no such process is connected. */
  lines(): PhoneLines | null
  /** Whether calls are taken here at all. */
  readonly configured: boolean
  notice(callId: string, notice: PhoneNotice): void
  /** Number of the engine that runs a source. */
  engineOfSource(sourceId: string): number
}
