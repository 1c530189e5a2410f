import { ByteWindow } from './byte-window.ts'
import type { Mp3Header } from './mp3-header.ts'
import { MP3_HEADER_BYTES, MP3_MAX_FRAME_BYTES, parseMp3Header, sameMp3Stream } from './mp3-header.ts'

export interface Mp3Frame {
  readonly header: Mp3Header
  /** The whole frame. A view: good until the callback returns; copy what is kept. */
  readonly bytes: Buffer
  /** Where the side information begins in `bytes`. */
  readonly sideInfoOffset: number
  /** How many bytes before this frame its sound begins: above 0 it leans on the bit reservoir and cannot stand alone. */
  readonly mainDataBegin: number
}

const ID3 = [0x49, 0x44, 0x33]
const ID3_HEADER_BYTES = 10
/** Longer «tags» are taken for garbage: nobody puts them into a stream, and their length would be believed unseen. */
const ID3_MAX_BYTES = 1 << 20

/**
 * Finds the frames of an MP3 stream in chunks of any size. What comes out depends on the bytes alone, not on how they were cut.
 *
 * - `searching`: a header counts only when a header of the same stream follows where its frame ends.
 * - `synced`: a frame is given out as soon as its last byte is here, without waiting for the next.
 * - `skipping`: inside an ID3v2 tag.
 *
 * Bytes that belong to no frame are counted and passed over; nothing that comes in makes it throw. It holds at most one
 * longest frame and a header, 1445 bytes.
 */
export class Mp3FrameParser {
  readonly #onFrame: (frame: Mp3Frame) => void
  readonly #window = new ByteWindow(MP3_MAX_FRAME_BYTES + MP3_HEADER_BYTES)
  #state: 'searching' | 'synced' | 'skipping' = 'searching'
  #stream: Mp3Header | undefined
  #skipBytes = 0
  #ended = false
  #frames = 0
  #garbageBytes = 0
  #syncLosses = 0

  /** @param onFrame called from within `push` and `end`; what it throws passes through, and the parser can go on after that. */
  constructor(onFrame: (frame: Mp3Frame) => void) {
    this.#onFrame = onFrame
  }

  /** Frames given out. */
  get frames(): number {
    return this.#frames
  }

  /** Bytes that were neither in a frame nor in a tag. */
  get garbageBytes(): number {
    return this.#garbageBytes
  }

  /** How often a frame was not followed by another one. */
  get syncLosses(): number {
    return this.#syncLosses
  }

  push(chunk: Uint8Array): void {
    let offset = 0
    while (offset < chunk.length) {
      if (this.#state === 'skipping') {
        const count = Math.min(this.#skipBytes, chunk.length - offset)
        offset += count
        this.#skipBytes -= count
        if (this.#skipBytes === 0) this.#state = 'searching'
        continue
      }
      offset += this.#window.fill(chunk, offset)
      this.#drain()
    }
  }

  /** The stream is over: gives out a last frame that nothing follows, and begins anew for whatever is pushed next. */
  end(): void {
    this.#ended = true
    try {
      this.#drain()
    } finally {
      this.#garbageBytes += this.#window.length
      this.#window.clear()
      this.#state = 'searching'
      this.#stream = undefined
      this.#skipBytes = 0
      this.#ended = false
    }
  }

  #drain(): void {
    for (;;) {
      switch (this.#state) {
        case 'synced':
          if (!this.#takeFrame()) return
          break
        case 'searching':
          if (!this.#search()) return
          break
        case 'skipping':
          if (!this.#skip()) return
          break
      }
    }
  }

  /** @returns false when more bytes are needed. */
  #takeFrame(): boolean {
    if (this.#window.length < MP3_HEADER_BYTES) {
      if (this.#ended) this.#state = 'searching'
      return this.#ended && this.#window.length > 0
    }
    const header = this.#headerAt(0)
    if (header === undefined || this.#stream === undefined || !sameMp3Stream(header, this.#stream)) {
      // A tag between two frames, or at the end of a file, is no loss of sync.
      if (!this.#startsWithTag()) this.#syncLosses += 1
      this.#state = 'searching'
      return true
    }
    if (this.#window.length < header.frameBytes) {
      if (this.#ended) this.#state = 'searching'
      return this.#ended
    }
    this.#emit(header)
    return true
  }

  /** @returns false when more bytes are needed. */
  #search(): boolean {
    while (this.#window.length > 0) {
      const first = this.#window.at(0)
      if (first === ID3[0]) {
        const verdict = this.#tagBytes()
        if (verdict === 'wait') return false
        if (verdict > 0) {
          this.#skipBytes = verdict
          this.#state = 'skipping'
          return true
        }
      } else if (first === 0xff) {
        const verdict = this.#candidate()
        if (verdict === 'wait') return false
        if (verdict !== undefined) {
          this.#stream = verdict
          this.#state = 'synced'
          return true
        }
      }
      const next = Math.min(this.#window.indexOf(0xff, 1), this.#window.indexOf(ID3[0] as number, 1))
      this.#garbageBytes += next
      this.#window.drop(next)
    }
    return false
  }

  #skip(): boolean {
    const count = Math.min(this.#skipBytes, this.#window.length)
    this.#window.drop(count)
    this.#skipBytes -= count
    if (this.#skipBytes > 0) return false
    this.#state = 'searching'
    return true
  }

  /** Whether a frame begins here that another one of the same stream, a tag, or the end of the stream follows. */
  #candidate(): Mp3Header | 'wait' | undefined {
    if (this.#window.length < MP3_HEADER_BYTES) return this.#ended ? undefined : 'wait'
    const header = this.#headerAt(0)
    if (header === undefined) return undefined
    if (this.#window.length < header.frameBytes + MP3_HEADER_BYTES) {
      if (!this.#ended) return 'wait'
      return this.#window.length === header.frameBytes ? header : undefined
    }
    const next = this.#headerAt(header.frameBytes)
    return next !== undefined && sameMp3Stream(header, next) ? header : undefined
  }

  /** Length of the ID3v2 tag that begins here; 0 when none does (ID3v2.4, 3.1: version and size bytes that cannot be rule it out). */
  #tagBytes(): number | 'wait' {
    const window = this.#window
    for (let i = 0; i < ID3.length && i < window.length; i += 1) {
      if (window.at(i) !== ID3[i]) return 0
    }
    if (window.length < ID3_HEADER_BYTES) return this.#ended ? 0 : 'wait'
    if (window.at(3) < 2 || window.at(3) > 4 || window.at(4) === 0xff || (window.at(5) & 0x0f) !== 0) return 0
    let size = 0
    for (let i = 6; i < ID3_HEADER_BYTES; i += 1) {
      if (window.at(i) >= 0x80) return 0
      size = size * 128 + window.at(i)
    }
    const footerBytes = (window.at(5) & 0x10) !== 0 ? ID3_HEADER_BYTES : 0
    const total = ID3_HEADER_BYTES + size + footerBytes
    return total <= ID3_MAX_BYTES ? total : 0
  }

  #startsWithTag(): boolean {
    const window = this.#window
    return (window.at(0) === ID3[0] && window.at(1) === ID3[1] && window.at(2) === ID3[2])
      // «TAG»: the 128 bytes of ID3v1 that close a file.
      || (window.at(0) === 0x54 && window.at(1) === 0x41 && window.at(2) === 0x47)
  }

  #headerAt(index: number): Mp3Header | undefined {
    const window = this.#window
    return parseMp3Header(window.at(index), window.at(index + 1), window.at(index + 2), window.at(index + 3))
  }

  #emit(header: Mp3Header): void {
    const bytes = this.#window.view(0, header.frameBytes)
    // The view stays good: bytes are only moved by the next fill.
    this.#window.drop(header.frameBytes)
    this.#frames += 1
    const sideInfoOffset = MP3_HEADER_BYTES + (header.hasCrc ? 2 : 0)
    const first = bytes[sideInfoOffset] as number
    // main_data_begin: 9 bits in MPEG-1 (ISO 11172-3, 2.4.1.7), 8 bits in MPEG-2.
    const mainDataBegin = header.mpegVersion === 1 ? (first << 1) | ((bytes[sideInfoOffset + 1] as number) >> 7) : first
    this.#onFrame({ header, bytes, sideInfoOffset, mainDataBegin })
  }
}
