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
  /** As long as so many samples, when the sender had nothing to say. */
  silence(samples: number): Float32Array
  close(): void
}

/** Sound in its turn; `isHeard`: it came, and does not only stand in for what did not. */
type OnPcm = (pcm: Float32Array, isHeard: boolean) => void

/** Turns the packets of one stream into one unbroken sound: ordered, decoded, holes bridged, at 48 kHz. */
export class RtpMedia {
  readonly #open: () => Payloads
  readonly #order: PacketOrder
  readonly #onPcm: OnPcm
  #payloads: Payloads
  readonly #samplesOf = (payload: Buffer): number => this.#payloads.samplesOf(payload)

  /** @param holdMs how long a packet that is missing is waited for */
  static async open(stream: RtpStreamSpec, holdMs: number, onPcm: OnPcm): Promise<RtpMedia> {
    if (stream.codec === 'opus') return RtpMedia.opus(holdMs, onPcm)
    const format: LinearFormat = { bytesPerSample: stream.codec === 'l16' ? 2 : 3, channels: stream.channels }
    const resampler = await createResampler(stream.sampleRateHz, SAMPLE_RATE_HZ)
    return new RtpMedia(holdMs, () => new LinearPayloads(format, resampler, stream.sampleRateHz), onPcm)
  }

  static opus(holdMs: number, onPcm: OnPcm): RtpMedia {
    return new RtpMedia(holdMs, () => new OpusPayloads(), onPcm)
  }

  private constructor(holdMs: number, open: () => Payloads, onPcm: OnPcm) {
    this.#open = open
    this.#onPcm = onPcm
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
      else if (turn.kind === 'lost') this.#onPcm(this.#payloads.conceal(turn.samples, turn.next), false)
      else if (turn.kind === 'pause') this.#onPcm(this.#payloads.silence(turn.samples), false)
      else {
        this.#payloads.close()
        this.#payloads = this.#open()
      }
    }
  }

  #decode(payload: Buffer): void {
    try {
      this.#onPcm(this.#payloads.decode(payload), true)
    } catch {
      // A broken packet is one that is lost.
      this.#onPcm(this.#payloads.conceal(this.#payloads.samplesOf(payload)), false)
    }
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

  silence(samples: number): Float32Array {
    return new Float32Array(samples)
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
    return this.#concealer.conceal(Math.round((samples * SAMPLE_RATE_HZ) / this.#sampleRateHz))
  }

  silence(samples: number): Float32Array {
    // Through the concealer, which fades in what comes after.
    return this.conceal(samples).fill(0)
  }

  /** The resampler outlives a restart of the stream: a new sender's sound follows the old one's. */
  close(): void { /* nothing of ours is held */ }
}
