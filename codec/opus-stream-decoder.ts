import { CodecError } from './codec-error.ts'
import { loadOpus, type OpusHandle } from './native/load-opus.ts'
import { opusPacketSamples } from './opus-packet.ts'

/** libopus bridges holes in steps of 2.5 ms. */
const STEP_SAMPLES = 120

/**
 * Opus packets of a stream that loses some of them, to mono PCM at 48 kHz, full scale ±1: what is lost is decoded from the copy in the
 * packet behind it (in-band FEC) where there is one, else concealed. `OpusDecoder` is for streams that lose next to nothing, and for
 * loudspeakers, which lack this one's binding.
 */
export class OpusStreamDecoder {
  readonly #opus = loadOpus()
  #handle: OpusHandle | undefined = this.#opus.create()

  /**
   * @returns 120 to 5760 samples, as long as the packet says; stereo is mixed down.
   * @throws CodecError `CODEC_ERR_DECODE` (a broken packet; the decoder can go on), `CODEC_ERR_CLOSED`
   */
  decode(packet: Buffer): Float32Array {
    const samples = opusPacketSamples(packet)
    if (samples === undefined) throw new CodecError('CODEC_ERR_DECODE', 'The Opus packet is empty or its frame count is wrong')
    return this.#decode(packet, false, samples)
  }

  /**
   * What stands in for a hole; to be called before the packet behind it is decoded.
   * @param samples length of the hole, at most a second
   * @param next the packet behind it, when there is one: it may hold a copy of the last frame that is lost
   * @throws CodecError `CODEC_ERR_DECODE`, `CODEC_ERR_CLOSED`
   */
  bridge(samples: number, next?: Buffer): Float32Array {
    if (samples <= 0) return new Float32Array(0)
    const whole = Math.ceil(samples / STEP_SAMPLES) * STEP_SAMPLES
    const isReadable = next !== undefined && opusPacketSamples(next) !== undefined
    // What is too much is left out at the beginning: the copy is of what comes last.
    return this.#bridge(isReadable ? next : null, whole).subarray(whole - samples)
  }

  /** Idempotent. */
  close(): void {
    if (this.#handle !== undefined) this.#opus.close(this.#handle)
    this.#handle = undefined
  }

  #bridge(next: Buffer | null, samples: number): Float32Array {
    try {
      return this.#decode(next, next !== null, samples)
    } catch (error) {
      if (next === null || !(error instanceof CodecError) || error.code !== 'CODEC_ERR_DECODE') throw error
      return this.#decode(null, false, samples)
    }
  }

  #decode(packet: Buffer | null, isFec: boolean, samples: number): Float32Array {
    if (this.#handle === undefined) throw new CodecError('CODEC_ERR_CLOSED', 'The Opus decoder is closed')
    const pcm = new Float32Array(samples)
    const result = this.#opus.decode(this.#handle, packet, isFec, pcm)
    if (result < 0) throw new CodecError('CODEC_ERR_DECODE', `libopus: error ${String(result)}`)
    return result === samples ? pcm : pcm.subarray(0, result)
  }
}
