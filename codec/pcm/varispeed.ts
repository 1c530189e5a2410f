/** Filter length: the sound around each output sample that it is made from, 1/3 ms. */
export const TAPS = 16

/** Input samples needed before and after the position of an output sample. */
export const TAPS_BEFORE = TAPS / 2 - 1
export const TAPS_AFTER = TAPS / 2

/**
 * So many places between two samples have a filter of their own; the nearest is taken. The error of place, 1/8192 of a
 * sample, is -96 dB at 1 kHz and -76 dB at 10 kHz: cheaper than interpolating between filters and below what the codecs add.
 */
const PLACES = 4096

/** Kaiser window: stop band about -70 dB. */
const KAISER_BETA = 7

let table: Float32Array | undefined

/** The filters of all places from one sample to the next, both included, one after the other; each has a sum of 1. */
export const varispeedFilters = (): Float32Array => (table ??= makeTable())

/**
 * Reads `output.length` samples from `input` at `position`, `position + ratio`, ... with a windowed-sinc filter for ratios
 * near 1 (varispeed of some hundred ppm; no protection against aliasing for more).
 * `input` must hold TAPS_BEFORE samples before the first and TAPS_AFTER after the last position.
 */
export function varispeed(input: Float32Array, position: number, ratio: number, output: Float32Array, outputSamples: number): void {
  // Hot path: once per block per cross-clock source.
  const filters = varispeedFilters()
  for (let i = 0; i < outputSamples; i++) {
    const at = position + i * ratio
    const whole = Math.floor(at)
    let f = Math.round((at - whole) * PLACES) * TAPS
    let x = whole - TAPS_BEFORE
    let sum = 0
    for (const end = f + TAPS; f < end; f += 4, x += 4) {
      sum += filters[f]! * input[x]! + filters[f + 1]! * input[x + 1]! + filters[f + 2]! * input[x + 2]! + filters[f + 3]! * input[x + 3]!
    }
    output[i] = sum
  }
}

function makeTable(): Float32Array {
  const filters = new Float32Array((PLACES + 1) * TAPS)
  for (let place = 0; place <= PLACES; place++) {
    let sum = 0
    for (let tap = 0; tap < TAPS; tap++) {
      const distance = tap - TAPS_BEFORE - place / PLACES
      const value = sinc(distance) * kaiser(distance / (TAPS / 2))
      filters[place * TAPS + tap] = value
      sum += value
    }
    // Same gain at every place, or the slow walk through the places would be heard as a tremolo.
    for (let tap = 0; tap < TAPS; tap++) filters[place * TAPS + tap]! /= sum
  }
  return filters
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
const kaiser = (x: number): number => (Math.abs(x) >= 1 ? 0 : bessel0(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel0(KAISER_BETA))

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
