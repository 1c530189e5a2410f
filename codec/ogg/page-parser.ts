import { ByteWindow } from '../byte-window.ts'
import { oggCrc32 } from './crc32.ts'

/** One page (RFC 3533, 6). The views are good until the callback returns; copy what is kept. */
export interface OggPage {
  /** The page begins with the rest of a packet of the page before. */
  readonly continued: boolean
  readonly beginOfStream: boolean
  readonly endOfStream: boolean
  /** Granule position; undefined for −1 (no packet ends here) and beyond 2⁵³, where no stream gets by playing. */
  readonly granule: number | undefined
  readonly serial: number
  readonly sequence: number
  /** Lengths of the segments: 255 goes on, less ends a packet. */
  readonly lacing: Buffer
  readonly body: Buffer
  /** The page as it stood in the stream. */
  readonly bytes: Buffer
}

const HEADER_BYTES = 27
const CHECKSUM_OFFSET = 22
const MAX_PAGE_BYTES = HEADER_BYTES + 255 + 255 * 255
const CAPTURE = [0x4f, 0x67, 0x67, 0x53]
const NO_CHECKSUM = Buffer.alloc(4)

/**
 * Finds Ogg pages in chunks of any size; what comes out depends on the bytes alone. A page counts when its checksum is right; anything else is
 * passed over byte by byte, so that a page inside a broken page is still found. Never throws by itself; holds at most one longest
 * page, 65 307 bytes.
 */
export class OggPageParser {
  readonly #onPage: (page: OggPage) => void
  readonly #window = new ByteWindow(MAX_PAGE_BYTES)
  #pages = 0
  #garbageBytes = 0
  #badChecksums = 0

  /** @param onPage called from within `push`; what it throws passes through, and the parser can go on after that. */
  constructor(onPage: (page: OggPage) => void) {
    this.#onPage = onPage
  }

  get pages(): number {
    return this.#pages
  }

  /** Bytes that were in no good page. */
  get garbageBytes(): number {
    return this.#garbageBytes
  }

  /** Places that looked like a page until the checksum. */
  get badChecksums(): number {
    return this.#badChecksums
  }

  push(chunk: Uint8Array): void {
    let offset = 0
    while (offset < chunk.length) {
      offset += this.#window.fill(chunk, offset)
      while (this.#takePage()) { /* until more bytes are needed */ }
    }
  }

  /** The stream is over: a page that is not whole by now holds back whole ones inside it no longer. Begins anew for what is pushed next. */
  end(): void {
    while (this.#window.length > 0) {
      this.#discard(1)
      while (this.#takePage()) { /* pages inside the broken one */ }
    }
  }

  /** @returns false when more bytes are needed. */
  #takePage(): boolean {
    const window = this.#window
    while (window.length > 0) {
      if (!this.#mayBeginPage()) {
        this.#discard(window.indexOf(CAPTURE[0] as number, 1))
        continue
      }
      if (window.length < HEADER_BYTES) return false
      const segments = window.at(26)
      const bodyStart = HEADER_BYTES + segments
      if (window.length < bodyStart) return false
      let pageBytes = bodyStart
      for (let i = HEADER_BYTES; i < bodyStart; i += 1) pageBytes += window.at(i)
      if (window.length < pageBytes) return false
      const bytes = window.view(0, pageBytes)
      if (!checksumIsRight(bytes)) {
        this.#badChecksums += 1
        this.#discard(1)
        continue
      }
      window.drop(pageBytes)
      this.#pages += 1
      this.#onPage(readPage(bytes, bodyStart))
      return true
    }
    return false
  }

  /** Capture pattern and version 0, as far as the bytes reach. */
  #mayBeginPage(): boolean {
    const window = this.#window
    for (let i = 0; i < CAPTURE.length && i < window.length; i += 1) {
      if (window.at(i) !== CAPTURE[i]) return false
    }
    return window.length <= CAPTURE.length || window.at(4) === 0
  }

  #discard(count: number): void {
    this.#window.drop(count)
    this.#garbageBytes += count
  }
}

function checksumIsRight(bytes: Buffer): boolean {
  // The field itself counts as zero (RFC 3533, 6).
  const header = oggCrc32(bytes, 0, CHECKSUM_OFFSET)
  const field = oggCrc32(NO_CHECKSUM, 0, 4, header)
  return oggCrc32(bytes, CHECKSUM_OFFSET + 4, bytes.length, field) === bytes.readUInt32LE(CHECKSUM_OFFSET)
}

function readPage(bytes: Buffer, bodyStart: number): OggPage {
  const flags = bytes[5] as number
  const granule = bytes.readInt32LE(10) * 0x1_0000_0000 + bytes.readUInt32LE(6)
  return {
    continued: (flags & 1) !== 0,
    beginOfStream: (flags & 2) !== 0,
    endOfStream: (flags & 4) !== 0,
    granule: granule >= 0 && Number.isSafeInteger(granule) ? granule : undefined,
    serial: bytes.readUInt32LE(14),
    sequence: bytes.readUInt32LE(18),
    lacing: bytes.subarray(HEADER_BYTES, bodyStart),
    body: bytes.subarray(bodyStart),
    bytes,
  }
}
