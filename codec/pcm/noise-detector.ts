import { SAMPLE_RATE_HZ } from '../audio-format.ts'
import { powerToDb } from './decibels.ts'
import { Spectrum, SPECTRUM_BINS, SPECTRUM_SAMPLES } from './spectrum.ts'

const WINDOW_MS = 100
const WINDOW_SAMPLES = (SAMPLE_RATE_HZ * WINDOW_MS) / 1000
/** Spectra are averaged over so many windows, that is a second. */
const WINDOWS = 10
const HZ_PER_BIN = SAMPLE_RATE_HZ / SPECTRUM_SAMPLES
/** Hum is below, what anybody means to be heard is above as well. */
const LOWEST_BIN = Math.round(375 / HZ_PER_BIN)
const VOICE_BIN = Math.round(3000 / HZ_PER_BIN)
const HIGHEST_BIN = Math.round(20_000 / HZ_PER_BIN)
/** White noise fills at least a telephone's band. */
const LEAST_BINS = Math.round(2600 / HZ_PER_BIN)
/** A band ends where the power over so many bins has fallen by 10 dB: that is where a codec or a line ends. */
const EDGE_BINS = 8

/** Geometric to arithmetic mean of the bins of a band. White noise, averaged over a second: about −0.3 dB; pink −1.7; speech −5 and less. */
const WHITE_DB = -1.1
/** Quieter noise may be rain on the roof of whoever reports from it. */
const LOUD_DBFS = -18
/** The levels of a second of noise are closer together than those of applause. */
const WHITE_RANGE_DB = 2.5

/** Up to here it may be an open line with nobody on it; a voice of whatever distance is louder. */
const FLOOR_DBFS = -45
/** Windows of a noise floor are all within this of each other, twice; codecs let its level waver. */
const FLOOR_RANGE_DB = 3
/** Those of a louder noise are closer: a receiver without a station keeps within some tenths. */
const NOISE_RANGE_DB = 1.6
/** One bin this far above its neighbours is a tone. */
const TONE_RATIO = 6
const NEIGHBOURS = 6
const LOWEST_TONE_BIN = 3
/** So many windows in a row out of range: it is another level now. */
const MOVED_WINDOWS = 3
/** Part of the way that the reference goes with each window. */
const FOLLOW = 0.02

/** What a window of 100 ms was. */
export interface NoiseWindow {
  /** Constant part, of full scale 1. */
  offset: number
  /** Level of the rest, dBFS. */
  levelDbfs: number
  /** White noise, so loud that nobody can have meant it, in the last second. */
  isLoudNoise: boolean
  /** The level has not moved since the last windows, and there is no tone in it, or it is below what is heard as one. */
  isSteady: boolean
  /** As quiet as a line with nobody on it. */
  isFloor: boolean
}

/**
 * Tells noise from sound, 100 ms at a time, by how flat its spectrum is and how steady its level. Noise of a receiver, of an amplifier or of bytes that
 * are no sound has a level that hardly moves and no tones; applause, rain, breath and bells have one or the other.
 */
export class NoiseDetector {
  /** The last window; written over by the next. */
  readonly window: NoiseWindow = { offset: 0, levelDbfs: powerToDb(0), isLoudNoise: false, isSteady: false, isFloor: false }
  readonly #spectrum = new Spectrum()
  readonly #head = new Float32Array(SPECTRUM_SAMPLES)
  readonly #powers = new Float64Array(SPECTRUM_BINS)
  readonly #onWindow: () => void
  #count = 0
  #sum = 0
  #squares = 0
  #windows = 0
  #loudestDbfs = -Infinity
  #quietestDbfs = Infinity
  #secondSquares = 0
  #hasTone = true
  #referenceDbfs = 0
  #movedWindows = 0

  /** @param onWindow called with each whole window, before the samples after it are looked at */
  constructor(onWindow: () => void) {
    this.#onWindow = onWindow
  }

  push(block: Float32Array): void {
    // Hot path: all that any source brings goes through here.
    let count = this.#count
    let sum = this.#sum
    let squares = this.#squares
    for (let i = 0; i < block.length; i += 1) {
      const x = block[i]!
      const sample = Number.isFinite(x) ? x : 0
      sum += sample
      squares += sample * sample
      if (count < SPECTRUM_SAMPLES) this.#head[count] = sample
      count += 1
      if (count < WINDOW_SAMPLES) continue
      this.#close(sum / WINDOW_SAMPLES, squares / WINDOW_SAMPLES)
      count = sum = squares = 0
    }
    this.#count = count
    this.#sum = sum
    this.#squares = squares
  }

  #close(mean: number, square: number): void {
    const { window } = this
    const power = Math.max(0, square - mean * mean)
    const dbfs = powerToDb(power)
    window.offset = mean
    window.levelDbfs = dbfs
    this.#spectrum.addPowers(this.#head, this.#powers)
    this.#secondSquares += power
    this.#loudestDbfs = Math.max(this.#loudestDbfs, dbfs)
    this.#quietestDbfs = Math.min(this.#quietestDbfs, dbfs)
    this.#windows += 1
    if (this.#windows === WINDOWS) this.#judgeSecond()
    window.isFloor = dbfs < FLOOR_DBFS
    window.isSteady = this.#isSteady(dbfs) && (window.isFloor || !this.#hasTone)
    this.#onWindow()
  }

  #isSteady(dbfs: number): boolean {
    const range = dbfs < FLOOR_DBFS ? FLOOR_RANGE_DB : NOISE_RANGE_DB
    if (Math.abs(dbfs - this.#referenceDbfs) <= range) {
      this.#movedWindows = 0
      this.#referenceDbfs += (dbfs - this.#referenceDbfs) * FOLLOW
      return true
    }
    this.#movedWindows += 1
    if (this.#movedWindows >= MOVED_WINDOWS) this.#referenceDbfs = dbfs
    return false
  }

  #judgeSecond(): void {
    const powers = this.#powers
    const isSteady = this.#loudestDbfs - this.#quietestDbfs <= WHITE_RANGE_DB
    this.#hasTone = hasTone(powers)
    this.window.isLoudNoise = isSteady && powerToDb(this.#secondSquares / WINDOWS) >= LOUD_DBFS && flatnessDb(powers) >= WHITE_DB
    powers.fill(0)
    this.#windows = this.#secondSquares = 0
    this.#loudestDbfs = -Infinity
    this.#quietestDbfs = Infinity
  }
}

/** How flat a spectrum is between where voices begin and where its band ends; −Infinity where that is no band. */
export function flatnessDb(powers: Float64Array): number {
  let voice = 0
  for (let k = LOWEST_BIN; k < VOICE_BIN; k += 1) voice += powers[k]!
  voice /= VOICE_BIN - LOWEST_BIN
  let edge = HIGHEST_BIN - EDGE_BINS
  while (edge > LOWEST_BIN && sumOf(powers, edge) < (voice * EDGE_BINS) / 10) edge -= 1
  const bins = edge - LOWEST_BIN
  if (voice === 0 || bins < LEAST_BINS) return -Infinity
  let sum = 0
  let logs = 0
  for (let k = LOWEST_BIN; k < edge; k += 1) {
    sum += powers[k]!
    logs += Math.log10(powers[k]! + Number.MIN_VALUE)
  }
  return 10 * (logs / bins - Math.log10(sum / bins))
}

function sumOf(powers: Float64Array, from: number): number {
  let sum = 0
  for (let k = from; k < from + EDGE_BINS; k += 1) sum += powers[k]!
  return sum
}

/** Whether one bin stands out from those around it; at the low end, from those above it. */
function hasTone(powers: Float64Array): boolean {
  for (let k = LOWEST_TONE_BIN; k < HIGHEST_BIN; k += 1) {
    let around = 0
    let bins = 0
    // A tone spreads over its own bin and one on each side.
    for (let by = 2; by < NEIGHBOURS + 2; by += 1) {
      around += powers[k + by]!
      bins += 1
      if (k < NEIGHBOURS + 2) continue
      around += powers[k - by]!
      bins += 1
    }
    if (powers[k]! * bins > around * TONE_RATIO) return true
  }
  return false
}
