import { rmsDb } from './spectrum.ts'

/** A stretch of decoded sound in which one tone (or none: 0) is heard. */
export interface Stretch {
  readonly hz: number
  readonly fromMs: number
  readonly toMs: number
}

const WINDOW_MS = 10
/** Below this a window is silence. */
const SILENCE_DBFS = -50

/** Which of the tones is heard when, in windows of 10 ms; stretches shorter than 30 ms are transitions and go to their successor. */
export function toneMap(pcm: Float32Array, tones: readonly number[], rateHz = 48_000): Stretch[] {
  const window = Math.round((rateHz * WINDOW_MS) / 1000)
  const stretches: { hz: number; fromMs: number; toMs: number }[] = []
  for (let at = 0; at + window <= pcm.length; at += window) {
    const silent = rmsDb(pcm, at, at + window) < SILENCE_DBFS
    const hz = silent ? 0 : tones.reduce((best, tone) => (power(pcm, at, window, tone, rateHz) > power(pcm, at, window, best, rateHz) ? tone : best))
    const ms = (at * 1000) / rateHz
    const last = stretches.at(-1)
    if (last?.hz === hz) last.toMs = ms + WINDOW_MS
    else stretches.push({ hz, fromMs: ms, toMs: ms + WINDOW_MS })
  }
  const long: Stretch[] = []
  let borrowedFromMs: number | null = null
  for (const stretch of stretches) {
    if (stretch.toMs - stretch.fromMs < 30) {
      borrowedFromMs ??= stretch.fromMs
      continue
    }
    const last = long.at(-1)
    if (last?.hz === stretch.hz) long[long.length - 1] = { ...last, toMs: stretch.toMs }
    else long.push({ ...stretch, fromMs: borrowedFromMs ?? stretch.fromMs })
    borrowedFromMs = null
  }
  return long
}

/** Longest time without sound between the first and the last sound, ms, to 1 ms. */
export function longestGapMs(pcm: Float32Array, rateHz = 48_000): number {
  const step = rateHz / 1000
  let longest = 0
  let run = -1
  for (let at = 0; at + step <= pcm.length; at += step) {
    if (rmsDb(pcm, at, at + step) < SILENCE_DBFS) {
      if (run >= 0) run += 1
    } else {
      longest = Math.max(longest, run)
      run = 0
    }
  }
  return longest
}

/** Goertzel: power of one frequency in a window. */
function power(pcm: Float32Array, from: number, length: number, hz: number, rateHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rateHz)
  let previous = 0
  let beforeThat = 0
  for (let index = from; index < from + length; index += 1) {
    const next = pcm[index]! + coefficient * previous - beforeThat
    beforeThat = previous
    previous = next
  }
  return previous * previous + beforeThat * beforeThat - coefficient * previous * beforeThat
}
