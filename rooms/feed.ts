import type { AudioFormat } from '../codec/audio-format.ts'
import { FrameRing } from './frame-ring.ts'
import type { BusFrame } from './frame-bus.ts'
import { frameAtOrAfter } from './grid.ts'
import { parseRoom, type RoomRef } from './plan.ts'

/** Port: sound that is encoded before anybody needs it, so that a cut depends on no encoder. */
export interface PreparedSounds {
  /** Frames of silence, repeated for ever. At least one. */
  silence(format: AudioFormat): readonly Buffer[]
  /** Frames of a tone, or undefined when there is no such tone. */
  tone(name: string, format: AudioFormat): readonly Buffer[] | undefined
}

/** The sound of one room in one format, as this process has it. */
export interface Feed {
  readonly room: RoomRef
  readonly format: AudioFormat
  /** True when an engine must send it. */
  readonly needsEngine: boolean
  has(frameIndex: number): boolean
  /** Not here, and may still come: an engine sends its frames in order. */
  isAwaited(frameIndex: number): boolean
  /** The frame, or silence in its place when it is not here. */
  frame(frameIndex: number): { readonly data: Buffer; readonly flags: number }
  put(frame: BusFrame): boolean
}

/** @param ringMs how much of an engine's room is kept. */
export function createFeed(room: RoomRef, format: AudioFormat, sounds: PreparedSounds, ringFrames: number): Feed {
  const parsed = parseRoom(room)
  const silence = new SilenceFeed(room, format, sounds.silence(format))
  switch (parsed?.kind) {
    case 'source':
    case 'clips':
    case 'jingle':
    case 'mix':
      return new EngineFeed(room, format, silence, ringFrames)
    case 'tone': {
      const frames = sounds.tone(parsed.name, format)
      return frames === undefined ? silence : new ToneFeed(room, format, silence, frames, parsed.anchorSamples)
    }
    case 'silence':
    case undefined:
      return silence
  }
}

class SilenceFeed implements Feed {
  readonly needsEngine = false
  readonly room: RoomRef
  readonly format: AudioFormat
  readonly #frames: readonly { data: Buffer; flags: number }[]

  constructor(room: RoomRef, format: AudioFormat, frames: readonly Buffer[]) {
    this.room = room
    this.format = format
    this.#frames = frames.map((data) => ({ data, flags: 0 }))
  }

  has(): boolean {
    return true
  }

  isAwaited(): boolean {
    return false
  }

  frame(frameIndex: number): { data: Buffer; flags: number } {
    return this.#frames[frameIndex % this.#frames.length]!
  }

  put(): boolean {
    return false
  }
}

/** Starts with its first frame at the first edge at or after its anchor; silence before and afterwards. */
class ToneFeed implements Feed {
  readonly needsEngine = false
  readonly room: RoomRef
  readonly format: AudioFormat
  readonly #silence: SilenceFeed
  readonly #frames: readonly { data: Buffer; flags: number }[]
  readonly #first: number

  constructor(room: RoomRef, format: AudioFormat, silence: SilenceFeed, frames: readonly Buffer[], anchorSamples: number) {
    this.room = room
    this.format = format
    this.#silence = silence
    this.#frames = frames.map((data) => ({ data, flags: 0 }))
    this.#first = frameAtOrAfter(anchorSamples, format.frameSamples)
  }

  has(): boolean {
    return true
  }

  isAwaited(): boolean {
    return false
  }

  frame(frameIndex: number): { data: Buffer; flags: number } {
    return this.#frames[frameIndex - this.#first] ?? this.#silence.frame(frameIndex)
  }

  put(): boolean {
    return false
  }
}

class EngineFeed implements Feed {
  readonly needsEngine = true
  readonly room: RoomRef
  readonly format: AudioFormat
  readonly #silence: SilenceFeed
  readonly #ring: FrameRing

  constructor(room: RoomRef, format: AudioFormat, silence: SilenceFeed, ringFrames: number) {
    this.room = room
    this.format = format
    this.#silence = silence
    this.#ring = new FrameRing(ringFrames)
  }

  has(frameIndex: number): boolean {
    return this.#ring.get(frameIndex) !== undefined
  }

  isAwaited(frameIndex: number): boolean {
    return frameIndex > this.#ring.newest
  }

  frame(frameIndex: number): { data: Buffer; flags: number } {
    return this.#ring.get(frameIndex) ?? this.#silence.frame(frameIndex)
  }

  put(frame: BusFrame): boolean {
    return this.#ring.put(frame)
  }
}
