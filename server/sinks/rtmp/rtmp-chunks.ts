/** A message of RTMP 1.0: what chunks are put together to. */
export interface RtmpMessage {
  readonly type: number
  readonly streamId: number
  readonly timestampMs: number
  readonly payload: Buffer
}

/** Types of messages (RTMP 1.0, 5.4 and 7.1). */
export const RTMP_TYPE = { setChunkSize: 1, abort: 2, acknowledgement: 3, control: 4, windowSize: 5, peerBandwidth: 6, audio: 8, video: 9, commandAmf3: 17, data: 18, command: 20 } as const

const DEFAULT_CHUNK_BYTES = 128
/** Sound and commands are small; pictures, which are passed over, may be large. */
const MAX_KEPT_BYTES = 64 * 1024
/** Of all messages of a connection that have begun: an encoder sends its sound and now and then a command. */
const MAX_KEPT_TOTAL_BYTES = 256 * 1024
const MAX_PASSED_OVER_BYTES = 8 * 1024 * 1024
const MAX_CHUNK_STREAMS = 32
const EXTENDED = 0xff_ffff
const NOTHING = Buffer.alloc(0)

interface ChunkStream {
  type: number
  streamId: number
  timestampMs: number
  /** Of the header before, added again by chunks that begin a message without one. */
  deltaMs: number
  extended: boolean
  length: number
  /** What has come of the message that has begun, in one piece: chunks may be of a byte each. */
  kept: Buffer
  got: number
}

/** Bytes that break the protocol's rules, or our bounds. */
export class RtmpFault extends Error {
  override readonly name = 'RtmpFault'
}

/** Puts the chunks of one connection together (RTMP 1.0, 5.3). Video is passed over without being kept. */
export class RtmpChunkReader {
  readonly #streams = new Map<number, ChunkStream>()
  #chunkBytes = DEFAULT_CHUNK_BYTES
  #keptBytes = 0
  #bytes: Buffer = NOTHING
  /** The message whose chunk is being read, and how much of the chunk is to come. */
  #current: ChunkStream | undefined
  #left = 0
  receivedBytes = 0

  /**
   * @returns the messages that are whole now; those of video with an empty payload
   * @throws RtmpFault
   */
  push(chunk: Buffer): readonly RtmpMessage[] {
    this.receivedBytes += chunk.length
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    const messages: RtmpMessage[] = []
    while (this.#current === undefined ? this.#readHead() : this.#readBody(this.#current, messages)) { /* until more has to come */ }
    return messages
  }

  /** @returns whether there was a whole header */
  #readHead(): boolean {
    const bytes = this.#bytes
    if (bytes.length < 3) return false
    const format = bytes[0]! >> 6
    const shortId = bytes[0]! & 0x3f
    const id = shortId === 0 ? 64 + bytes[1]! : shortId === 1 ? 64 + bytes.readUInt16LE(1) : shortId
    let at = shortId === 0 ? 2 : shortId === 1 ? 3 : 1
    const stream = this.#stream(id, format)
    const headBytes = [11, 7, 3, 0][format]!
    if (bytes.length < at + headBytes) return false
    const starts = stream.got === 0
    if (!starts && format !== 3) throw new RtmpFault('a message begins before the one in front of it has ended')
    let timeField = format === 3 ? stream.deltaMs : bytes.readUIntBE(at, 3)
    const extended = format === 3 ? stream.extended : timeField === EXTENDED
    const length = format < 2 ? bytes.readUIntBE(at + 3, 3) : stream.length
    const type = format < 2 ? bytes[at + 6]! : stream.type
    const streamId = format === 0 ? bytes.readUInt32LE(at + 7) : stream.streamId
    at += headBytes
    if (extended) {
      if (bytes.length < at + 4) return false
      timeField = bytes.readUInt32BE(at)
      at += 4
    }
    if (length > (type === RTMP_TYPE.video ? MAX_PASSED_OVER_BYTES : MAX_KEPT_BYTES)) throw new RtmpFault('a message is too long')
    if (starts) {
      // A first header says the time, the others how much later.
      stream.timestampMs = (format === 0 ? timeField : stream.timestampMs + timeField) >>> 0
      Object.assign(stream, { type, streamId, length, extended, deltaMs: timeField })
      if (type !== RTMP_TYPE.video) this.#keep(stream)
    }
    this.#current = stream
    this.#left = Math.min(this.#chunkBytes, length - stream.got)
    this.#bytes = bytes.subarray(at)
    return true
  }

  /** @returns whether the chunk has come to its end */
  #readBody(stream: ChunkStream, messages: RtmpMessage[]): boolean {
    const part = this.#bytes.subarray(0, this.#left)
    // Nothing is kept of video.
    part.copy(stream.kept, stream.got)
    stream.got += part.length
    this.#left -= part.length
    this.#bytes = this.#bytes.subarray(part.length)
    if (this.#left > 0) return false
    this.#current = undefined
    if (stream.got === stream.length) this.#complete(stream, messages)
    return true
  }

  #stream(id: number, format: number): ChunkStream {
    const known = this.#streams.get(id)
    if (known !== undefined) return known
    if (format !== 0 && format !== 1) throw new RtmpFault('a chunk stream begins without a header')
    if (this.#streams.size >= MAX_CHUNK_STREAMS) throw new RtmpFault('too many chunk streams')
    const stream: ChunkStream = { type: 0, streamId: 0, timestampMs: 0, deltaMs: 0, extended: false, length: 0, kept: NOTHING, got: 0 }
    this.#streams.set(id, stream)
    return stream
  }

  #keep(stream: ChunkStream): void {
    this.#keptBytes += stream.length
    if (this.#keptBytes > MAX_KEPT_TOTAL_BYTES) throw new RtmpFault('too many long messages at once')
    stream.kept = Buffer.allocUnsafe(stream.length)
  }

  #release(stream: ChunkStream): void {
    this.#keptBytes -= stream.kept.length
    stream.kept = NOTHING
    stream.got = 0
  }

  #complete(stream: ChunkStream, messages: RtmpMessage[]): void {
    const payload = stream.kept
    this.#release(stream)
    const { type, streamId, timestampMs } = stream
    if (type === RTMP_TYPE.setChunkSize) {
      const size = payload.length < 4 ? 0 : payload.readUInt32BE(0)
      if (size < 1 || size > 0x7fff_ffff) throw new RtmpFault('a chunk size that cannot be')
      this.#chunkBytes = size
    } else if (type === RTMP_TYPE.abort && payload.length >= 4) {
      const aborted = this.#streams.get(payload.readUInt32BE(0))
      if (aborted !== undefined) this.#release(aborted)
    } else {
      messages.push({ type, streamId, timestampMs, payload })
    }
  }
}

/** The chunks of a message of ours; they are short and few, so each has a whole header. */
export function rtmpMessage(chunkStreamId: number, message: Omit<RtmpMessage, 'timestampMs'>): Buffer {
  const { type, streamId, payload } = message
  const head = Buffer.alloc(12)
  head[0] = chunkStreamId
  head.writeUIntBE(payload.length, 4, 3)
  head[7] = type
  head.writeUInt32LE(streamId, 8)
  const parts: Buffer[] = [head]
  for (let at = 0; at < payload.length; at += DEFAULT_CHUNK_BYTES) {
    if (at > 0) parts.push(Buffer.of(0xc0 | chunkStreamId))
    parts.push(payload.subarray(at, at + DEFAULT_CHUNK_BYTES))
  }
  return Buffer.concat(parts)
}
