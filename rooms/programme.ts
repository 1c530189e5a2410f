import type { Encoder } from '../codec/encoder.ts'
import type { FormatId } from '../codec/audio-format.ts'
import { FRAME_FLAG } from './frame-bus.ts'
import type { BusFrame } from './frame-bus.ts'
import { frameAtOrAfter, msToSamples } from './grid.ts'
import type { RoomRef } from './plan.ts'
import type { BlockRenderer } from './mixer.ts'

/** Sound goes through a programme in blocks of 20 ms: one Opus frame, and five of six complete an MP3 frame. */
export const BLOCK_SAMPLES = 960

/** An encoder that failed is opened again after this long, so that a broken one does not burn the core. */
const ENCODER_RETRY_SAMPLES = msToSamples(1000)

export interface ProgrammeOptions {
  readonly room: RoomRef
  readonly chain: BlockRenderer
  /** Opens an encoder; may throw. */
  readonly openEncoder: (format: FormatId) => Encoder
  /** An encoder nobody wants any more is kept this long, because listeners come back. */
  readonly encoderGraceMs: number
  readonly onEncoderFault: (format: FormatId, error: unknown) => void
}

/** One encoder and the frame it is waiting to fill. */
interface Feed {
  readonly format: FormatId
  encoder: Encoder | undefined
  pending: Float32Array
  filledSamples: number
  frameIndex: number
  flags: number
  /** No frame is begun before this house sample. */
  notBefore: number
  /** House sample at which the last one who wanted it left; undefined while wanted. */
  unwantedSince: number | undefined
}

/** One running chain: source and its fallbacks → blocks on the house grid → an encoder for each wanted format → frames. */
export class Programme {
  readonly room: RoomRef
  readonly #options: ProgrammeOptions
  readonly #feeds = new Map<FormatId, Feed>()
  readonly #block = new Float32Array(BLOCK_SAMPLES)
  #wanted: ReadonlySet<FormatId> = new Set()
  #nextSamples = -Infinity

  constructor(options: ProgrammeOptions) {
    this.room = options.room
    this.#options = options
  }

  /** Formats that somebody wants from now on. A new one begins at its next frame edge. */
  setWanted(formats: ReadonlySet<FormatId>): void {
    this.#wanted = formats
    for (const format of formats) {
      const feed = this.#feeds.get(format)
      if (feed !== undefined) feed.unwantedSince = undefined
      else this.#feeds.set(format, { format, encoder: undefined, pending: new Float32Array(0), filledSamples: 0, frameIndex: 0, flags: 0, notBefore: -Infinity, unwantedSince: undefined })
    }
  }

  /** Encoders open now, those in their grace time included. */
  get encoders(): number {
    let open = 0
    for (const feed of this.#feeds.values()) if (feed.encoder !== undefined) open++
    return open
  }

  get starvedTotal(): number {
    return this.#options.chain.starvedTotal
  }

  /**
   * Takes the block that begins at `fromSamples` through the chain and adds every frame it completes to `frames`. Blocks
   * come in order; after a hole each format begins again at its next edge.
   */
  render(fromSamples: number, frames: BusFrame[]): void {
    // Hot path: 50 times a second per programme.
    // It has come to a later phase of the tick, and has made this block in the earlier one.
    if (fromSamples < this.#nextSamples) return
    const flags = this.#options.chain.render(this.#block, fromSamples)
    const afterHole = fromSamples !== this.#nextSamples
    this.#nextSamples = fromSamples + BLOCK_SAMPLES
    for (const feed of this.#feeds.values()) {
      if (!this.#wanted.has(feed.format)) {
        feed.unwantedSince ??= fromSamples
        if (fromSamples - feed.unwantedSince >= msToSamples(this.#options.encoderGraceMs)) {
          feed.encoder?.close()
          this.#feeds.delete(feed.format)
          continue
        }
      }
      if (afterHole) feed.filledSamples = 0
      this.#fill(feed, fromSamples, flags, frames)
    }
  }

  /** Idempotent. */
  close(): void {
    for (const feed of this.#feeds.values()) feed.encoder?.close()
    this.#feeds.clear()
    this.#wanted = new Set()
  }

  #fill(feed: Feed, fromSamples: number, flags: number, frames: BusFrame[]): void {
    if (feed.encoder === undefined && !this.#open(feed, fromSamples)) return
    const frameSamples = feed.encoder!.format.frameSamples
    let offset = 0
    if (feed.filledSamples === 0) {
      feed.frameIndex = frameAtOrAfter(fromSamples, frameSamples)
      offset = feed.frameIndex * frameSamples - fromSamples
    }
    while (offset < BLOCK_SAMPLES) {
      // A fade stands at the start of its block (in) or at its end (out); every frame with part of the block is marked.
      feed.flags |= flags
      const take = Math.min(frameSamples - feed.filledSamples, BLOCK_SAMPLES - offset)
      if (take === frameSamples && take === BLOCK_SAMPLES) {
        if (!this.#encode(feed, this.#block, frames)) return
      } else {
        feed.pending.set(this.#block.subarray(offset, offset + take), feed.filledSamples)
        feed.filledSamples += take
        if (feed.filledSamples === frameSamples && !this.#encode(feed, feed.pending, frames)) return
      }
      offset += take
    }
  }

  #open(feed: Feed, fromSamples: number): boolean {
    if (fromSamples < feed.notBefore) return false
    try {
      feed.encoder = this.#options.openEncoder(feed.format)
    } catch (error) {
      this.#fail(feed, fromSamples, error)
      return false
    }
    feed.pending = new Float32Array(feed.encoder.format.frameSamples)
    feed.filledSamples = 0
    feed.flags = 0
    return true
  }

  #encode(feed: Feed, pcm: Float32Array, frames: BusFrame[]): boolean {
    try {
      frames.push({ room: this.room, format: feed.format, frameIndex: feed.frameIndex, flags: feed.flags & (FRAME_FLAG.BRIDGED | FRAME_FLAG.FADE), data: feed.encoder!.encode(pcm) })
    } catch (error) {
      this.#fail(feed, this.#nextSamples, error)
      return false
    }
    feed.frameIndex++
    feed.filledSamples = 0
    feed.flags = 0
    return true
  }

  #fail(feed: Feed, nowSamples: number, error: unknown): void {
    feed.encoder?.close()
    feed.encoder = undefined
    feed.filledSamples = 0
    feed.notBefore = nowSamples + ENCODER_RETRY_SAMPLES
    this.#options.onEncoderFault(feed.format, error)
  }
}
