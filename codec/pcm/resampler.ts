import libsamplerate from '@alexanderolsen/libsamplerate-js'
import { CodecError } from '../codec-error.ts'

/** libsamplerate's sinc converters; cost of each: codec/README.md. */
export type ResamplerQuality = 'fast' | 'medium' | 'best'

export const RESAMPLER_RATE_HZ = { min: 4000, max: 192_000 } as const

/** Changes the rate of one mono stream. Sample n of the output stands at the same instant as sample n × from/to of the input. */
export interface Resampler {
  /** Takes any number of samples and gives those that are ready: the filter's look-ahead is held back. The result is the caller's. */
  process(input: Float32Array): Float32Array
  /** Gives out what is held back, so that n samples in total have become round(n × to/from), and begins anew. */
  flush(): Float32Array
  /** Frees the converter. Idempotent. */
  close(): void
}

const CONVERTER = {
  fast: libsamplerate.ConverterType.SRC_SINC_FASTEST,
  medium: libsamplerate.ConverterType.SRC_SINC_MEDIUM_QUALITY,
  best: libsamplerate.ConverterType.SRC_SINC_BEST_QUALITY,
} as const

/** Pieces that input is cut into: the library keeps buffers of a fixed size. */
const PIECE_SAMPLES = 4800
/** More than the half length of the longest filter (best, 143 zero crossings) at any ratio in `RESAMPLER_RATE_HZ`. */
const FLUSH_SECONDS = 0.05

/**
 * Opens a converter; asynchronous because its WebAssembly module is instantiated for each.
 * @throws CodecError `CODEC_ERR_OPTION`
 */
export async function createResampler(fromHz: number, toHz: number, quality: ResamplerQuality = 'medium'): Promise<Resampler> {
  for (const rateHz of [fromHz, toHz]) {
    if (!Number.isInteger(rateHz) || rateHz < RESAMPLER_RATE_HZ.min || rateHz > RESAMPLER_RATE_HZ.max) {
      throw new CodecError('CODEC_ERR_OPTION', `A sample rate must be a whole number from ${String(RESAMPLER_RATE_HZ.min)} to ${String(RESAMPLER_RATE_HZ.max)} Hz, not ${String(rateHz)}`)
    }
  }
  if (fromHz === toHz) return new UnchangedRate()
  const open = async (): Promise<Converter> => libsamplerate.create(1, fromHz, toHz, { converterType: CONVERTER[quality] })
  return new LibsamplerateResampler(await open(), fromHz, toHz)
}

type Converter = Awaited<ReturnType<typeof libsamplerate.create>>

class UnchangedRate implements Resampler {
  process(input: Float32Array): Float32Array {
    return input.slice()
  }

  flush(): Float32Array {
    return new Float32Array(0)
  }

  close(): void { /* nothing is held */ }
}

class LibsamplerateResampler implements Resampler {
  readonly #converter: Converter
  readonly #fromHz: number
  readonly #toHz: number
  readonly #scratch: Float32Array
  readonly #written = { frames: 0 }
  #samplesIn = 0
  #samplesOut = 0
  #closed = false

  constructor(converter: Converter, fromHz: number, toHz: number) {
    this.#converter = converter
    this.#fromHz = fromHz
    this.#toHz = toHz
    this.#scratch = new Float32Array(Math.ceil((PIECE_SAMPLES * toHz) / fromHz) + PIECE_SAMPLES)
  }

  process(input: Float32Array): Float32Array {
    this.#samplesIn += input.length
    const output = this.#convert(input)
    this.#samplesOut += output.length
    return output
  }

  flush(): Float32Array {
    const missing = Math.round((this.#samplesIn * this.#toHz) / this.#fromHz) - this.#samplesOut
    const tail = this.#convert(new Float32Array(Math.ceil(FLUSH_SECONDS * this.#fromHz))).slice(0, Math.max(0, missing))
    this.#samplesIn = 0
    this.#samplesOut = 0
    // Setting a rate makes the library begin with a fresh converter.
    this.#converter.outputSampleRate = this.#toHz
    return tail
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#converter.destroy()
  }

  #convert(input: Float32Array): Float32Array {
    if (this.#closed) throw new CodecError('CODEC_ERR_CLOSED', 'The resampler is closed')
    if (input.length <= PIECE_SAMPLES) return this.#piece(input)
    const pieces: Float32Array[] = []
    for (let at = 0; at < input.length; at += PIECE_SAMPLES) pieces.push(this.#piece(input.subarray(at, at + PIECE_SAMPLES)))
    const output = new Float32Array(pieces.reduce((total, piece) => total + piece.length, 0))
    let at = 0
    for (const piece of pieces) {
      output.set(piece, at)
      at += piece.length
    }
    return output
  }

  #piece(input: Float32Array): Float32Array {
    if (input.length === 0) return new Float32Array(0)
    this.#converter.full(input, this.#scratch, this.#written)
    return this.#scratch.slice(0, this.#written.frames)
  }
}
