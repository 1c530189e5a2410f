import { sampleOfMuLaw } from './mu-law.ts'

/** Formats whose bytes make sense where the samples, as they were read, make none. */
export const MISREAD_FORMATS = ['s16 of the other byte order', 's24le', 's24be', 's32le', 's32be', 'f32le', 'f32be', 'u8', 's8', 'mulaw', 's16 read as 8 bits'] as const
export type MisreadFormat = (typeof MISREAD_FORMATS)[number]

/** So many samples are looked at. */
export const MISREAD_SAMPLES = 1200

/** Neighbours of sound at 48 kHz hardly differ; those of bytes read wrongly have nothing to do with each other. */
const LEAST_ALIKE = 0.9
const MOST_ALIKE = 0.6
/** −40 dBFS: nothing can be said of less. */
const LEAST_POWER = 1e-4

interface Reading {
  readonly format: MisreadFormat
  /** Length of a sample, and where the first may begin. */
  readonly bytes: number
  readonly phases: readonly number[]
  readonly at: (view: DataView, offset: number) => number
}

const READINGS: readonly Reading[] = [
  { format: 's16 of the other byte order', bytes: 2, phases: [0], at: (view, at) => view.getInt16(at) / 2 ** 15 },
  { format: 's24le', bytes: 3, phases: [0, 1, 2], at: (view, at) => view.getInt16(at + 1, true) / 2 ** 15 },
  { format: 's24be', bytes: 3, phases: [0, 1, 2], at: (view, at) => view.getInt16(at) / 2 ** 15 },
  { format: 's32le', bytes: 4, phases: [0, 2], at: (view, at) => view.getInt32(at, true) / 2 ** 31 },
  { format: 's32be', bytes: 4, phases: [0, 2], at: (view, at) => view.getInt32(at) / 2 ** 31 },
  { format: 'f32le', bytes: 4, phases: [0, 2], at: (view, at) => view.getFloat32(at, true) },
  { format: 'f32be', bytes: 4, phases: [0, 2], at: (view, at) => view.getFloat32(at) },
  { format: 'u8', bytes: 1, phases: [0], at: (view, at) => view.getUint8(at) / 2 ** 7 - 1 },
  { format: 's8', bytes: 1, phases: [0], at: (view, at) => view.getInt8(at) / 2 ** 7 },
  { format: 'mulaw', bytes: 1, phases: [0], at: (view, at) => sampleOfMuLaw(view.getUint8(at)) / 2 ** 15 },
]

/**
 * Which format the sound really has when it was taken for 16 bits, little-endian: its bytes, read so, are smooth, and as they were read they are not. It can tell
 * only as long as the bytes are what they were: not after a lossy codec, another sample rate or a mix of channels, where what is left is noise. A wrong sample rate is sound
 * all the same, only faster or slower, and cannot be told.
 * @returns `sound` when it is in order, `unknown` when it says nothing either way
 */
export function misreadAs(samples: Float32Array): MisreadFormat | 'sound' | 'unknown' {
  const view = new DataView(new ArrayBuffer(samples.length * 2))
  for (let i = 0; i < samples.length; i += 1) view.setInt16(i * 2, Math.max(-32_768, Math.min(32_767, Math.round(samples[i]! * 32_768))), true)
  const asRead = likeness(samples.length, (i) => samples[i]!)
  if (asRead === null) return 'unknown'
  if (asRead > MOST_ALIKE) return 'sound'
  for (const { format, bytes, phases, at } of READINGS) {
    for (const phase of phases) {
      const alike = likeness(Math.floor((view.byteLength - phase - 3) / bytes), (i) => at(view, phase + i * bytes))
      if (alike !== null && alike >= LEAST_ALIKE) return format
    }
  }
  // Each sample became two: the high byte is still sound, coarse, the low one is noise.
  const halves = [0, 1].map((phase) => likeness(samples.length >> 1, (i) => samples[2 * i + phase]!))
  return halves.some((half) => half !== null && half >= LEAST_ALIKE) && halves.some((half) => half !== null && half < MOST_ALIKE / 2) ? 's16 read as 8 bits' : 'unknown'
}

/** Correlation of neighbours, without the mean; null for what is too quiet or no sound at all. */
function likeness(length: number, at: (index: number) => number): number | null {
  let sum = 0
  let squares = 0
  let products = 0
  let before = 0
  for (let i = 0; i < length; i += 1) {
    const x = at(i)
    if (!(Math.abs(x) <= 1.5)) return null
    sum += x
    squares += x * x
    products += x * before
    before = x
  }
  const mean = sum / length
  const power = squares / length - mean * mean
  return power < LEAST_POWER ? null : (products / length - mean * mean) / power
}
