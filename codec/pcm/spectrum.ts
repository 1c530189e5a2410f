/** Power spectrum of 512 samples under a Hann window, made in memory of its own: nothing is allocated per call. */
export const SPECTRUM_SAMPLES = 512
export const SPECTRUM_BINS = SPECTRUM_SAMPLES / 2

const BITS = Math.log2(SPECTRUM_SAMPLES)
const HANN = Float64Array.from({ length: SPECTRUM_SAMPLES }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SPECTRUM_SAMPLES))
const COS = Float64Array.from({ length: SPECTRUM_BINS }, (_, k) => Math.cos((2 * Math.PI * k) / SPECTRUM_SAMPLES))
const SIN = Float64Array.from({ length: SPECTRUM_BINS }, (_, k) => Math.sin((2 * Math.PI * k) / SPECTRUM_SAMPLES))
const REVERSED = Uint16Array.from({ length: SPECTRUM_SAMPLES }, (_, n) => {
  let reversed = 0
  for (let bit = 0; bit < BITS; bit += 1) if ((n >> bit) & 1) reversed |= 1 << (BITS - 1 - bit)
  return reversed
})

export class Spectrum {
  readonly #re = new Float64Array(SPECTRUM_SAMPLES)
  readonly #im = new Float64Array(SPECTRUM_SAMPLES)

  /** Adds the power of each bin below half the sample rate to `powers`. */
  addPowers(samples: Float32Array, powers: Float64Array): void {
    const re = this.#re
    const im = this.#im
    for (let n = 0; n < SPECTRUM_SAMPLES; n += 1) re[REVERSED[n]!] = samples[n]! * HANN[n]!
    im.fill(0)
    for (let size = 2; size <= SPECTRUM_SAMPLES; size *= 2) {
      const half = size >> 1
      const stride = SPECTRUM_SAMPLES / size
      for (let from = 0; from < SPECTRUM_SAMPLES; from += size) {
        for (let k = 0; k < half; k += 1) {
          const c = COS[k * stride]!
          const s = SIN[k * stride]!
          const a = from + k
          const b = a + half
          const x = re[b]! * c + im[b]! * s
          const y = im[b]! * c - re[b]! * s
          re[b] = re[a]! - x
          im[b] = im[a]! - y
          re[a]! += x
          im[a]! += y
        }
      }
    }
    for (let k = 0; k < SPECTRUM_BINS; k += 1) powers[k]! += re[k]! * re[k]! + im[k]! * im[k]!
  }
}
