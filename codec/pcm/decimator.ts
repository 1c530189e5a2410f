import { CodecError } from '../codec-error.ts'

/**
 * Divides the sample rate by a whole number, with a linear-phase filter, sample for sample and at once: n × factor samples in are always
 * exactly n samples out. The library behind resampler.ts gives its samples when it pleases, and can only be opened asynchronously.
 */
export class Decimator {
  /** How much later a sample comes out than it went in, in samples of the input. */
  readonly delaySamples: number
  readonly #factor: number
  readonly #taps: Float64Array
  /** The last taps − 1 samples of input. */
  readonly #history: Float64Array

  /**
   * @param cutoff where the filter has fallen by half, as a part of the output's sample rate; 0.5 is the edge of aliasing
   * @param halfTaps one side of the filter, in samples of the input; the delay
   */
  constructor(factor: number, cutoff: number, halfTaps: number) {
    this.#factor = factor
    this.delaySamples = halfTaps
    this.#taps = lowPass(cutoff / factor, halfTaps)
    this.#history = new Float64Array(this.#taps.length - 1)
  }

  /** @throws CodecError `CODEC_ERR_FRAME_SIZE` when the input is not a multiple of the factor */
  process(input: Float32Array): Float32Array<ArrayBuffer> {
    const factor = this.#factor
    if (input.length % factor !== 0) throw new CodecError('CODEC_ERR_FRAME_SIZE', `${String(input.length)} samples cannot be divided by ${String(factor)}`)
    const history = this.#history
    const taps = this.#taps
    const line = new Float64Array(history.length + input.length)
    line.set(history)
    line.set(input, history.length)
    const output = new Float32Array(input.length / factor)
    for (let out = 0; out < output.length; out += 1) {
      const from = out * factor
      let sum = 0
      for (let tap = 0; tap < taps.length; tap += 1) sum += taps[tap]! * line[from + tap]!
      output[out] = sum
    }
    history.set(line.subarray(line.length - history.length))
    return output
  }
}

/** Stop band of the window below, dB: more than µ-law's own noise asks for. */
const KAISER_BETA = 6

/** A windowed sinc with unity gain at 0 Hz. */
export function lowPass(cutoff: number, halfTaps: number): Float64Array {
  const taps = new Float64Array(2 * halfTaps + 1)
  let sum = 0
  for (let index = 0; index < taps.length; index += 1) {
    const at = index - halfTaps
    const sinc = at === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * at) / (Math.PI * at)
    taps[index] = sinc * (besselI0(KAISER_BETA * Math.sqrt(1 - (at / (halfTaps + 1)) ** 2)) / besselI0(KAISER_BETA))
    sum += taps[index]!
  }
  return taps.map((tap) => tap / sum)
}

function besselI0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
