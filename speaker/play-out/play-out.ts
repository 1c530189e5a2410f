import { fadeIn, fadeOut, SAMPLE_RATE_HZ, TAPS_AFTER } from '../../codec/playback.ts'
import type { HouseTime } from '../clock/house-time.ts'
import type { Output, PlayedStretch } from '../ports.ts'
import { CardClock } from './card-clock.ts'
import { Departures } from './departures.ts'
import type { Line } from './line.ts'

const BLOCK_SAMPLES = 480
const FADE_SAMPLES = SAMPLE_RATE_HZ / 200
/** Bound of the steady correction, all of it: 300 ppm is half a cent of pitch, which nobody hears. */
export const MAX_PPM = 300
/** An error goes away with this time constant, as far as the bound allows. */
const SETTLING_S = 2
/**
 * Beyond this the sound is cut and goes on at the right place: at the bound 15 ms would take 50 s to work off, and neighbouring horns 15 ms
 * apart are as if one stood 5 m further away, still no echo.
 */
export const HARD_LIMIT_MS = 15
/**
 * While a connection settles its clock is still being found, and a few cuts of 5 ms in its first seconds are better than a minute out of step:
 * the limit is this, or so many times what the clock says of its own error.
 */
const SETTLING_LIMIT_MS = 0.5
const SETTLING_SIGMAS = 1
const SETTLING_TIME_MS = 6000
const CORRECTION_PAUSE_MS = 400
/** After an underrun the sound is broken anyway: it goes on at the right place at once, and not a minute later. */
const BROKEN_LIMIT_MS = 0.2
/** The sound that must wait in the card before a missing frame may be waited for, as a part of its queue. */
const PATIENCE = 0.4
const US_PER_SAMPLE = 1e6 / SAMPLE_RATE_HZ

export interface PlayOutOptions {
  readonly output: Output
  readonly house: HouseTime
  readonly line: Line
  readonly played: (stretch: PlayedStretch) => void
  /** Later by so much: distance alignment, less what amplifier and transmitter take. */
  readonly offsetMs: number
}

/**
 * Gives the card, block by block, the sound that is to be heard when the block leaves it. The card's own clock and the house clock are both
 * known with their rates, so what ratio is right is known too and needs no learning: the controller's integral is in the two estimates, and
 * what is left is one proportional term, a first-order loop that cannot overshoot.
 */
export class PlayOut {
  readonly #options: PlayOutOptions
  readonly #departures: Departures
  readonly #card = new CardClock()
  readonly #block = new Float32Array(BLOCK_SAMPLES)
  offsetMs: number
  #written = 0
  #silent = 0
  /** The next sample's place of hearing, whole and fraction; NaN: not aligned yet. */
  #place = NaN
  #fraction = 0
  #ratio = 1
  #errorUs = 0
  #jumping = false
  #fadingIn = false
  /** The card ran dry, and the place has not been put right since. */
  #broken = false
  #settlingUntilMs = -Infinity
  #lastJumpMs = -Infinity
  #hardCorrectionsTotal = 0
  #underrunSamples = 0

  constructor(options: PlayOutOptions) {
    this.#options = options
    this.offsetMs = options.offsetMs
    this.#departures = new Departures(options.line, options.played)
  }

  /** How much later than it should the sound leaves, by the device's own clocks; null when nothing tells when it should. */
  get syncErrorUs(): number | null {
    return Number.isNaN(this.#place) || !this.#options.house.synchronised ? null : -this.#errorUs
  }

  get correctionPpm(): number {
    return (this.#ratio - 1) * 1e6
  }

  /** The card is faster than the house clock by this. */
  get cardPpm(): number | null {
    return this.#card.known && this.#options.house.synchronised ? (1 - (this.#card.sampleMs * this.#options.house.usPerMs) / US_PER_SAMPLE) * 1e6 : null
  }

  get hardCorrectionsTotal(): number {
    return this.#hardCorrectionsTotal
  }

  /** Silence the card had to put in because nothing was there. */
  get underrunSamples(): number {
    return this.#underrunSamples
  }

  get departures(): Departures {
    return this.#departures
  }

  /** House place of hearing of the next sample to be given; -Infinity before the start. */
  get place(): number {
    return Number.isNaN(this.#place) ? -Infinity : this.#place
  }

  /** A connection began: its clock will be found in the next seconds. */
  settle(nowMs: number): void {
    this.#settlingUntilMs = nowMs + SETTLING_TIME_MS
  }

  /** Fills the card. To be called every 10 to 20 ms, at the latest when its queue is nearly gone. */
  turn(nowMs: number): void {
    // Hot path: once per turn of each agent.
    const { output, house } = this.#options
    const position = output.position()
    if (position === null) {
      this.#prime(output)
      return
    }
    if (position.silentSamples > this.#silent) this.#broken = true
    this.#underrunSamples += Math.max(0, position.silentSamples - this.#silent)
    this.#silent = position.silentSamples
    this.#card.observe(position.leftSamples + position.silentSamples, position.atMs)
    this.#departures.left(position.leftSamples)
    const queueSamples = (output.queueMs * SAMPLE_RATE_HZ) / 1000
    const gone = this.#card.leftAt(nowMs) - this.#silent
    for (;;) {
      const queued = this.#written - gone
      if (queued >= queueSamples) return
      if (!house.known) this.#silence(output)
      else if (!this.#sound(output, nowMs, queued > queueSamples * PATIENCE)) return
    }
  }

  /** The device does not run yet, or not any more: what starts it is sound to play. */
  #prime(output: Output): void {
    if (this.#card.known) {
      this.#card.reset()
      this.#written = 0
      this.#silent = 0
      this.#place = NaN
      this.#departures.flush()
    }
    while (this.#written < (output.queueMs * SAMPLE_RATE_HZ) / 1000) this.#silence(output)
  }

  #silence(output: Output): void {
    this.#block.fill(0)
    this.#departures.gave(this.#written, BLOCK_SAMPLES, NaN, 1)
    output.write(this.#block, BLOCK_SAMPLES)
    this.#written += BLOCK_SAMPLES
  }

  /** @returns false when it is better to wait for a frame */
  #sound(output: Output, nowMs: number, mayWait: boolean): boolean {
    const { house, line } = this.#options
    const leavesAtMs = this.#card.leavesAtMs(this.#written + this.#silent)
    const target = (house.usAt(leavesAtMs) - this.offsetMs * 1000) / US_PER_SAMPLE
    if (Number.isNaN(this.#place)) this.#goTo(target)
    let error = this.#place - target + this.#fraction
    if (line.isSilent && Math.abs(error) > 1 && !this.#jumping) {
      this.#goTo(target)
      error = 0
    }
    const errorMs = (error * 1000) / SAMPLE_RATE_HZ
    if (!line.ensure(this.#place + BLOCK_SAMPLES + TAPS_AFTER + 1, mayWait)) return false
    this.#errorUs = errorMs * 1000
    // Both rates are known: so many house samples pass while one sample of the card leaves.
    const right = (this.#card.sampleMs * house.usPerMs) / US_PER_SAMPLE
    const wanted = (right - 1) * 1e6 - ((error / SAMPLE_RATE_HZ) * 1e6) / SETTLING_S
    this.#ratio = 1 + Math.max(-MAX_PPM, Math.min(MAX_PPM, wanted)) / 1e6
    const limitMs = this.#broken ? BROKEN_LIMIT_MS : nowMs < this.#settlingUntilMs ? Math.max(SETTLING_LIMIT_MS, (SETTLING_SIGMAS * house.filter.quality(nowMs).offsetErrorUs) / 1000) : HARD_LIMIT_MS
    this.#jumping = Math.abs(errorMs) > limitMs && (this.#broken || nowMs - this.#lastJumpMs > CORRECTION_PAUSE_MS)
    this.#broken = false
    line.read(this.#place, this.#fraction, this.#ratio, this.#block, BLOCK_SAMPLES)
    if (this.#fadingIn) fadeIn(this.#block, 0, FADE_SAMPLES)
    this.#fadingIn = this.#jumping
    if (this.#jumping) fadeOut(this.#block, FADE_SAMPLES - BLOCK_SAMPLES, FADE_SAMPLES)
    this.#departures.gave(this.#written, BLOCK_SAMPLES, this.#place + this.#fraction, this.#ratio)
    output.write(this.#block, BLOCK_SAMPLES)
    this.#written += BLOCK_SAMPLES
    this.#advance(BLOCK_SAMPLES * this.#ratio)
    if (this.#jumping) {
      this.#jumping = false
      this.#hardCorrectionsTotal++
      this.#lastJumpMs = nowMs
      this.#goTo(target + BLOCK_SAMPLES * right)
    }
    return true
  }

  /** The fraction is kept apart: a place counts to 10¹² and a correction moves it by 0.0005 of a sample a block. */
  #advance(samples: number): void {
    const sum = this.#fraction + samples
    const whole = Math.floor(sum)
    this.#place += whole
    this.#fraction = sum - whole
  }

  #goTo(target: number): void {
    this.#place = Math.floor(target)
    this.#fraction = target - this.#place
    if (!this.#options.line.reaches(this.#place)) this.#options.line.begin(this.#place)
  }
}
