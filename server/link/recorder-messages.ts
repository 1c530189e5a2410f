import type { FormatId } from '../../codec/audio-format.ts'
import type { RecordingKind, RecordingMode } from '../../control/ports.ts'
import type { OrderClass, RoomRef } from '../../rooms/plan.ts'

/** Messages between control and the recorder; part of messages.ts. */

/** House samples from `fromSamples` up to `untilSamples`, exclusive. */
export interface SampleSpan {
  readonly fromSamples: number
  readonly untilSamples: number
}

/** What is written beside the sound, in the index and in the file itself. */
export interface TapeSubject {
  readonly room: RoomRef
  /** An Opus format. */
  readonly format: FormatId
  readonly mode: RecordingMode
  readonly kind: RecordingKind
  readonly sourceId: string | null
  /** The one order of clips and tones; a source may play for several. */
  readonly orderId: string | null
  readonly class: OrderClass
  readonly title: string
}

/** A room that is on air at some cluster, now or soon. */
export interface RecorderRoom extends TapeSubject {
  readonly windows: readonly SampleSpan[]
}

/** control → recorder. Everything that is to be recorded from `atSamples` on; what was said for the time before it stays. */
export interface RecorderState {
  readonly type: 'recorder-state'
  readonly atSamples: number
  readonly rooms: readonly RecorderRoom[]
  /** The quota is used up, and nothing may be removed: nothing is written until it is said otherwise. */
  readonly isFull: boolean
}

/** control → recorder. These stand in the index as they are now; their files get their final names. */
export interface RecorderKept {
  readonly type: 'recorder-kept'
  readonly ids: readonly string[]
}

/** recorder → control. Whole files that lie in its folder; asked again until it is answered. */
export interface RecorderFiles {
  readonly type: 'recorder-files'
  readonly files: readonly string[]
}

/** control → recorder. Of the files that were asked about, those that are not in the index: it is told what is in them as of any file that is closed. */
export interface RecorderUnknown {
  readonly type: 'recorder-unknown'
  readonly files: readonly string[]
}

/** One file, as it is now. */
export interface TapeReport extends TapeSubject, SampleSpan {
  readonly id: string
  /** Path within the folder of recordings. */
  readonly file: string
  readonly bytes: number
  /** House samples of frames that did not come, or could not be written. */
  readonly gaps: readonly SampleSpan[]
  readonly isOpen: boolean
  /** Of the whole file, hexadecimal, once it is closed. */
  readonly sha256: string | null
}

/** recorder → control. Repeated until control has said that it keeps what is closed. */
export interface RecorderTapes {
  readonly type: 'recorder-tapes'
  /** No other file is open: whatever else the index takes for open is no more. */
  readonly isAll: boolean
  readonly tapes: readonly TapeReport[]
}

/** `full`: too little space is left, or the quota is used up; `write`: the disk refuses; `slow`: it takes too long, and frames were dropped. */
export type RecorderFaultKind = 'full' | 'write' | 'slow'

/** recorder → control, every second. */
export interface RecorderStats {
  readonly type: 'recorder-stats'
  readonly openTapes: number
  readonly framesTotal: number
  readonly bytesTotal: number
  /** Frames that did not come in time, counted when the next one came. */
  readonly missingFramesTotal: number
  /** Frames that could not be kept: the disk was too slow, full or broken. */
  readonly droppedFramesTotal: number
  /** Of the disk with the recordings; null: not measured yet. */
  readonly freeBytes: number | null
  readonly fault: { readonly kind: RecorderFaultKind; readonly message: string } | null
  readonly cpuMsTotal: number
  readonly rssBytes: number
}
