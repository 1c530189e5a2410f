import { OPUS_FRAME_SAMPLES } from '../audio-format.ts'
import { MAX_PAGE_SEGMENTS, opusHeaderPages, opusPageOf, segmentsOf, type OpusTags } from './opus-page.ts'
import { parseOpusTags } from './opus-packet-reader.ts'
import { OggPageParser, type OggPage } from './page-parser.ts'

/**
 * Ogg Opus files of frames of 20 ms, each at its place on the house clock: granule positions as in opus-page.ts, a page for each second of that clock.
 * A frame that is missing has a packet all the same (RFC 7845, 4.1), so that files have no holes and what is missing can be found in them.
 */

/** A page ends where a second of the house clock does: so much is lost of a file whose writer is killed. */
const PAGE_FRAMES = 50

/** CELT, full band, 20 ms, mono, one frame (RFC 6716, 3.1): what the encoder makes while nothing is expected to be lost. */
const PLAIN_TOC = 0xf8
/** Of the TOC byte: configuration and channels, without how many frames. */
const TOC_MODE = 0xfc

/** Stands for a frame that is not there, after `before`: its first byte alone, which tells the decoder to conceal the loss (RFC 6716, 3.2.1). */
export const missingPacket = (before?: Uint8Array): Buffer => Buffer.from([(before?.[0] ?? PLAIN_TOC) & TOC_MODE])

/** Whether the packet only stands for a frame that is not there; an encoder without DTX makes none so short. */
export const isMissing = (packet: Uint8Array): boolean => packet.length <= 1

export interface OpusFrame {
  readonly frameIndex: number
  readonly packet: Buffer
}

/** Makes the bytes of a file; where they go is its user's business. */
export class OpusFileWriter {
  readonly head: Buffer
  #first: number
  #pending: Uint8Array[] = []
  #segments = 0
  #sequence = 2
  #last: Uint8Array | undefined

  /**
   * @param firstFrameIndex the file's first frame has this place.
   * @param preSkipSamples the encoder's `delaySamples`.
   */
  constructor(firstFrameIndex: number, preSkipSamples: number, tags: OpusTags) {
    this.#first = firstFrameIndex
    this.head = opusHeaderPages(preSkipSamples, tags)
  }

  /** Index of the frame that is to come next. */
  get nextFrameIndex(): number {
    return this.#first + this.#pending.length
  }

  /**
   * Takes the next frame.
   * @param packet left out: it is missing.
   * @returns a page that is whole now. The newest packet is held back, because the last page of a file must say that it is.
   */
  add(packet: Uint8Array = missingPacket(this.#last)): Buffer | undefined {
    const isFull = this.#pending.length > 0 && (this.nextFrameIndex % PAGE_FRAMES === 0 || this.#segments + segmentsOf(packet) > MAX_PAGE_SEGMENTS)
    const page = isFull ? this.#page(false) : undefined
    this.#pending.push(packet)
    this.#segments += segmentsOf(packet)
    this.#last = packet
    return page
  }

  /** @returns the last page; undefined when the file has no frame. */
  end(): Buffer | undefined {
    return this.#pending.length === 0 ? undefined : this.#page(true)
  }

  #page(isLast: boolean): Buffer {
    const page = opusPageOf(this.#pending, this.#first, this.#sequence, isLast)
    this.#first += this.#pending.length
    this.#sequence += 1
    this.#pending = []
    this.#segments = 0
    return page
  }
}

/** Reads such a file, fed in chunks of any size. Frames are good until the callback returns. */
export class OpusFileReader {
  readonly #pages: OggPageParser
  readonly #onFrame: (frame: OpusFrame) => void
  #goodBytes = 0
  #headers = 0
  #tags: ReadonlyMap<string, string> = new Map()

  constructor(onFrame: (frame: OpusFrame) => void) {
    this.#onFrame = onFrame
    this.#pages = new OggPageParser((page) => { this.#page(page) })
  }

  /** Up to here the file is whole pages, from its first byte on. */
  get goodBytes(): number {
    return this.#goodBytes
  }

  /** What the file says of itself. */
  get tags(): ReadonlyMap<string, string> {
    return this.#tags
  }

  push(chunk: Uint8Array): void {
    this.#pages.push(chunk)
  }

  #page(page: OggPage): void {
    if (this.#pages.garbageBytes === 0) this.#goodBytes += page.bytes.length
    if (this.#headers < 2) {
      if (this.#headers === 1) this.#tags = parseOpusTags(page.body) ?? new Map()
      this.#headers += 1
      return
    }
    if (page.granule === undefined) return
    const lengths = packetLengths(page.lacing)
    let frameIndex = page.granule / OPUS_FRAME_SAMPLES - lengths.length
    let at = 0
    for (const length of lengths) {
      this.#onFrame({ frameIndex, packet: page.body.subarray(at, at + length) })
      frameIndex += 1
      at += length
    }
  }
}

/** No packet of our files goes over the end of its page. */
function packetLengths(lacing: Buffer): number[] {
  const lengths: number[] = []
  let length = 0
  for (const segmentBytes of lacing) {
    length += segmentBytes
    if (segmentBytes === 255) continue
    lengths.push(length)
    length = 0
  }
  return lengths
}
