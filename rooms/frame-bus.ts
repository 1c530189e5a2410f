import type { FormatId } from '../codec/audio-format.ts'
import type { RoomRef } from './plan.ts'

/** Bits of `BusFrame.flags`. */
export const FRAME_FLAG = {
  /** The source starved; this frame carries the bridge to silence, or silence. */
  BRIDGED: 1,
  /** First frame of a fade-in or last of a fade-out. */
  FADE: 2,
} as const

/** One encoded frame on its way from an engine to the fan-outs. */
export interface BusFrame {
  readonly room: RoomRef
  readonly format: FormatId
  /** Place on the grid: the frame covers house samples [frameIndex × frameSamples, (frameIndex + 1) × frameSamples). */
  readonly frameIndex: number
  readonly flags: number
  /** Raw MP3 frame or Opus packet. Shared, never changed. */
  readonly data: Buffer
}

/** What a fan-out tells the engines it wants; replaces what it said before. */
export interface Interest {
  readonly room: RoomRef
  readonly format: FormatId
}

/** Engine's end of the bus. Left out on purpose: acknowledgement and replay; a frame that comes late is worthless. */
export interface FramePublisher {
  /** Sends the frames of one tick as one batch to every subscriber that wants them. Never waits. */
  publish(frames: readonly BusFrame[]): void
  /** Called when the union of what subscribers want has changed. */
  onInterest(listener: (interests: readonly Interest[]) => void): void
  close(): Promise<void>
}

/** Fan-out's end of the bus. Reconnects by itself and repeats its interest. */
export interface FrameSubscriber {
  setInterest(interests: readonly Interest[]): void
  /** Called with each batch as it comes. */
  onFrames(listener: (frames: readonly BusFrame[]) => void): void
  close(): Promise<void>
}
