import libopusBinding from '@discordjs/opus'
import { OPUS_FRAME_SAMPLES, SAMPLE_RATE_HZ } from './audio-format.ts'
import { CodecError } from './codec-error.ts'
import { opusPacketSamples } from './opus-packet.ts'
import { s16leToFloat } from './pcm/s16le.ts'

/** Two low bits of the first byte: 0 is one frame in the packet (RFC 6716, 3.1). */
const FRAME_COUNT_BITS = 3
/** Full band CELT, 20 ms, mono: what our own encoders send, and so the guess before any packet. */
const TOC_CELT_20_MS = 31 << 3

/** Opus packets to mono PCM at 48 kHz, full scale ±1. The binding decodes to 16 bits and has no path for in-band FEC: see `OpusStreamDecoder`. */
export class OpusDecoder {
  /** Samples of look-ahead are not dropped: the caller drops the pre-skip when a stream begins. */
  #libopus: libopusBinding.OpusEncoder | undefined = new libopusBinding.OpusEncoder(SAMPLE_RATE_HZ, 1)
  #lastToc = TOC_CELT_20_MS
  #lastSamples = OPUS_FRAME_SAMPLES

  /**
   * @returns 120 to 5760 samples, as long as the packet says; stereo is mixed down.
   * @throws CodecError `CODEC_ERR_DECODE` (a broken packet; the decoder can go on), `CODEC_ERR_CLOSED`
   */
  decode(packet: Buffer): Float32Array {
    const samples = opusPacketSamples(packet)
    if (samples === undefined) throw new CodecError('CODEC_ERR_DECODE', 'The Opus packet is empty or its frame count is wrong')
    const pcm = this.#decode(packet)
    this.#lastToc = packet[0] as number
    this.#lastSamples = samples
    return pcm
  }

  /**
   * Bridges one lost packet by libopus' concealment, as long as the packet before it. A packet of nothing but its first byte
   * holds no sound for its frame, which a decoder has to conceal (RFC 6716, 3.2.1 and 4.4).
   * @throws CodecError `CODEC_ERR_CLOSED`
   */
  conceal(): Float32Array {
    const toc = Buffer.of(this.#lastToc & ~FRAME_COUNT_BITS)
    const frameSamples = opusPacketSamples(toc) as number
    const pcm = new Float32Array(this.#lastSamples)
    for (let at = 0; at + frameSamples <= pcm.length; at += frameSamples) pcm.set(this.#decode(toc), at)
    return pcm
  }

  /** Idempotent. libopus' memory is freed when the collector finds the wrapper unused. */
  close(): void {
    this.#libopus = undefined
  }

  #decode(packet: Buffer): Float32Array {
    if (this.#libopus === undefined) throw new CodecError('CODEC_ERR_CLOSED', 'The Opus decoder is closed')
    try {
      return s16leToFloat(this.#libopus.decode(packet))
    } catch (cause) {
      throw new CodecError('CODEC_ERR_DECODE', `libopus: ${String(cause)}`, { cause })
    }
  }
}
