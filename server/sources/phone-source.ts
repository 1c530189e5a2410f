import type { Socket } from 'node:net'
import type { SoundWatchTimes } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import type { Clock } from '../../rooms/clock.ts'
import type { SourceSpec } from '../link/messages.ts'
import { PHONE_PCM, type IngestHello, type IngestReply } from './ingest-protocol.ts'
import { LineSession } from './line-session.ts'
import { LineSource } from './line-source.ts'
import type { SourceContext } from './open-source.ts'
import { readPhonePcm } from './phone-pcm.ts'
import { isWatchedAlike, watchTimes } from './watch-times.ts'

type PhoneSpec = Extract<SourceSpec, { kind: 'phone' }>

/** What the network does to packets has been evened out where they came in; this joins the clock of the telephone to that of the house. */
const PHONE_BUFFER: ElasticBufferOptions = { targetMs: 40, maxTargetMs: 400, windowMs: 1000, trimAboveMs: 300, capacityMs: 2000 }

/** Sound comes every 20 ms, also while the caller pauses. Without any for so long the telephone process is held up or gone. */
const SILENT_SOCKET_MS = 1000

interface PhoneSessionOptions {
  readonly socket: Socket
  readonly clock: Clock
  readonly watch: SoundWatchTimes
  readonly onEnd: () => void
}

/** The voice of one caller: PCM from the telephone process. */
class PhoneSession extends LineSession {
  receivedBytes = 0
  readonly #options: PhoneSessionOptions
  #lastBytesMs: number
  /** The first byte of a sample whose second has not come. */
  #odd: Buffer = Buffer.alloc(0)

  constructor(options: PhoneSessionOptions) {
    super(new ElasticBuffer(PHONE_BUFFER), options)
    this.#options = options
    this.#lastBytesMs = options.clock.monotonicMs()
    options.socket.on('data', (chunk: Buffer) => { this.#take(chunk) })
    options.socket.on('close', () => { this.end(sourceReason('call-ended'), false) })
  }

  check(): void {
    if (this.#options.clock.monotonicMs() - this.#lastBytesMs > SILENT_SOCKET_MS) this.end(sourceReason('call-quiet'), true)
  }

  protected release(): void {
    this.#options.socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#lastBytesMs = this.#options.clock.monotonicMs()
    this.receivedBytes += chunk.length
    const bytes = this.#odd.length === 0 ? chunk : Buffer.concat([this.#odd, chunk])
    this.#odd = bytes.length % 2 === 0 ? Buffer.alloc(0) : bytes.subarray(-1)
    const { pcm, voice } = readPhonePcm(bytes)
    if (pcm.length > 0) this.give(pcm, { watched: voice })
  }
}

/**
 * Where a caller speaks. One source is one line for voices, made beforehand like a studio and not with each call: orders name it, its engine and its fallback are settled before anybody calls, and nothing
 * has to be written or told before the first word. Control has decided who may speak; whoever comes last takes over.
 */
export class PhoneSource extends LineSource<PhoneSession> {
  #spec: PhoneSpec

  constructor(spec: PhoneSpec, context: SourceContext) {
    super(context)
    this.#spec = spec
  }

  /** Takes a call's sound: 16-bit samples at 48 kHz, mono. */
  accept(hello: IngestHello, socket: Socket): IngestReply {
    if (hello.contentType !== PHONE_PCM) return { accepted: false, reason: 'bad-hello' }
    const { clock, config, logger } = this.context
    const session = new PhoneSession({
      socket, clock, watch: watchTimes(this.#spec, config.studioSilenceMs, config),
      onEnd: () => { if (this.line.ended(session)) logger.info({ sourceId: this.#spec.id, reason: session.endReason }, 'caller is gone') },
    })
    const tookOver = this.line.session !== undefined
    this.line.take(session)
    logger.info({ sourceId: this.#spec.id, call: hello.userAgent }, 'caller is connected')
    return { accepted: true, tookOver }
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== 'phone' || !isWatchedAlike(spec, this.#spec)) return false
    this.#spec = spec
    return true
  }
}
