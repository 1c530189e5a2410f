/** Spectra for tests on sound: plain FFT, third-octave levels, distances in dB. */

const FLOOR_DB = -120

/** Power |X|² of bins 0..n/2 of `pcm[start, start + size)` under a Hann window; samples beyond the ends count as 0. `size` is a power of two. */
export function powerSpectrum(pcm: Float32Array, start: number, size: number): Float64Array {
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  for (let i = 0; i < size; i += 1) re[i] = (pcm[start + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))
  fft(re, im)
  const power = new Float64Array(size / 2 + 1)
  for (let k = 0; k < power.length; k += 1) power[k] = re[k]! ** 2 + im[k]! ** 2
  return power
}

/** In place, radix 2. */
function fft(re: Float64Array, im: Float64Array): void {
  const n = re.length
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!]
    }
  }
  for (let size = 2; size <= n; size <<= 1) {
    const half = size >> 1
    for (let k = 0; k < half; k += 1) {
      const angle = (-2 * Math.PI * k) / size
      const c = Math.cos(angle)
      const s = Math.sin(angle)
      for (let at = k; at < n; at += size) {
        const r = re[at + half]! * c - im[at + half]! * s
        const q = re[at + half]! * s + im[at + half]! * c
        re[at + half] = re[at]! - r
        im[at + half] = im[at]! - q
        re[at]! += r
        im[at]! += q
      }
    }
  }
}

/** Level of `pcm[from, to)` in dBFS: 0 dB is the RMS of a full-scale square wave. */
export function rmsDb(pcm: Float32Array, from = 0, to = pcm.length): number {
  let sum = 0
  for (let i = from; i < to; i += 1) sum += (pcm[i] ?? 0) ** 2
  return decibels(sum / (to - from))
}

/** Level of a band in `pcm[start, start + size)`, in dBFS as `rmsDb` counts. */
export function bandDb(pcm: Float32Array, start: number, size: number, rateHz: number, fromHz: number, toHz: number): number {
  return decibels(bandPower(powerSpectrum(pcm, start, size), size, rateHz, fromHz, toHz))
}

/** Power of a band, scaled so that all bands together give the mean square of a stationary signal (a Hann window keeps 3/8 of it). */
function bandPower(power: Float64Array, size: number, rateHz: number, fromHz: number, toHz: number): number {
  const first = Math.max(1, Math.ceil((fromHz * size) / rateHz))
  const last = Math.min(power.length - 1, Math.ceil((toHz * size) / rateHz) - 1)
  let sum = 0
  for (let k = first; k <= last; k += 1) sum += power[k]!
  return (2 * sum) / (size * size * 0.375)
}

const decibels = (meanSquare: number): number => (meanSquare <= 0 ? FLOOR_DB : Math.max(FLOOR_DB, 10 * Math.log10(meanSquare)))

export interface DistanceOptions {
  readonly rateHz: number
  readonly fromHz?: number
  readonly toHz: number
  /** Bands of the reference below this level are left out: nobody hears what is there. Default −60. */
  readonly floorDb?: number
}

/**
 * Mean absolute difference of third-octave levels over time (43 ms windows, half overlapped), in dB: how far the sound is
 * from the reference as an ear's filters see it, whatever the waveform does.
 */
export function logSpectralDistanceDb(reference: Float32Array, heard: Float32Array, options: DistanceOptions): number {
  const { rateHz, fromHz = 100, toHz, floorDb = -60 } = options
  const size = rateHz > 24_000 ? 2048 : 1024
  let sum = 0
  let count = 0
  for (let start = 0; start + size <= reference.length; start += size / 2) {
    const a = powerSpectrum(reference, start, size)
    const b = powerSpectrum(heard, start, size)
    for (let low = fromHz; low * 1.26 <= toHz; low *= 1.26) {
      const levelDb = decibels(bandPower(a, size, rateHz, low, low * 1.26))
      if (levelDb < floorDb) continue
      // What was lost altogether counts as a fall to 20 dB under the floor, not to minus infinity.
      sum += Math.abs(levelDb - Math.max(floorDb - 20, decibels(bandPower(b, size, rateHz, low, low * 1.26))))
      count += 1
    }
  }
  return count === 0 ? 0 : sum / count
}

/** Lag in samples at which `heard` fits `reference` best, searched in [fromLag, toLag], on `reference[from, to)`. */
export function bestLag(reference: Float32Array, heard: Float32Array, fromLag: number, toLag: number, from: number, to: number): number {
  let best = -Infinity
  let lag = fromLag
  for (let candidate = fromLag; candidate <= toLag; candidate += 1) {
    let sum = 0
    for (let i = from; i < to; i += 1) sum += reference[i]! * (heard[i + candidate] ?? 0)
    if (sum > best) {
      best = sum
      lag = candidate
    }
  }
  return lag
}

/** Falling off of masking for each third octave away from the masker, upwards and downwards, and how far noise must stay under it, in dB. */
const MASKING = { upDb: 10, downDb: 25, offsetDb: 6 } as const

/**
 * Total noise-to-mask ratio in dB: the error between two signals that stand sample on sample, against what the reference masks (third octaves with plain
 * slopes, after the measure of that name in ITU-R BS.1387). Unlike `logSpectralDistanceDb` it rewards an encoder for putting its noise where it is
 * not heard. 0 dB: noise as strong as the mask on average; only differences between settings mean much.
 */
export function noiseToMaskDb(reference: Float32Array, heard: Float32Array, options: DistanceOptions): number {
  const { rateHz, fromHz = 100, toHz, floorDb = -60 } = options
  const size = rateHz > 24_000 ? 2048 : 1024
  const error = reference.map((x, i) => (heard[i] ?? 0) - x)
  const lows: number[] = []
  for (let low = fromHz; low * 1.26 <= toHz; low *= 1.26) lows.push(low)
  const floor = 10 ** (floorDb / 10)
  let sum = 0
  let count = 0
  for (let start = 0; start + size <= reference.length; start += size / 2) {
    const a = powerSpectrum(reference, start, size)
    const e = powerSpectrum(error, start, size)
    const signal = lows.map((low) => bandPower(a, size, rateHz, low, low * 1.26))
    if (Math.max(...signal) < floor) continue
    lows.forEach((low, band) => {
      let mask = floor
      signal.forEach((power, other) => { mask += power * 10 ** (-(band >= other ? MASKING.upDb * (band - other) : MASKING.downDb * (other - band)) / 10) })
      sum += bandPower(e, size, rateHz, low, low * 1.26) / (mask * 10 ** (-MASKING.offsetDb / 10))
      count += 1
    })
  }
  return count === 0 ? -Infinity : 10 * Math.log10(sum / count)
}
