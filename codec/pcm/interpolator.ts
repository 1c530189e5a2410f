import { lowPass } from './decimator.ts'

/**
 * Multiplies the sample rate by a whole number, with a linear-phase filter, sample for sample and at once: n samples in are always exactly n × factor
 * samples out. The other way of Decimator.
 */
export class Interpolator {
  /** How much later a sample comes out than it went in, in samples of the output. */
  readonly delaySamples: number
  readonly #factor: number
  readonly #taps: Float64Array
  /** The samples of input that the filter still reaches. */
  readonly #history: Float64Array

  /**
   * @param cutoff where the filter has fallen by half, as a part of the input's sample rate; 0.5 is the edge of aliasing
   * @param halfTaps one side of the filter, in samples of the output; the delay
   */
  constructor(factor: number, cutoff: number, halfTaps: number) {
    this.#factor = factor
    this.delaySamples = halfTaps
    // Of the samples that the filter meets only every factor-th is none that was put in between.
    this.#taps = lowPass(cutoff / factor, halfTaps).map((tap) => tap * factor)
    this.#history = new Float64Array(Math.ceil(this.#taps.length / factor) - 1)
  }

  process(input: Float32Array): Float32Array<ArrayBuffer> {
    const factor = this.#factor
    const taps = this.#taps
    const history = this.#history
    const line = new Float64Array(history.length + input.length)
    line.set(history)
    line.set(input, history.length)
    const output = new Float32Array(input.length * factor)
    for (let index = 0; index < input.length; index += 1) {
      for (let phase = 0; phase < factor; phase += 1) {
        let sum = 0
        for (let tap = phase, from = index + history.length; tap < taps.length; tap += factor, from -= 1) sum += taps[tap]! * line[from]!
        output[index * factor + phase] = sum
      }
    }
    history.set(line.subarray(line.length - history.length))
    return output
  }
}
