import { pipeline, type Readable } from 'node:stream'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import type { SoundWatchTimes } from '../../codec/index.ts'
import type { Clock } from '../../rooms/clock.ts'
import type { AddressCheck } from './address-check.ts'
import type { EgressProxy } from './egress-proxy.ts'
import { FfmpegDecoder, type DecoderInput } from './ffmpeg-decoder.ts'
import { openHttpStream } from './http-stream.ts'
import { demuxerOf, sniffDemuxer } from './sound-format.ts'
import { SoundMonitor } from './sound-monitor.ts'
import { redactUrls, SourceError } from './source-error.ts'

/** A station on the internet: one second of sound in hand, back to it when bursts of the station have piled up more. */
const LIVE_BUFFER: ElasticBufferOptions = { targetMs: 1000, maxTargetMs: 3000, windowMs: 4000, trimAboveMs: 3500, capacityMs: 10_000 }

/** Segments of a playlist come as bursts of up to ten seconds and more. */
const SEGMENT_BUFFER: ElasticBufferOptions = { targetMs: 4000, maxTargetMs: 12_000, windowMs: 30_000, trimAboveMs: 38_000, capacityMs: 42_000 }

/** A file that is served as it is, as fast as it is taken: nothing in it is old, so nothing is left out. */
const FILE_BUFFER: ElasticBufferOptions = { targetMs: 1000, maxTargetMs: 1000, windowMs: 4000, trimAboveMs: 9900, capacityMs: 10_000 }

/** The decoder waits when the buffer is filled to this part. */
const PAUSE_AT = 0.8
const RESUME_AT = 0.7

/** What a connection that is not played keeps beyond the target of its buffer, and is read in pieces of. */
const SKIM_ABOVE_MS = 1000
const SKIM_SAMPLES = 9600

const HTTP_TIMEOUT_MS = 3000
/** From the start to sound in the buffer, for those who answer at once and for those who read a playlist or shake hands first. */
const FIRST_SOUND_MS = { sound: 4000, other: 10_000 }

export interface RelayUpstreamOptions {
  readonly url: string
  readonly ffmpegPath: string
  readonly addresses: AddressCheck
  readonly watch: SoundWatchTimes
  readonly clock: Clock
  readonly proxy: () => Promise<EgressProxy>
  readonly changed: () => void
}

/** One connection to one URL of a relay, with its decoder and its buffer. It never comes back: the relay opens another. */
export class RelayUpstream {
  readonly monitor: SoundMonitor
  #buffer = new ElasticBuffer(LIVE_BUFFER)
  #pauseAtMs = LIVE_BUFFER.capacityMs * PAUSE_AT
  #endReason: string | undefined
  #title = ''
  readonly #options: RelayUpstreamOptions
  readonly #abort = new AbortController()
  readonly #openedMs: number
  readonly #opened: Promise<void>
  #firstSoundMs: number = FIRST_SOUND_MS.sound
  #firstPcmMs: number | undefined
  #lastPcmMs: number
  #decoder: FfmpegDecoder | undefined
  #paused = false
  readonly #skimmed = new Float32Array(SKIM_SAMPLES)

  constructor(options: RelayUpstreamOptions) {
    this.#options = options
    this.monitor = new SoundMonitor(options.watch)
    this.#openedMs = options.clock.monotonicMs()
    this.#lastPcmMs = this.#openedMs
    this.#opened = this.#open().catch((error: unknown) => { this.#end(error instanceof Error ? redactUrls(error.message) : String(error)) })
  }

  get buffer(): ElasticBuffer {
    return this.#buffer
  }

  /** Why nothing more comes; undefined while something may. */
  get endReason(): string | undefined {
    return this.#endReason
  }

  get title(): string {
    return this.#title
  }

  /** How long sound has been coming, ms. */
  get soundingMs(): number {
    return this.#firstPcmMs === undefined ? 0 : this.#lastPcmMs - this.#firstPcmMs
  }

  /** For how long nothing has been decoded, ms; 0 while the decoder has been told to wait. */
  get stalledMs(): number {
    return this.#paused ? 0 : this.#options.clock.monotonicMs() - this.#lastPcmMs
  }

  /** Whether the time for the first sound is over. */
  get isOverdue(): boolean {
    return this.#options.clock.monotonicMs() - this.#openedMs > this.#firstSoundMs
  }

  read(block: Float32Array): number {
    const filled = this.#buffer.read(block)
    if (this.#paused && this.#buffer.levelMs < (this.#pauseAtMs * RESUME_AT) / PAUSE_AT) {
      this.#paused = false
      this.#lastPcmMs = this.#options.clock.monotonicMs()
      this.#decoder?.resume()
    }
    return filled
  }

  /** Leaves out the oldest sound of one that is listened to and not played yet. */
  skim(): void {
    while (this.#buffer.levelMs > this.#buffer.targetMs + SKIM_ABOVE_MS && this.read(this.#skimmed) === SKIM_SAMPLES);
  }

  /** Nothing more is fetched; what is in the buffer can still be read. Idempotent; resolves when the child has ended. */
  async close(): Promise<void> {
    this.#buffer.end()
    this.#abort.abort()
    await this.#decoder?.close()
    await this.#opened
  }

  async #open(): Promise<void> {
    const { addresses, proxy } = this.#options
    const url = new URL(this.#options.url)
    switch (url.protocol) {
      case 'http:':
      case 'https:': {
        const stream = await openHttpStream(url, { addresses, timeoutMs: HTTP_TIMEOUT_MS, signal: this.#abort.signal, onTitle: (title) => { this.#setTitle(title) } })
        if (stream.kind === 'sound') {
          if (stream.finite) this.#use(FILE_BUFFER)
          this.#decodeBytes(stream.body, stream.contentType)
          return
        }
        this.#use(SEGMENT_BUFFER)
        this.#decode({
          kind: 'url', url: stream.url.href, environment: (await proxy()).environment,
          // The playlist and its segments go through the proxy, which checks every address; the whitelist keeps out files and everything else.
          arguments: ['-protocol_whitelist', 'http,https,tls,tcp,httpproxy,crypto', '-format_whitelist', 'hls,mpegts,aac,mp3,mov,flac,ac3', '-allowed_extensions', 'ALL', '-live_start_index', '-2', '-rw_timeout', '5000000', '-f', 'hls'],
        })
        return
      }
      case 'rtsp:': return this.#decodePinned(url, 'rtsp,rtp,udp,tcp', 'rtsp', ['-rtsp_transport', 'tcp', '-timeout', '5000000'])
      case 'rtmp:': return this.#decodePinned(url, 'rtmp,tcp', 'live_flv,flv', ['-rw_timeout', '5000000'])
      case 'srt:': return this.#decodeSrt(url)
      case 'rtp:': return this.#decodePinned(url, 'rtp,udp', 'rtp,mpegts', ['-reorder_queue_size', '10'])
      case 'udp:': return this.#decodePinned(url, 'udp', 'mpegts,mp3,aac,ogg', [])
      default: throw new SourceError('SOURCE_ERR_SCHEME', `${url.protocol} is not a way to relay: use http, https (HLS too), rtsp, rtmp, srt, rtp or udp`)
    }
  }

  /**
   * Protocols that ffmpeg speaks itself are given the checked address in place of the name, so that the name is not asked
   * for again. What is left: an RTSP or RTMP server that redirects to an address of its choice. RTP and UDP are listened
   * for, not connected to, which always concerns our own network: the check refuses multicast and local ones.
   */
  async #decodePinned(url: URL, protocols: string, formats: string, extra: readonly string[]): Promise<void> {
    const target = await this.#pinned(url)
    this.#decode({ kind: 'url', url: target, arguments: ['-protocol_whitelist', protocols, '-format_whitelist', formats, ...extra, '-probesize', '32768', '-analyzeduration', '1000000'] })
  }

  /** As the others, but nobody is to read the passphrase. */
  async #decodeSrt(url: URL): Promise<void> {
    this.#decode({ kind: 'secret-url', url: await this.#pinned(url), options: { probesize: '32768', analyzeduration: '1000000' }, protocols: 'srt', formats: 'mpegts' })
  }

  /** @returns the URL with the checked address in the place of its host */
  async #pinned(url: URL): Promise<string> {
    this.#firstSoundMs = FIRST_SOUND_MS.other
    // Hosts of schemes other than http come through the URL parser as they were written.
    const { hostname } = new URL(`http://${url.hostname}`)
    const [first] = await this.#options.addresses(hostname)
    const pinned = first!.family === 6 ? `[${first!.address}]` : first!.address
    return url.href.replace(url.hostname, pinned)
  }

  #use(options: ElasticBufferOptions): void {
    this.#buffer = new ElasticBuffer(options)
    this.#pauseAtMs = options.capacityMs * PAUSE_AT
    this.#firstSoundMs = FIRST_SOUND_MS.other
  }

  #decodeBytes(body: Readable, contentType: string): void {
    body.on('error', () => undefined)
    body.once('readable', () => {
      const first = body.read() as Buffer | null
      const decoder = this.#decode({ kind: 'bytes', format: sniffDemuxer(first ?? Buffer.alloc(0)) ?? demuxerOf(contentType) })
      if (decoder === undefined || decoder.stdin === null) return
      if (first !== null) decoder.stdin.write(first)
      pipeline(body, decoder.stdin, () => undefined)
    })
  }

  #decode(input: DecoderInput): FfmpegDecoder | undefined {
    if (this.#abort.signal.aborted) return undefined
    this.#decoder = new FfmpegDecoder(this.#options.ffmpegPath, input, {
      onPcm: (pcm) => { this.#take(pcm) },
      onEnd: (reason) => { this.#end(reason) },
    })
    return this.#decoder
  }

  #take(pcm: Float32Array): void {
    this.#lastPcmMs = this.#options.clock.monotonicMs()
    this.#firstPcmMs ??= this.#lastPcmMs
    this.monitor.push(pcm)
    this.#buffer.write(pcm)
    if (!this.#paused && this.#buffer.levelMs > this.#pauseAtMs) {
      this.#paused = true
      this.#decoder?.pause()
    }
  }

  #end(reason: string): void {
    if (this.#endReason !== undefined) return
    this.#endReason = reason
    this.#buffer.end()
    this.#abort.abort()
    this.#options.changed()
  }

  #setTitle(title: string): void {
    this.#title = title
    this.#options.changed()
  }
}
