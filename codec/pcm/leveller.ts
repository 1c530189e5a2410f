import { SAMPLE_RATE_HZ } from '../audio-format.ts'
import { dbToGain } from './decibels.ts'
import { fadeInGain } from './fade.ts'
import { KWeighting, loudnessOf, meanSquareOf } from './k-weighting.ts'
import { TruePeakLimiter } from './true-peak-limiter.ts'

/** `programme`: slow, for what a station or a studio makes. `speech`: faster and further, for telephones and talk. */
export type LevellingManner = 'programme' | 'speech'

interface Manner {
  /** How far the gain may go. */
  readonly mostUpDb: number
  readonly mostDownDb: number
  /** How fast it goes. */
  readonly upDbPerSecond: number
  readonly downDbPerSecond: number
  /** How much of the sound the loudness is judged by. */
  readonly memoryMs: number
  /** Sound far below what went before is a pause; after so long it is how the programme sounds now. */
  readonly pauseMs: number
  /** What is quieter is never made louder. */
  readonly gateLufs: number
}

const MANNERS: Readonly<Record<LevellingManner, Manner>> = {
  programme: { mostUpDb: 15, mostDownDb: 25, upDbPerSecond: 1.5, downDbPerSecond: 6, memoryMs: 12_000, pauseMs: 8000, gateLufs: -50 },
  speech: { mostUpDb: 26, mostDownDb: 30, upDbPerSecond: 6, downDbPerSecond: 20, memoryMs: 3000, pauseMs: 3000, gateLufs: -55 },
}

/** As in EBU R128: what is so far below the rest does not count. */
const RELATIVE_GATE_LU = 10
/** A pause in which nothing but a steady noise is heard may be so many times as long: it is nobody's programme. */
const STEADY_PAUSES = 4
const STEADY_RANGE_DB = 5

const STEP_MS = 100
const STEP_SAMPLES = (SAMPLE_RATE_HZ * STEP_MS) / 1000
/** Loudness is taken over 400 ms, four steps. */
const STEPS = 4
/** Of a source that was away, or has just begun, so little is known: it is levelled faster. */
const FRESH_MS = 3000
const FRESH_TIMES = 4

/** What is so much louder than what went before is no accent: what went before is forgotten the sooner. */
const JUMP_LU = 8
/** The limiter takes loudness with the peaks; so much of it at most is given back. */
const MOST_LOSS_DB = 3

/** The gain begins to fall so long before a peak; most of the delay. */
const LOOK_AHEAD_MS = 1.5
const FADE_SAMPLES = 240
/** Nothing that is louder is sound; what is louder still would drown the filters for seconds. */
const MOST_SAMPLE = 8
/** High pass at 4 Hz, against an offset. */
const OFFSET_KEPT = 1 - (2 * Math.PI * 4) / SAMPLE_RATE_HZ

export interface LevellerOptions {
  readonly targetLufs: number
  readonly ceilingDbtp: number
}

/**
 * Brings a live mono stream to the loudness of the house, in place, block by block, without allocating. The gain follows the gated K-weighted loudness slowly, stays
 * where it is in pauses and silence, and moves without steps; a true-peak limiter holds what is still too high. An offset is taken away.
 */
export class Leveller {
  readonly delaySamples: number
  readonly #targetLufs: number
  readonly #limiter: TruePeakLimiter
  readonly #weighting = new KWeighting()
  #manner: Manner = MANNERS.programme
  #gainDb = 0
  #wantedDb = 0
  /** Mean squares of the last steps, K-weighted. */
  readonly #steps = new Float64Array(STEPS)
  #step = 0
  #stepsSeen = 0
  #energy = 0
  #count = 0
  /** Gated mean square of the programme, and how much sound it comes from. */
  #mean = 0
  #knownMs = 0
  /** Energy before and behind the limiter: of the running step, and gated as the mean is. */
  #energyIn = 0
  #energyOut = 0
  #meanIn = 0
  #meanOut = 0
  #isFrozen = true
  #pauseMs = 0
  #pauseSum = 0
  #pauseLoudest = 0
  #pauseQuietest = Infinity
  #offsetIn = 0
  #offsetOut = 0
  #sinceRestart = 0

  /** @throws CodecError `CODEC_ERR_OPTION` */
  constructor({ targetLufs, ceilingDbtp }: LevellerOptions) {
    this.#targetLufs = targetLufs
    this.#limiter = new TruePeakLimiter({ ceilingDbtp, lookAheadMs: LOOK_AHEAD_MS })
    this.delaySamples = this.#limiter.delaySamples
  }

  set manner(manner: LevellingManner) {
    this.#manner = MANNERS[manner]
  }

  /** What the sound is raised by now, before the limiter. */
  get gainDb(): number {
    return this.#gainDb
  }

  /** After a gap: what was still on its way is dropped, the gain stays, and the sound is faded in. */
  restart(): void {
    this.#limiter.reset()
    this.#offsetIn = this.#offsetOut = 0
    this.#sinceRestart = this.#stepsSeen = this.#energy = this.#count = this.#energyIn = this.#energyOut = 0
    this.#endPause()
    this.#knownMs = Math.min(this.#knownMs, FRESH_MS)
  }

  /** In place; what comes out is `delaySamples` older. */
  process(block: Float32Array): void {
    this.#clean(block)
    this.#measure(block)
    this.#moveGain(block)
    this.#energyIn += energyOf(block)
    this.#limiter.process(block)
    this.#energyOut += energyOf(block)
    this.#fadeIn(block)
  }

  /** Without an offset, and nothing that is no number. */
  #clean(block: Float32Array): void {
    let before = this.#offsetIn
    let out = this.#offsetOut
    for (let i = 0; i < block.length; i += 1) {
      const x = block[i]!
      const sample = x >= -MOST_SAMPLE && x <= MOST_SAMPLE ? x : x > 0 ? MOST_SAMPLE : x < 0 ? -MOST_SAMPLE : 0
      out = sample - before + OFFSET_KEPT * out
      before = sample
      block[i] = out
    }
    this.#offsetIn = before
    this.#offsetOut = Math.abs(out) < 1e-30 ? 0 : out
  }

  #measure(block: Float32Array): void {
    for (let from = 0; from < block.length;) {
      const to = Math.min(block.length, from + STEP_SAMPLES - this.#count)
      this.#energy += this.#weighting.energyOf(block, from, to)
      this.#count += to - from
      from = to
      if (this.#count < STEP_SAMPLES) continue
      this.#steps[this.#step] = this.#energy / STEP_SAMPLES
      this.#step = (this.#step + 1) % STEPS
      this.#energy = this.#count = 0
      this.#stepsSeen = Math.min(STEPS, this.#stepsSeen + 1)
      if (this.#stepsSeen === STEPS) this.#judge()
    }
  }

  /** What the last 400 ms say of the programme's loudness. */
  #judge(): void {
    let sum = 0
    for (let step = 0; step < STEPS; step += 1) sum += this.#steps[step]!
    const power = sum / STEPS
    const { gateLufs, memoryMs, mostDownDb, mostUpDb } = this.#manner
    const energyIn = this.#energyIn
    const energyOut = this.#energyOut
    this.#energyIn = this.#energyOut = 0
    this.#isFrozen = !(power > meanSquareOf(gateLufs))
    if (this.#isFrozen) return
    if (this.#knownMs > 0 && power < this.#mean * 10 ** (-RELATIVE_GATE_LU / 10)) {
      this.#isFrozen = true
      this.#notePause(power)
      return
    }
    this.#endPause()
    const jumps = power > this.#mean * 10 ** (JUMP_LU / 10)
    if (jumps) {
      this.#knownMs = Math.min(this.#knownMs, FRESH_MS)
      this.#meanIn = this.#meanOut = 0
    }
    this.#knownMs = Math.min(memoryMs, this.#knownMs + STEP_MS)
    const part = STEP_MS / this.#knownMs
    this.#mean += (power - this.#mean) * part
    if (!jumps && Math.abs(this.#wantedDb - this.#gainDb) <= MOST_LOSS_DB) {
      // Not while the gain is on its way, and the limiter holds what comes down anyhow.
      this.#meanIn += (energyIn - this.#meanIn) * part
      this.#meanOut += (energyOut - this.#meanOut) * part
    }
    const lossDb = this.#meanOut > 0 ? Math.min(MOST_LOSS_DB, Math.max(0, 10 * Math.log10(this.#meanIn / this.#meanOut))) : 0
    this.#wantedDb = Math.max(-mostDownDb, Math.min(mostUpDb, this.#targetLufs - loudnessOf(this.#mean) + lossDb))
  }

  #notePause(power: number): void {
    this.#pauseMs += STEP_MS
    this.#pauseSum += power
    if (this.#pauseMs > STEPS * STEP_MS) {
      const latest = this.#steps[(this.#step + STEPS - 1) % STEPS]!
      this.#pauseLoudest = Math.max(this.#pauseLoudest, latest)
      this.#pauseQuietest = Math.min(this.#pauseQuietest, latest)
    }
    const isSteady = this.#pauseLoudest < this.#pauseQuietest * 10 ** (STEADY_RANGE_DB / 10)
    if (this.#pauseMs < this.#manner.pauseMs * (isSteady ? STEADY_PAUSES : 1)) return
    this.#mean = (this.#pauseSum * STEP_MS) / this.#pauseMs
    this.#knownMs = FRESH_MS
    this.#endPause()
  }

  #endPause(): void {
    this.#pauseMs = this.#pauseSum = this.#pauseLoudest = 0
    this.#pauseQuietest = Infinity
  }

  #moveGain(block: Float32Array): void {
    const before = dbToGain(this.#gainDb)
    if (!this.#isFrozen) {
      const seconds = block.length / SAMPLE_RATE_HZ
      const times = this.#knownMs < FRESH_MS ? FRESH_TIMES : 1
      const { upDbPerSecond, downDbPerSecond } = this.#manner
      const step = Math.max(-downDbPerSecond * times * seconds, Math.min(upDbPerSecond * times * seconds, this.#wantedDb - this.#gainDb))
      this.#gainDb += step
    }
    const rise = (dbToGain(this.#gainDb) - before) / block.length
    for (let i = 0; i < block.length; i += 1) block[i] = block[i]! * (before + rise * (i + 1))
  }

  #fadeIn(block: Float32Array): void {
    const end = this.delaySamples + FADE_SAMPLES
    if (this.#sinceRestart >= end) return
    for (let i = 0; i < block.length; i += 1) block[i] = block[i]! * fadeInGain(this.#sinceRestart + i - this.delaySamples, FADE_SAMPLES)
    this.#sinceRestart += block.length
  }
}

function energyOf(block: Float32Array): number {
  let energy = 0
  for (let i = 0; i < block.length; i += 1) energy += block[i]! * block[i]!
  return energy
}
