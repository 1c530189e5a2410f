import type { OrderRecord } from '../records.ts'
import type { Page, PageQuery, Within } from '../store-port.ts'
import type { Readable } from 'node:stream'

/** `live`: studios, phones, browsers and whatever else is no relay; `tone`: what is kept ready encoded, such as the attention tone. */
export const RECORDING_KINDS = ['live', 'relay', 'clips', 'tone'] as const
export type RecordingKind = (typeof RECORDING_KINDS)[number]

/** `low`: a proof that it was on air, at a low bit rate. */
export const RECORDING_MODES = ['full', 'low'] as const
export type RecordingMode = (typeof RECORDING_MODES)[number]

/** Places on the house clock: samples at 48 kHz, the end exclusive. */
export interface HouseSpan {
  readonly fromSamples: number
  readonly untilSamples: number
}

/** One file: what one room sounded like, without a break, for an hour at most. */
export interface RecordingRecord extends HouseSpan {
  readonly id: string
  /** The room it was recorded in (rooms/plan.ts). */
  readonly room: string
  readonly kind: RecordingKind
  readonly mode: RecordingMode
  readonly format: string
  readonly sourceId: string | null
  /** Of clips and tones; a source may have played for several orders. */
  readonly orderId: string | null
  /** Of the order for which it was begun. */
  readonly class: OrderRecord['class']
  readonly title: string
  /** Path in the folder of recordings. */
  readonly file: string
  readonly fromMs: number
  readonly untilMs: number
  readonly bytes: number
  /** What is missing in it: frames that did not come, or that could not be kept. */
  readonly gaps: readonly HouseSpan[]
  readonly isOpen: boolean
  /** Of the file, hexadecimal, once it is closed. */
  readonly sha256: string | null
}

/** Somebody said that it must not be removed. */
export interface RecordingHold {
  readonly atMs: number
  /** Id of the token or user. */
  readonly by: string
  readonly name: string
  readonly reason: string
}

export interface KeptRecording extends RecordingRecord {
  readonly hold: RecordingHold | null
}

/** When clusters of a unit heard a room for an order: what of a recording is theirs. */
export interface RecordingSpan extends HouseSpan {
  readonly room: string
  readonly orderId: string
  readonly unitId: string
  readonly class: OrderRecord['class']
  readonly title: string
  /** The end is only planned. */
  readonly isOpen: boolean
}

export interface RecordingFilter {
  /** Heard in these units and below them. */
  readonly within?: Within
  /** Heard in this unit or below it. */
  readonly unitId?: string
  readonly orderId?: string
  readonly sourceId?: string
  readonly class?: OrderRecord['class']
  readonly fromMs?: number
  readonly toMs?: number
}

export interface RecordingUsage {
  readonly recordings: number
  readonly bytes: number
  readonly heldBytes: number
}

export interface RecordingStore {
  /** Makes or replaces it; a hold stays. */
  put(recording: RecordingRecord): void
  get(id: string): KeptRecording | undefined
  /** Those that are taken for open. */
  open(): readonly KeptRecording[]
  hold(id: string, hold: RecordingHold | null): void
  remove(id: string): boolean
  /** Newest first. */
  list(page: PageQuery, filter: RecordingFilter): Page<KeptRecording>
  /** Of one room, those that overlap the time, oldest first. */
  ofRoom(room: string, span: HouseSpan): readonly KeptRecording[]
  /** Closed and not held, that ended after and before these times; oldest first. */
  removable(afterMs: number, beforeMs: number, most: number): readonly KeptRecording[]
  /** The same, of any age, those of emergencies last. */
  oldest(most: number): readonly KeptRecording[]
  /** Makes it, or replaces the one with the same room, order, unit and beginning. */
  putSpan(span: RecordingSpan): void
  openSpans(): readonly RecordingSpan[]
  /** Of one room, those that overlap the time, oldest first. */
  spansOf(room: string, span: HouseSpan): readonly RecordingSpan[]
  /** Oldest first. */
  spansOfOrder(orderId: string): readonly RecordingSpan[]
  /** Those that ended by then and of which there is no recording any more. @returns how many were removed */
  removeSpansUntil(samples: number): number
  usage(): RecordingUsage
  /** By the unit that heard them; what several units heard counts for each. */
  usageByUnit(): readonly (RecordingUsage & { readonly unitId: string })[]
  /** Days that units say of their own; 0: for ever. */
  keepDays(): ReadonlyMap<string, number>
  /** Null takes away what was said. */
  putKeepDays(unitId: string, days: number | null): void
}

/** Part of a file: frames that lie in the span. */
export interface RecordingPiece extends HouseSpan {
  readonly file: string
}

/** Sound made of pieces of recordings. */
export interface RecordingSound {
  /** Of the whole, bytes. */
  readonly bytes: number
  /** @param untilByte exclusive */
  read(fromByte: number, untilByte: number): Readable
}

/** Where the files lie. Errors are those of the file system. */
export interface RecordingFolder {
  /** The whole file. @returns undefined when it is not there */
  whole(file: string): Promise<RecordingSound | undefined>
  /** A file of its own with the frames of the pieces, at their places on the house clock; between them silence is concealed. */
  cut(pieces: readonly RecordingPiece[], title: string): Promise<RecordingSound>
  /** Idempotent. */
  remove(file: string): Promise<void>
}

/** `fault`: what is wrong with recording; null: nothing, or it is switched off. */
export interface RecorderStatus {
  readonly fault: { readonly kind: 'full' | 'write' | 'slow' | 'gone'; readonly message: string } | null
}

/** What records. */
export interface RecorderBroadcast {
  readonly status: RecorderStatus
  /** Whether nothing may be recorded although there is space on the disk: what fills the quota may not be removed. */
  setFull(isFull: boolean): void
}
