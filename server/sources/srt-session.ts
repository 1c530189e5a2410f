import type { SoundWatchTimes } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { Clock } from '../../rooms/clock.ts'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import type { SrtSourceSpec } from '../link/messages.ts'
import { FfmpegDecoder, type DecoderInput } from './ffmpeg-decoder.ts'
import { LineSession } from './line-session.ts'

/** SRT has its own buffer against the network's unevenness; MPEG-TS puts some frames of sound into each packet. */
const SRT_BUFFER: ElasticBufferOptions = { targetMs: 200, maxTargetMs: 2000, windowMs: 2000, trimAboveMs: 2000, capacityMs: 5000 }

/** A connection that brings no sound for this long is none: the place is free for the caller that connects again. libsrt itself would wait for five seconds. */
const NO_SOUND_MS = 3000

export interface SrtSessionOptions {
  readonly spec: SrtSourceSpec
  /** Address to listen on. */
  readonly host: string
  readonly ffmpegPath: string
  readonly watch: SoundWatchTimes
  readonly clock: Clock
  /** The first sound: somebody has connected, and knew the passphrase. */
  readonly onSound: () => void
  readonly onEnd: () => void
}

/** One turn of listening for an SRT caller, in a child process, and the connection that comes of it. The handshake proves the passphrase (AES, RFC draft-sharabayko-srt). */
export class SrtSession extends LineSession {
  /** FFmpeg reads what comes, and tells only of sound. */
  readonly receivedBytes = null
  readonly #options: SrtSessionOptions
  readonly #decoder: FfmpegDecoder
  #lastPcmMs = 0

  constructor(options: SrtSessionOptions) {
    super(new ElasticBuffer(SRT_BUFFER), options)
    this.#options = options
    this.#decoder = new FfmpegDecoder(options.ffmpegPath, listening(options), {
      onPcm: (pcm) => { this.#take(pcm) },
      onEnd: (reason) => { this.end(reason, !this.hasSound) },
    })
  }

  check(): void {
    if (this.hasSound && this.#options.clock.monotonicMs() - this.#lastPcmMs > NO_SOUND_MS) this.end(sourceReason('studio-stopped'), true)
  }

  protected release(): void {
    void this.#decoder.close()
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#decoder.close()
  }

  #take(pcm: Float32Array): void {
    if (this.endReason !== undefined) return
    this.#lastPcmMs = this.#options.clock.monotonicMs()
    const isFirst = !this.hasSound
    this.give(pcm)
    if (isFirst) this.#options.onSound()
  }
}

const listening = ({ spec, host }: SrtSessionOptions): Extract<DecoderInput, { kind: 'secret-url' }> => ({
  kind: 'secret-url',
  url: `srt://${host.includes(':') ? `[${host}]` : host}:${String(spec.port)}`,
  options: { mode: 'listener', passphrase: spec.passphrase, pbkeylen: '16', latency: String(spec.latencyMs * 1000), probesize: '32768', analyzeduration: '300000' },
  protocols: 'srt',
  formats: 'mpegts',
})
