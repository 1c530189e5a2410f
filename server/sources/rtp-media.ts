import { createResampler, GapConcealer, opusPacketSamples, OpusStreamDecoder, SAMPLE_RATE_HZ, type Resampler } from '../../codec/index.ts'
import { linearSamples, linearToMono, PacketOrder, type InTurn, type LinearFormat, type RtpHeader } from '../../codec/rtp/index.ts'
import type { RtpStreamSpec } from '../link/messages.ts'

/** What one stream's payloads are. Samples are counted at the rate of its RTP clock. */
interface Payloads {
  /** 0: holds no sound. */
  samplesOf(payload: Buffer): number
  /** 48 kHz mono. @throws when it is broken */
  decode(payload: Buffer): Float32Array
  /** What stands in for so many samples that are lost; 48 kHz mono. @param next the packet behind them */
  conceal(samples: number, next?: Buffer): Float32Array
  /** The sender had nothing to say for so many samples. @returns how long that is at 48 kHz */
  rest(samples: number): number
  /** Whether a packet says that it may be the last for a while. */
  endsSpeech(payload: Buffer): boolean
  close(): void
}

/** What comes out of a stream, in its turn. */
export interface RtpMediaEvents {
  /** @param pcm at 48 kHz @param isHeard it came, and does not only stand in for what did not */
  onPcm(pcm: Float32Array, isHeard: boolean): void
  /** The sender had nothing to say for so many samples at 48 kHz before what comes next. */
  onPause(samples: number): void
  /** It says that it may send nothing for a while now. */
  onSpeechEnd(): void
}

/** What Opus makes of silence when it may leave out packets (DTX); some send the first of them all the same. */
const OPUS_DTX_BYTES = 2
/** Longer than a concealer works at a hole. */
const REST_SAMPLES = 960

/** Turns the packets of one stream into one unbroken sound: ordered, decoded, holes bridged, at 48 kHz. */
export class RtpMedia {
  readonly #open: () => Payloads
  readonly #order: PacketOrder
  readonly #events: RtpMediaEvents
  #payloads: Payloads
  readonly #samplesOf = (payload: Buffer): number => this.#payloads.samplesOf(payload)

  /** @param holdMs how long a packet that is missing is waited for */
  static async open(stream: RtpStreamSpec, holdMs: number, events: RtpMediaEvents): Promise<RtpMedia> {
    if (stream.codec === 'opus') return RtpMedia.opus(holdMs, events)
    const format: LinearFormat = { bytesPerSample: stream.codec === 'l16' ? 2 : 3, channels: stream.channels }
    const resampler = await createResampler(stream.sampleRateHz, SAMPLE_RATE_HZ)
    return new RtpMedia(holdMs, () => new LinearPayloads(format, resampler, stream.sampleRateHz), events)
  }

  static opus(holdMs: number, events: RtpMediaEvents): RtpMedia {
    return new RtpMedia(holdMs, () => new OpusPayloads(), events)
  }

  private constructor(holdMs: number, open: () => Payloads, events: RtpMediaEvents) {
    this.#open = open
    this.#events = events
    this.#payloads = open()
    this.#order = new PacketOrder(holdMs)
  }

  get lostTotal(): number {
    return this.#order.lostTotal
  }

  push(packet: RtpHeader & { readonly payload: Buffer }, nowMs: number): void {
    this.#play(this.#order.push(packet, packet.payload, nowMs, this.#samplesOf))
  }

  /** Gives up what was waited for long enough; to be called some times in `holdMs`. */
  expire(nowMs: number): void {
    this.#play(this.#order.expire(nowMs, this.#samplesOf))
  }

  close(): void {
    this.#payloads.close()
  }

  #play(turns: readonly InTurn[]): void {
    for (const turn of turns) {
      if (turn.kind === 'packet') this.#decode(turn.payload)
      else if (turn.kind === 'lost') this.#events.onPcm(this.#payloads.conceal(turn.samples, turn.next), false)
      else if (turn.kind === 'pause') this.#events.onPause(this.#payloads.rest(turn.samples))
      else {
        this.#payloads.close()
        this.#payloads = this.#open()
      }
    }
  }

  #decode(payload: Buffer): void {
    try {
      this.#events.onPcm(this.#payloads.decode(payload), true)
    } catch {
      // A broken packet is one that is lost.
      this.#events.onPcm(this.#payloads.conceal(this.#payloads.samplesOf(payload)), false)
    }
    if (this.#payloads.endsSpeech(payload)) this.#events.onSpeechEnd()
  }
}

class OpusPayloads implements Payloads {
  readonly #decoder = new OpusStreamDecoder()

  samplesOf(payload: Buffer): number {
    return opusPacketSamples(payload) ?? 0
  }

  decode(payload: Buffer): Float32Array {
    return this.#decoder.decode(payload)
  }

  conceal(samples: number, next?: Buffer): Float32Array {
    return this.#decoder.bridge(samples, next)
  }

  rest(samples: number): number {
    return samples
  }

  endsSpeech(payload: Buffer): boolean {
    return payload.length <= OPUS_DTX_BYTES
  }

  close(): void {
    this.#decoder.close()
  }
}

class LinearPayloads implements Payloads {
  readonly #format: LinearFormat
  readonly #resampler: Resampler
  readonly #sampleRateHz: number
  readonly #concealer = new GapConcealer()

  constructor(format: LinearFormat, resampler: Resampler, sampleRateHz: number) {
    this.#format = format
    this.#resampler = resampler
    this.#sampleRateHz = sampleRateHz
  }

  samplesOf(payload: Buffer): number {
    return linearSamples(payload, this.#format)
  }

  decode(payload: Buffer): Float32Array {
    const pcm = this.#resampler.process(linearToMono(payload, this.#format))
    this.#concealer.push(pcm)
    return pcm
  }

  conceal(samples: number): Float32Array {
    return this.#concealer.conceal(this.#at48kHz(samples))
  }

  rest(samples: number): number {
    // The concealer fades in what comes after.
    this.#concealer.conceal(REST_SAMPLES)
    return this.#at48kHz(samples)
  }

  endsSpeech(): boolean {
    return false
  }

  /** The resampler outlives a restart of the stream: a new sender's sound follows the old one's. */
  close(): void { /* nothing of ours is held */ }

  #at48kHz(samples: number): number {
    return Math.round((samples * SAMPLE_RATE_HZ) / this.#sampleRateHz)
  }
}
