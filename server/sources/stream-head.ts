/** Headers longer than this (pictures in comments) are not kept; such a stream cannot be entered in the middle. */
const MAX_HEAD_BYTES = 256 * 1024

const OGG_HEADER_BYTES = 27

/**
 * Keeps the beginning of a stream that a decoder needs before it can be given bytes from the middle: the header pages of
 * Ogg (RFC 7845 3, and Vorbis: pages whose granule position is 0), the metadata blocks of FLAC (RFC 9639 8), the header of FLV
 * with the configuration of AAC. MP3 and ADTS need none.
 */
export class StreamHead {
  readonly #format: string | null
  #bytes = Buffer.alloc(0)
  #length: number | undefined

  /** @param format ffmpeg's name of the container */
  constructor(format: string | null) {
    this.#format = format
    if (format !== 'ogg' && format !== 'flac' && format !== 'flv') this.#length = 0
  }

  /** What to give to a new decoder before the bytes that come now; undefined when it is not known or too long. */
  get bytes(): Buffer | undefined {
    return this.#length === undefined ? undefined : this.#bytes.subarray(0, this.#length)
  }

  push(chunk: Buffer): void {
    if (this.#length !== undefined || this.#bytes.length > MAX_HEAD_BYTES) return
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    this.#length = HEAD_LENGTH[this.#format as keyof typeof HEAD_LENGTH](this.#bytes)
  }
}

function oggHeadLength(bytes: Buffer): number | undefined {
  let at = 0
  while (at + OGG_HEADER_BYTES <= bytes.length) {
    if (bytes.toString('latin1', at, at + 4) !== 'OggS') return at
    const segments = bytes[at + 26]!
    if (at + OGG_HEADER_BYTES + segments > bytes.length) return undefined
    // -1 stands on pages on which no packet ends, which long headers have.
    const granule = bytes.readBigInt64LE(at + 6)
    if (granule !== 0n && granule !== -1n) return at
    let payload = 0
    for (let i = 0; i < segments; i++) payload += bytes[at + OGG_HEADER_BYTES + i]!
    at += OGG_HEADER_BYTES + segments + payload
  }
  return undefined
}

function flacHeadLength(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined
  if (bytes.toString('latin1', 0, 4) !== 'fLaC') return 0
  let at = 4
  while (at + 4 <= bytes.length) {
    const isLast = (bytes[at]! & 0x80) !== 0
    at += 4 + bytes.readUIntBE(at + 1, 3)
    if (isLast) return at <= bytes.length ? at : undefined
  }
  return undefined
}

/** Of what an RTMP connection is turned into: nothing but sound. FLV 10.1, E.3 and E.4.2. */
function flvHeadLength(bytes: Buffer): number | undefined {
  if (bytes.length < FLV_HEADER_BYTES + 13) return undefined
  if (bytes.toString('latin1', 0, 3) !== 'FLV') return 0
  const codec = bytes[FLV_HEADER_BYTES + 11]! >> 4
  const isConfiguration = codec === 10 && bytes[FLV_HEADER_BYTES + 12] === 0
  if (!isConfiguration) return FLV_HEADER_BYTES
  const length = FLV_HEADER_BYTES + 11 + bytes.readUIntBE(FLV_HEADER_BYTES + 1, 3) + 4
  return length <= bytes.length ? length : undefined
}

const FLV_HEADER_BYTES = 13
const HEAD_LENGTH = { ogg: oggHeadLength, flac: flacHeadLength, flv: flvHeadLength }
