import type { Socket } from 'node:net'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import type { Clock } from '../../rooms/clock.ts'
import type { SoundWatchTimes } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import { FfmpegDecoder } from './ffmpeg-decoder.ts'
import type { IngestHello } from './ingest-protocol.ts'
import { LineSession } from './line-session.ts'
import { demuxerOf, sniffDemuxer } from './sound-format.ts'
import { StreamHead } from './stream-head.ts'

/** A studio speaks to people: as little delay as networks allow, more where the network shows that it needs more. */
const STUDIO_BUFFER: ElasticBufferOptions = { targetMs: 300, maxTargetMs: 2000, windowMs: 2000, trimAboveMs: 2500, capacityMs: 6000 }

/** Encoders of Ogg put up to a second of sound into a page, and a page comes all at once. */
const STUDIO_OGG_BUFFER: ElasticBufferOptions = { ...STUDIO_BUFFER, targetMs: 1200, trimAboveMs: 3000 }

/** With this much in the buffer a studio that sends faster than it sounds (a file) is made to wait. */
const PAUSE_AT_MS = 5000
const RESUME_AT_MS = 4000

/** A studio that sends nothing for this long is gone (Icecast's source-timeout is as long). */
const SILENT_SOCKET_MS = 10_000

/** If by then nothing has been decoded, the bytes are no sound. */
const FIRST_PCM_MS = 10_000

/** A decoder that worked this long and died is replaced at once; one that dies sooner ends the session. */
const PROVEN_MS = 1000

export interface IngestSessionOptions {
  readonly hello: IngestHello
  readonly socket: Socket
  readonly ffmpegPath: string
  readonly watch: SoundWatchTimes
  readonly clock: Clock
  readonly onEnd: () => void
}

/** One studio's connection: its bytes, their decoder, their buffer. */
export class IngestSession extends LineSession {
  readonly #options: IngestSessionOptions
  /** Known from the first bytes on. */
  #format: string | null = null
  #head: StreamHead | undefined
  readonly #startedMs: number
  #decoder: FfmpegDecoder | undefined
  #decoderStartedMs = 0
  #lastBytesMs: number
  #receivedBytes = 0
  #waits = false

  constructor(options: IngestSessionOptions) {
    super(new ElasticBuffer(/ogg/i.test(options.hello.contentType) ? STUDIO_OGG_BUFFER : STUDIO_BUFFER), options)
    this.#options = options
    this.#startedMs = this.#lastBytesMs = options.clock.monotonicMs()
    const { socket } = options
    socket.on('data', (chunk: Buffer) => { this.#take(chunk) })
    socket.on('end', () => { this.end(sourceReason('studio-gone'), false) })
    socket.on('close', () => { this.end(sourceReason('studio-gone'), false) })
  }

  /** How long nothing has come, ms; a studio that is made to wait is not quiet. */
  get quietMs(): number {
    return this.#waits ? 0 : this.#options.clock.monotonicMs() - this.#lastBytesMs
  }

  get receivedBytes(): number {
    return this.#receivedBytes
  }

  /** Only what is read may be made to wait; a studio that nobody needs now is decoded for its meter and left behind. */
  override setNeeded(needed: boolean): void {
    super.setNeeded(needed)
    if (!needed) this.#wait(false)
  }

  override read(block: Float32Array): number {
    const filled = super.read(block)
    if (this.#waits && this.buffer.levelMs < RESUME_AT_MS) this.#wait(false)
    return filled
  }

  check(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (this.quietMs > SILENT_SOCKET_MS) this.end(sourceReason('studio-quiet'), true)
    else if (!this.hasSound && nowMs - this.#startedMs > FIRST_PCM_MS) this.end(sourceReason('unreadable'), true)
  }

  protected release(): void {
    this.#options.socket.destroy()
    void this.#decoder?.close()
  }

  /** Resolves when the child has ended. */
  override async close(): Promise<void> {
    await super.close()
    await this.#decoder?.close()
  }

  #take(chunk: Buffer): void {
    this.#lastBytesMs = this.#options.clock.monotonicMs()
    this.#receivedBytes += chunk.length
    if (this.#head === undefined) {
      this.#format = sniffDemuxer(chunk) ?? demuxerOf(this.#options.hello.contentType)
      this.#head = new StreamHead(this.#format)
      this.#decoder = this.#openDecoder()
    }
    this.#head.push(chunk)
    const stdin = this.#decoder?.stdin ?? null
    if (stdin === null || stdin.destroyed || stdin.write(chunk)) return
    // A slow decoder pushes back to the studio.
    this.#options.socket.pause()
    stdin.once('drain', () => { this.#options.socket.resume() })
    stdin.once('close', () => { this.#options.socket.resume() })
  }

  #openDecoder(): FfmpegDecoder {
    this.#decoderStartedMs = this.#options.clock.monotonicMs()
    const decoder = new FfmpegDecoder(this.#options.ffmpegPath, { kind: 'bytes', format: this.#format }, {
      onPcm: (pcm) => { this.#takePcm(pcm) },
      onEnd: (reason) => { if (this.#decoder === decoder) this.#decoderEnded(reason) },
    })
    return decoder
  }

  #takePcm(pcm: Float32Array): void {
    this.give(pcm)
    if (this.needed && this.buffer.levelMs > PAUSE_AT_MS) this.#wait(true)
  }

  #wait(waits: boolean): void {
    if (waits === this.#waits) return
    this.#waits = waits
    if (waits) {
      this.#decoder?.pause()
      return
    }
    this.#lastBytesMs = this.#options.clock.monotonicMs()
    this.#decoder?.resume()
  }

  #decoderEnded(reason: string): void {
    if (this.endReason !== undefined) return
    const head = this.#head?.bytes
    if (!this.hasSound || head === undefined || this.#options.clock.monotonicMs() - this.#decoderStartedMs < PROVEN_MS) {
      this.end(sourceReason(this.hasSound ? 'decoder-failed' : 'unreadable', reason), true)
      return
    }
    this.#waits = false
    this.buffer.end()
    this.#decoder = this.#openDecoder()
    if (head.length > 0) this.#decoder.stdin?.write(head)
  }
}
