import { randomBytes } from 'node:crypto'
import { readAmf, writeAmf, type AmfValue, type WritableAmf } from './amf0.ts'
import { RtmpChunkReader, RtmpFault, rtmpMessage, RTMP_TYPE, type RtmpMessage } from './rtmp-chunks.ts'

/** C0 and C1, then C2 (RTMP 1.0, 5.2). */
const VERSION = 3
const HELLO_BYTES = 1536
const WINDOW_BYTES = 2_500_000
const MEDIA_STREAM_ID = 1
const CONTROL_CHUNKS = 2
const COMMAND_CHUNKS = 3
const MEDIA_CHUNKS = 5

/** First byte of an audio message: the codec in the upper four bits (FLV 10.1, E.4.2.1). 0, 3: PCM, 2, 14: MP3, 10: AAC. */
const FLV_AUDIO_TAG = 8
const FLV_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 0b100, 0, 0, 0, 9, 0, 0, 0, 0])

export interface RtmpEvents {
  /** Bytes for the client. */
  send(bytes: Buffer): void
  /** It wants to publish under this name. Answered by `accept` or `refuse`; until then nothing of it is heard. */
  onPublish(app: string, streamKey: string): void
  /** Sound, as bytes of an FLV file. */
  onSound(bytes: Buffer): void
  /** It publishes no more. */
  onEnd(): void
}

type Phase = 'hello' | 'hello-answer' | 'commands' | 'asked' | 'publishing' | 'over'

/**
 * The server's side of one RTMP connection that publishes (RTMP 1.0). Pure: bytes in, bytes and events out. Only sound is kept; it goes on as FLV,
 * which a decoder in another process reads.
 */
export class RtmpSession {
  readonly #events: RtmpEvents
  readonly #reader = new RtmpChunkReader()
  #phase: Phase = 'hello'
  #waiting: Buffer = Buffer.alloc(0)
  #app = ''
  #acknowledgedBytes = 0
  #firstTimestampMs: number | undefined

  constructor(events: RtmpEvents) {
    this.#events = events
  }

  /** @throws RtmpFault: the connection is to be closed */
  push(bytes: Buffer): void {
    if (this.#phase !== 'hello' && this.#phase !== 'hello-answer') {
      this.#takeChunks(bytes)
      return
    }
    this.#waiting = Buffer.concat([this.#waiting, bytes])
    if (this.#phase === 'hello' && this.#waiting.length >= 1 + HELLO_BYTES) this.#answerHello()
    if (this.#phase !== 'hello-answer' || this.#waiting.length < HELLO_BYTES) return
    const rest = this.#waiting.subarray(HELLO_BYTES)
    this.#waiting = Buffer.alloc(0)
    this.#phase = 'commands'
    this.#takeChunks(rest)
  }

  /** Lets it publish. */
  accept(): void {
    if (this.#phase !== 'asked') return
    this.#phase = 'publishing'
    this.#status('status', 'NetStream.Publish.Start', 'on the line')
    this.#events.onSound(FLV_HEADER)
  }

  /** @param description words for the person at the encoder */
  refuse(description: string): void {
    if (this.#phase !== 'asked') return
    this.#phase = 'over'
    this.#status('error', 'NetStream.Publish.BadName', description)
  }

  #answerHello(): void {
    if (this.#waiting[0] !== VERSION) throw new RtmpFault('this is not RTMP')
    const theirs = this.#waiting.subarray(1, 1 + HELLO_BYTES)
    const ours = Buffer.concat([Buffer.alloc(8), randomBytes(HELLO_BYTES - 8)])
    this.#events.send(Buffer.concat([Buffer.of(VERSION), ours, theirs]))
    this.#waiting = this.#waiting.subarray(1 + HELLO_BYTES)
    this.#phase = 'hello-answer'
  }

  #takeChunks(bytes: Buffer): void {
    for (const message of this.#reader.push(bytes)) this.#take(message)
    if (this.#reader.receivedBytes - this.#acknowledgedBytes < WINDOW_BYTES / 2) return
    this.#acknowledgedBytes = this.#reader.receivedBytes
    this.#control(RTMP_TYPE.acknowledgement, uint32(this.#acknowledgedBytes % 2 ** 32))
  }

  #take(message: RtmpMessage): void {
    if (this.#phase === 'over') return
    switch (message.type) {
      case RTMP_TYPE.audio:
        if (this.#phase === 'publishing' && message.payload.length > 0) this.#events.onSound(this.#flvTag(message))
        break
      case RTMP_TYPE.command:
        this.#command(message.payload)
        break
      case RTMP_TYPE.commandAmf3:
        // A byte that says nothing, then the same in AMF0, as all encoders send it.
        this.#command(message.payload.subarray(1))
        break
      case RTMP_TYPE.control:
        // A ping is answered with its own time (RTMP 1.0, 7.1.7).
        if (message.payload.length >= 6 && message.payload.readUInt16BE(0) === 6) this.#control(RTMP_TYPE.control, Buffer.concat([Buffer.of(0, 7), message.payload.subarray(2, 6)]))
        break
    }
  }

  #command(payload: Buffer): void {
    const values = readAmf(payload)
    if (values === undefined) throw new RtmpFault('a command that cannot be read')
    const [name, transaction = 0, argument, first] = values
    switch (name) {
      case 'connect':
        this.#app = textOf(argument, 'app')
        this.#control(RTMP_TYPE.windowSize, uint32(WINDOW_BYTES))
        this.#control(RTMP_TYPE.peerBandwidth, Buffer.concat([uint32(WINDOW_BYTES), Buffer.of(2)]))
        this.#answer('_result', transaction, { fmsVer: 'FMS/3,5,7,7009', capabilities: 31 }, { level: 'status', code: 'NetConnection.Connect.Success', description: 'connected', objectEncoding: 0 })
        break
      case 'createStream':
        this.#answer('_result', transaction, null, MEDIA_STREAM_ID)
        break
      case 'releaseStream':
      case 'FCPublish':
        this.#answer('_result', transaction, null, null)
        break
      case 'publish':
        if (this.#phase !== 'commands') throw new RtmpFault('only one stream may be published on a connection')
        if (typeof first !== 'string') throw new RtmpFault('publish without a name')
        this.#phase = 'asked'
        this.#events.onPublish(this.#app, first)
        break
      case 'play':
        throw new RtmpFault('nothing is played here')
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        this.#phase = 'over'
        this.#events.onEnd()
        break
      default:
        // What else an encoder says (such as a change of its stream's properties) needs no answer.
    }
  }

  #answer(name: string, transaction: AmfValue, ...values: WritableAmf[]): void {
    if (typeof transaction !== 'number') throw new RtmpFault('a command without a number')
    this.#events.send(rtmpMessage(COMMAND_CHUNKS, { type: RTMP_TYPE.command, streamId: 0, payload: writeAmf(name, transaction, ...values) }))
  }

  #status(level: string, code: string, description: string): void {
    this.#events.send(rtmpMessage(MEDIA_CHUNKS, { type: RTMP_TYPE.command, streamId: MEDIA_STREAM_ID, payload: writeAmf('onStatus', 0, null, { level, code, description }) }))
  }

  #control(type: number, payload: Buffer): void {
    this.#events.send(rtmpMessage(CONTROL_CHUNKS, { type, streamId: 0, payload }))
  }

  /** FLV 10.1, E.4.1; times count from the first sound, so that a decoder waits for nothing. */
  #flvTag({ payload, timestampMs }: RtmpMessage): Buffer {
    this.#firstTimestampMs ??= timestampMs
    const atMs = (timestampMs - this.#firstTimestampMs) >>> 0
    const tag = Buffer.alloc(11 + payload.length + 4)
    tag[0] = FLV_AUDIO_TAG
    tag.writeUIntBE(payload.length, 1, 3)
    tag.writeUIntBE(atMs & 0xff_ffff, 4, 3)
    tag[7] = atMs >>> 24
    payload.copy(tag, 11)
    tag.writeUInt32BE(11 + payload.length, 11 + payload.length)
    return tag
  }
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A member of an object, when it is a text. */
function textOf(value: AmfValue | undefined, name: string): string {
  if (typeof value !== 'object' || value === null || !(name in value)) return ''
  const member: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof member === 'string' ? member : ''
}
