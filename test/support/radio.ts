import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { Mp3FrameParser, OggPageParser, OPUS_DELAY_SAMPLES, opusHeaderPages, opusPage } from '../../codec/index.ts'
import type { LoaServer } from './loa-server.ts'
import { ffmpegDecode } from './sound.ts'
import { waitUntil } from './wait-until.ts'

export interface ClusterKey {
  readonly id: string
  readonly key: string
}

export interface HttpRadioOptions {
  readonly extension?: 'mp3' | 'opus'
  /** More of the query, without a leading `&`. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A receiver on plain HTTP, down to the bytes: what came when, in one connection that is never made again. */
export class HttpRadio {
  readonly socket: Socket
  status = 0
  headers = new Map<string, string>()
  /** True when either side has ended it. */
  ended = false
  endedAtMs = 0
  readonly #arrivals: { readonly atMs: number; readonly totalBytes: number }[] = []
  readonly #chunks: Buffer[] = []
  #head = Buffer.alloc(0)
  #bodyBytes = 0

  private constructor(port: number, request: string) {
    // Hardly any buffer of its own, so that `socket.pause()` soon reaches the server.
    const options = { port, host: '127.0.0.1', highWaterMark: 1024 }
    this.socket = connect(options)
    this.socket.on('error', () => undefined) // 'close' follows
    this.socket.on('close', () => {
      this.ended = true
      this.endedAtMs = performance.now()
    })
    this.socket.on('data', (chunk: Buffer) => {
      this.#take(chunk)
    })
    this.socket.write(request)
  }

  /** Sends the request; does not wait. */
  static dial(server: LoaServer, { id, key }: ClusterKey, { extension = 'mp3', query = '', headers = {} }: HttpRadioOptions = {}): HttpRadio {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return new HttpRadio(server.streamPort, `GET /listen/${id}.${extension}?key=${key}&${query} HTTP/1.1\r\nHost: loa\r\n${lines}\r\n`)
  }

  /** Connects and waits for the head of the answer, which must be 200. */
  static async open(server: LoaServer, cluster: ClusterKey, options: HttpRadioOptions = {}): Promise<HttpRadio> {
    const radio = HttpRadio.dial(server, cluster, options)
    await waitUntil('the stream port answers', () => radio.status > 0 || radio.ended)
    if (radio.status !== 200) throw new Error(`the stream port answered ${String(radio.status)}: ${radio.body.toString('utf8')}`)
    return radio
  }

  get body(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get bodyBytes(): number {
    return this.#bodyBytes
  }

  /** When the byte at this place of the body came, performance.now(); Infinity when it has not. */
  arrivalMs(offsetBytes: number): number {
    return this.#arrivals.find(({ totalBytes }) => totalBytes > offsetBytes)?.atMs ?? Infinity
  }

  /** Longest time without a byte, ms. */
  longestPauseMs(): number {
    return Math.max(0, ...this.#arrivals.slice(1).map(({ atMs }, index) => atMs - this.#arrivals[index]!.atMs))
  }

  /** Waits for this much more sound than is here now. */
  async hear(bytes: number, timeoutMs = 30_000): Promise<void> {
    const wanted = this.#bodyBytes + bytes
    await waitUntil(`${String(bytes)} more bytes of sound`, () => {
      if (this.ended) throw new Error(`the stream ended while ${String(wanted - this.#bodyBytes)} bytes were awaited`)
      return this.#bodyBytes >= wanted
    }, timeoutMs)
  }

  close(): void {
    this.socket.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.status > 0) {
      this.#addBody(chunk)
      return
    }
    this.#head = Buffer.concat([this.#head, chunk])
    const end = this.#head.indexOf('\r\n\r\n')
    if (end < 0) return
    const [statusLine = '', ...lines] = this.#head.toString('latin1', 0, end).split('\r\n')
    this.headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
    this.#addBody(this.#head.subarray(end + 4))
    this.status = Number(statusLine.split(' ')[1])
  }

  #addBody(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#bodyBytes += bytes.length
    this.#arrivals.push({ atMs: performance.now(), totalBytes: this.#bodyBytes })
  }
}

/** Bytes of one frame of mp3-64 at 48 kHz, and of the sound of one second. */
export const MP3_64_FRAME_BYTES = 192
export const MP3_64_BYTES_PER_SECOND = 8000

/** Whole MP3 frames of a stream. Anything between them, or a frame of another kind, is an error: a listener's stream has none. */
export function mp3FramesOf(body: Buffer): Buffer[] {
  const frames: Buffer[] = []
  const parser = new Mp3FrameParser((frame) => frames.push(Buffer.from(frame.bytes)))
  parser.push(body)
  const bytes = frames.reduce((sum, { length }) => sum + length, 0)
  const { garbageBytes } = parser
  if (garbageBytes > 0) throw new Error(`${String(garbageBytes)} bytes of the stream are no MP3 frames (${String(bytes)} are)`)
  return frames
}

/** Decoded mono sound at 48 kHz of the whole frames in an MP3 stream. */
export function decodeMp3(body: Buffer): Float32Array<ArrayBuffer> {
  return ffmpegDecode(Buffer.concat(mp3FramesOf(body)), 'mp3', 48_000, true)
}

/** Numbers of the Ogg pages in a stream, headers left out. They count frames of the house clock, so a hole is a frame lost. */
export function oggSequences(body: Buffer): number[] {
  const sequences: number[] = []
  const parser = new OggPageParser((page) => {
    if (page.granule !== 0) sequences.push(page.sequence)
  })
  parser.push(body)
  return sequences
}

/** Places where numbers do not count up by one. */
export const breaksOf = (numbers: readonly number[]): string[] =>
  numbers.flatMap((value, index) => (index > 0 && value !== numbers[index - 1]! + 1 ? [`${String(numbers[index - 1])}→${String(value)}`] : []))

export interface NativeFrame {
  readonly flags: number
  readonly frameSamples: number
  readonly sequence: number
  readonly houseSamples: number
  readonly presentationUs: number
  readonly data: Buffer
  readonly atMs: number
}

/** A receiver on the native protocol, written from server/protocol.md. */
export class NativeRadio {
  readonly socket: WebSocket
  readonly frames: NativeFrame[] = []
  readonly texts: Readonly<Record<string, unknown>>[] = []
  closeCode = 0

  private constructor(server: LoaServer, hello: object) {
    this.socket = new WebSocket(`${server.stream.replace('http', 'ws')}/v1/speaker`)
    this.socket.on('error', () => undefined) // 'close' follows
    this.socket.on('open', () => {
      this.socket.send(JSON.stringify(hello))
    })
    this.socket.on('close', (code) => {
      this.closeCode = code
    })
    this.socket.on('message', (message: Buffer, isBinary) => {
      if (!isBinary) this.texts.push(JSON.parse(message.toString('utf8')) as Record<string, unknown>)
      else this.frames.push(frameOf(message))
    })
  }

  /** Connects and waits for the welcome. */
  static async open(server: LoaServer, { id, key }: ClusterKey, more: object = {}): Promise<NativeRadio> {
    const radio = new NativeRadio(server, { type: 'hello', protocol: 1, clusterId: id, key, ...more })
    await waitUntil('the welcome', () => {
      if (radio.closeCode !== 0) throw new Error(`closed with ${String(radio.closeCode)} before the welcome`)
      return radio.texts.some(({ type }) => type === 'welcome')
    })
    return radio
  }

  /** Waits for this many more frames. */
  async hear(frames: number, timeoutMs = 30_000): Promise<void> {
    const wanted = this.frames.length + frames
    await waitUntil(`${String(frames)} more native frames`, () => {
      if (this.closeCode !== 0) throw new Error(`closed with ${String(this.closeCode)} while frames were awaited`)
      return this.frames.length >= wanted
    }, timeoutMs)
  }

  /** Sound of Opus frames [from, to), by ffmpeg. */
  decodeOpus(from = 0, to = this.frames.length): Float32Array<ArrayBuffer> {
    const pages = this.frames.slice(from, to).map(({ data, houseSamples }) => opusPage(data, houseSamples / 960))
    return ffmpegDecode(Buffer.concat([opusHeaderPages(OPUS_DELAY_SAMPLES, { vendor: 'loa', comments: [] }), ...pages]), 'ogg', 48_000, true)
  }

  close(): void {
    this.socket.terminate()
  }
}

function frameOf(message: Buffer): NativeFrame {
  return {
    flags: message[1]!,
    frameSamples: message.readUInt16BE(2),
    sequence: message.readUInt32BE(4),
    houseSamples: Number(message.readBigUInt64BE(8)),
    presentationUs: Number(message.readBigUInt64BE(16)),
    data: Buffer.from(message.subarray(24)),
    atMs: performance.now(),
  }
}
