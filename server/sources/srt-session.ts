import type { SoundWatchTimes } from '../../codec/index.ts'
import type { Clock } from '../../rooms/clock.ts'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import type { SrtSourceSpec } from '../link/messages.ts'
import { FfmpegDecoder, type DecoderInput } from './ffmpeg-decoder.ts'
import { SoundMonitor } from './sound-monitor.ts'
import type { StudioSession } from './studio-line.ts'

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
export class SrtSession implements StudioSession {
  readonly buffer = new ElasticBuffer(SRT_BUFFER)
  readonly monitor: SoundMonitor
  /** FFmpeg reads what comes, and tells only of sound. */
  readonly receivedBytes = null
  needed = false
  readonly #options: SrtSessionOptions
  readonly #decoder: FfmpegDecoder
  #hasSound = false
  #lastPcmMs = 0
  #endReason: string | undefined
  #fault = false

  constructor(options: SrtSessionOptions) {
    this.#options = options
    this.monitor = new SoundMonitor(options.watch)
    this.#decoder = new FfmpegDecoder(options.ffmpegPath, listening(options), {
      onPcm: (pcm) => { this.#take(pcm) },
      onEnd: (reason) => { this.end(reason, !this.#hasSound) },
    })
  }

  get hasSound(): boolean {
    return this.#hasSound
  }

  get endReason(): string | undefined {
    return this.#endReason
  }

  get fault(): boolean {
    return this.#fault
  }

  read(block: Float32Array): number {
    return this.buffer.read(block)
  }

  check(): void {
    if (this.#hasSound && this.#options.clock.monotonicMs() - this.#lastPcmMs > NO_SOUND_MS) this.end('the studio sends no more', true)
  }

  end(reason: string, fault: boolean): void {
    if (this.#endReason !== undefined) return
    this.#endReason = reason
    this.#fault = fault
    this.buffer.end()
    void this.#decoder.close()
    this.#options.onEnd()
  }

  async close(): Promise<void> {
    this.end('closed', false)
    await this.#decoder.close()
  }

  #take(pcm: Float32Array): void {
    if (this.#endReason !== undefined) return
    this.#lastPcmMs = this.#options.clock.monotonicMs()
    this.monitor.push(pcm)
    this.buffer.write(pcm)
    if (this.#hasSound) return
    this.#hasSound = true
    this.#options.onSound()
  }
}

const listening = ({ spec, host }: SrtSessionOptions): Extract<DecoderInput, { kind: 'secret-url' }> => ({
  kind: 'secret-url',
  url: `srt://${host.includes(':') ? `[${host}]` : host}:${String(spec.port)}`,
  options: { mode: 'listener', passphrase: spec.passphrase, pbkeylen: '16', latency: String(spec.latencyMs * 1000), probesize: '32768', analyzeduration: '300000' },
  protocols: 'srt',
  formats: 'mpegts',
})
