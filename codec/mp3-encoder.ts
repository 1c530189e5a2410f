import type { AudioFormat } from './audio-format.ts'
import { CodecError } from './codec-error.ts'
import { checkFrame, type Encoder } from './encoder.ts'
import type { EncoderOptions } from './encoder-options.ts'
import { mp3Settings } from './encoder-options.ts'
import type { LameBinding, LameHandle } from './native/load-lame.ts'
import { loadLame } from './native/load-lame.ts'

/** A frame of N kbit/s that lasts 24 ms has 3 × N bytes, at 48 kHz (1152 samples) as at 24 kHz (576). */
const BYTES_PER_KBPS = 3

/**
 * Silence given to LAME before the first frame, at its own rate. LAME encodes a frame once it holds 1024 + frame − 272 samples
 * and starts with 528 of its own, so it lacks 224; from then on each frame in gives exactly one frame out.
 */
const PRIME_SAMPLES = 224

/**
 * What a sample waits: the priming and 1105 samples of encoder and decoder, at the stream's rate; at 24 kHz also the 54
 * samples of the halving filter. test/codec/encoders.test.ts measures the sum through ffmpeg.
 */
const DELAY_SAMPLES = { 48_000: 1329, 24_000: 2 * 1329 + 54 } as const

/** LAME behind the Encoder contract: constant bit rate, no bit reservoir, one whole frame for each 24 ms. */
export class Mp3Encoder implements Encoder {
  readonly format: AudioFormat
  readonly delaySamples: number
  readonly #lame: LameBinding
  readonly #frameBytes: number
  #handle: LameHandle | undefined

  /** @throws CodecError `CODEC_ERR_OPTION`, `CODEC_ERR_NATIVE_MISSING`, `CODEC_ERR_ENCODE` */
  constructor(format: AudioFormat, options: EncoderOptions) {
    const { quality } = mp3Settings(options)
    this.format = format
    this.delaySamples = DELAY_SAMPLES[format.sampleRateHz === 24_000 ? 24_000 : 48_000]
    this.#frameBytes = format.bitrateKbps * BYTES_PER_KBPS
    this.#lame = loadLame()
    try {
      this.#handle = this.#lame.create(format.sampleRateHz, format.bitrateKbps, quality, PRIME_SAMPLES)
    } catch (cause) {
      throw new CodecError('CODEC_ERR_ENCODE', `No MP3 encoder for '${format.id}': ${String(cause)}`, { cause })
    }
  }

  encode(pcm: Float32Array): Buffer {
    checkFrame(this.format, pcm, this.#handle !== undefined)
    const frame = Buffer.allocUnsafe(this.#frameBytes)
    const writtenBytes = this.#lame.encode(this.#handle, pcm, frame)
    if (writtenBytes !== this.#frameBytes) {
      throw new CodecError('CODEC_ERR_ENCODE', `LAME gave ${String(writtenBytes)} bytes instead of a frame of ${String(this.#frameBytes)}`)
    }
    return frame
  }

  close(): void {
    if (this.#handle === undefined) return
    this.#lame.close(this.#handle)
    this.#handle = undefined
  }
}
