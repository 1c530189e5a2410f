import { msToSamples, samplesToMs } from './grid.ts'
import { JitterTarget } from './jitter-target.ts'
import type { PcmSource } from './pcm-source.ts'
import { RateController } from './rate-controller.ts'
import { FADE_SAMPLES } from './source-chain.ts'
import { TAPS_AFTER, TAPS_BEFORE, varispeed } from '../codec/pcm/varispeed.ts'

export interface ElasticBufferOptions {
  /** Sound is given out once this much is there; afterwards the valley of the level is kept here. */
  readonly targetMs: number
  /** Each time the buffer runs dry the target grows by half, up to this: the network is worse than thought. A nimble buffer's grows at once by as much as sound was late. */
  readonly maxTargetMs: number
  /** Longer than bursts of arrival are apart. */
  readonly windowMs: number
  /** If for a whole window the level was never below this, what is over the target is left out at once; for a nimble buffer it grows with the target. */
  readonly trimAboveMs: number
  /** Most that is kept; what comes beyond it pushes out the oldest, down to the target. */
  readonly capacityMs: number
  /**
   * As little delay as can be, for sound that comes in small even pieces: not the level is kept at the target but how long before it is needed sound comes,
   * and the target follows the network, down to `leastMs` and up to `maxTargetMs`. What is too much is left out in pauses. Needs the times of `write` and `read`.
   */
  readonly nimble?: { readonly leastMs: number; readonly afterDryMs: number }
}

/** An error of 2 ms is corrected by as much as crystals are off. */
const NIMBLE_GAIN = 6

/** Below this a pause is taken for one: -40 dBFS. */
const PAUSE_PEAK = 0.01
/** In a pause so much is left out at most, at a time; less than this is left to the rate. */
const MOST_LEFT_OUT_MS = 40
const LEAST_LEFT_OUT_MS = 2

/** Just before the next block the level rises so much faster than the place: a step would be too much for the rate, as a sender's clock moves the place on all the time. */
const SPARING_SLOPE = 2
/** Beginning of a block in which nothing is spared: the rate is not yet right when a sender begins. */
const UNSPARED_MS = 4

/**
 * By how much later sound may come than its turn says. It is needed when the block is read that holds its turn, not at its turn; and pieces as long as a block come at one place between
 * two reads. So they need no more sound before them than makes their turn fall into the right block.
 * @param placeMs from the last read to when such sound must be there at the latest
 */
function sparedMs(placeMs: number, blockMs: number): number {
  const inBlockMs = placeMs - blockMs * Math.floor(placeMs / blockMs)
  return inBlockMs - Math.max(Math.min(inBlockMs, UNSPARED_MS), blockMs - SPARING_SLOPE * (blockMs - inBlockMs))
}

/**
 * Joins the clock of a live source to the house clock: sound is written as it arrives, read in blocks on the grid, and
 * played faster or slower by at most 300 ppm so that the level stays where it should be. Only two things are faster than
 * that, and both are faded and counted: leaving out what is too much, and falling silent until the target is reached again.
 */
export class ElasticBuffer implements PcmSource {
  readonly #options: ElasticBufferOptions
  readonly #controller: RateController
  readonly #ring: Float32Array
  readonly #mask: number
  /** Total samples written, and the place of the next output sample among them, with a fraction. */
  #written = 0
  #position = 0
  readonly #jitter: JitterTarget | undefined
  #targetMs: number
  /** Time of the last read and its length; the least by which sound came early enough since then. */
  #lastReadMs = NaN
  #lastBlockMs = 0
  #slackMs = Infinity
  /** Since when sound is missing, until some comes. */
  #dryTurnMs: number | undefined
  #filling = true
  #ended = false
  /** After a jump: the sound that would have followed, to fade out under what follows now. */
  readonly #leaving = new Float32Array(FADE_SAMPLES)
  #leavingSamples = 0
  #scratch = new Float32Array(0)
  #trimsTotal = 0
  #overflowsTotal = 0
  #starvedTotal = 0

  constructor(options: ElasticBufferOptions) {
    if (options.capacityMs <= options.trimAboveMs || options.trimAboveMs <= options.targetMs) throw new RangeError('capacityMs must be above trimAboveMs, and that above targetMs')
    this.#options = options
    this.#targetMs = options.targetMs
    this.#jitter = options.nimble === undefined ? undefined : new JitterTarget({ startMs: options.targetMs, mostMs: options.maxTargetMs, ...options.nimble })
    this.#controller = new RateController(options.targetMs, options.windowMs, options.nimble === undefined ? 1 : NIMBLE_GAIN)
    const size = 2 ** Math.ceil(Math.log2(msToSamples(options.capacityMs) + TAPS_BEFORE + TAPS_AFTER + 1))
    this.#ring = new Float32Array(size)
    this.#mask = size - 1
  }

  /** Sound waiting, ms. */
  get levelMs(): number {
    return samplesToMs(this.#written - this.#position)
  }

  get targetMs(): number {
    return this.#targetMs
  }

  get ppm(): number {
    return this.#controller.ppm
  }

  /** Whether sound is given out, or would be at the next read. */
  get ready(): boolean {
    return !this.#filling || this.levelMs >= this.#fillMs
  }

  /** Sound that must be there before any is given out. */
  get #fillMs(): number {
    // A block is read at once, so that much more must be there for it to have come early enough.
    return this.#jitter === undefined ? this.#targetMs : this.#targetMs + this.#lastBlockMs
  }

  /** A target that has grown to where sound is left out takes that bound along, or something would be left out in every window, and the target never be looked at again. */
  get #trimAboveMs(): number {
    const { trimAboveMs, targetMs } = this.#options
    return this.#jitter === undefined ? trimAboveMs : trimAboveMs + Math.max(0, this.#targetMs - targetMs)
  }

  /** How often sound was left out because the level stayed too high. */
  get trimsTotal(): number {
    return this.#trimsTotal
  }

  /** How often sound was left out because the buffer was full. */
  get overflowsTotal(): number {
    return this.#overflowsTotal
  }

  get starvedTotal(): number {
    return this.#starvedTotal
  }

  /** Takes sound as it arrives; copied. @param atMs now, on the clock of `read` */
  write(samples: Float32Array, atMs = NaN): void {
    this.#ended = false
    if (this.#jitter !== undefined && !this.#filling) {
      // Its first sample is needed with the next block, or as much later as there is sound before it, less what of that block it may follow.
      const slackMs = this.#lastReadMs + this.levelMs - atMs
      const spareMs = slackMs + sparedMs(atMs - this.#lastReadMs + this.#targetMs, this.#lastBlockMs)
      this.#jitter.came(slackMs, spareMs)
      // Who has just run dry has a network, or a crystal, that leaves nothing to spare.
      const keptMs = this.#jitter.isTrusted ? spareMs : slackMs
      if (keptMs < this.#slackMs) this.#slackMs = keptMs
    } else if (this.#jitter !== undefined && this.#dryTurnMs !== undefined) this.#learn(this.#jitter, atMs - this.#dryTurnMs)
    let offset = 0
    const room = msToSamples(this.#options.capacityMs)
    while (offset < samples.length) {
      const part = samples.subarray(offset, offset + Math.min(samples.length - offset, room))
      if (this.#written + part.length - this.#position > room) {
        this.#overflowsTotal++
        this.#jumpTo(Math.max(this.#position, this.#written + part.length - msToSamples(this.#targetMs)))
        this.#jitter?.jumped()
      }
      const at = this.#written & this.#mask
      const first = Math.min(part.length, this.#ring.length - at)
      this.#ring.set(part.subarray(0, first), at)
      this.#ring.set(part.subarray(first), 0)
      this.#written += part.length
      offset += part.length
    }
  }

  /** The first sound after a dry spell says by how much it was too late. */
  #learn(jitter: JitterTarget, lateMs: number): void {
    jitter.ranDry(Math.max(this.#targetMs, this.#controller.valleyMs ?? 0) + lateMs)
    this.#dryTurnMs = undefined
    this.#controller.targetMs = this.#targetMs = jitter.targetMs
  }

  /** Nothing more will come, or not before something has been repaired: running dry is then nobody's delay, and the target stays. */
  end(): void {
    this.#ended = true
    this.#dryTurnMs = undefined
  }

  /** Goes to the live edge: nobody has listened for a while, so there is nothing to fade. */
  rejoin(): void {
    this.#position = Math.max(this.#position, Math.min(this.#written, this.#written - msToSamples(this.#targetMs)))
    this.#leavingSamples = 0
    this.#controller.restartWindow()
    this.#jitter?.jumped()
  }

  /** @param atMs now */
  read(block: Float32Array, atMs = NaN): number {
    // Hot path: once per block per cross-clock source.
    this.#lastReadMs = atMs
    this.#lastBlockMs = samplesToMs(block.length)
    if (this.#filling) {
      if (this.levelMs < this.#fillMs) return 0
      this.#filling = false
      this.#controller.restartWindow()
    }
    const valleyMs = this.#controller.valleyMs
    if (valleyMs !== undefined && valleyMs > this.#trimAboveMs) {
      this.#trimsTotal++
      this.#jumpTo(this.#position + msToSamples(valleyMs - this.#targetMs))
      this.#controller.restartWindow()
      this.#jitter?.jumped()
    } else if (this.#jitter !== undefined && this.#jitter.excessMs > LEAST_LEFT_OUT_MS) this.#leaveOutPause(this.#jitter)

    const ratio = 1 + this.#controller.ppm / 1e6
    const whole = Math.floor(this.#position)
    const readable = Math.floor((this.#written - TAPS_AFTER - this.#position) / ratio)
    const count = Math.max(0, Math.min(block.length, readable))
    if (count > 0) {
      const span = Math.ceil(count * ratio) + TAPS_BEFORE + TAPS_AFTER + 1
      if (this.#scratch.length < span) this.#scratch = new Float32Array(span + 64)
      this.#copyOut(whole - TAPS_BEFORE, span)
      varispeed(this.#scratch, TAPS_BEFORE + this.#position - whole, ratio, block, count)
      this.#position += count * ratio
      if (this.#leavingSamples > 0) this.#fadeOver(block, count)
    }
    if (count < block.length) this.#starve(atMs - samplesToMs(block.length - count))
    else if (this.#jitter === undefined) this.#controller.observe(this.levelMs, this.#lastBlockMs)
    else this.#adapt(this.#jitter)
    return count
  }

  #adapt(jitter: JitterTarget): void {
    // Nothing has come since the last read: what comes next says by how much it was late.
    if (this.#slackMs < Infinity) this.#controller.observe(this.#slackMs, this.#lastBlockMs)
    this.#slackMs = Infinity
    if (jitter.pass(this.#lastBlockMs)) this.#controller.targetMs = this.#targetMs = jitter.targetMs
  }

  /** Sound that waits for nothing is left out where nothing is said. */
  #leaveOutPause(jitter: JitterTarget): void {
    const samples = msToSamples(Math.min(jitter.excessMs, MOST_LEFT_OUT_MS))
    const from = Math.floor(this.#position)
    const until = from + samples + FADE_SAMPLES
    if (until + TAPS_AFTER > this.#written) return
    for (let at = from; at < until; at++) if (Math.abs(this.#ring[at & this.#mask]!) > PAUSE_PEAK) return
    this.#jumpTo(this.#position + samples)
    this.#controller.restartWindow()
    jitter.leftOut(samplesToMs(samples))
  }

  /** @param turnMs when the sound that is missing should have come at the latest */
  #starve(turnMs: number): void {
    this.#filling = true
    if (this.#ended) return
    this.#starvedTotal++
    this.#slackMs = Infinity
    if (this.#jitter === undefined) this.#controller.targetMs = this.#targetMs = Math.min(this.#targetMs * 1.5, this.#options.maxTargetMs)
    else this.#dryTurnMs = turnMs
  }

  /** Goes on from another place; what would have come next is kept for the fade. */
  #jumpTo(position: number): void {
    const whole = Math.floor(this.#position)
    const kept = Math.max(0, Math.min(FADE_SAMPLES, this.#written - whole))
    for (let i = 0; i < kept; i++) this.#leaving[i] = this.#ring[(whole + i) & this.#mask]!
    this.#leavingSamples = this.#filling ? 0 : kept
    this.#position = position
  }

  #fadeOver(block: Float32Array, count: number): void {
    const samples = Math.min(count, this.#leavingSamples)
    for (let i = 0; i < samples; i++) {
      const gain = 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / samples)
      block[i] = block[i]! * gain + this.#leaving[i]! * (1 - gain)
    }
    this.#leavingSamples = 0
  }

  #copyOut(from: number, samples: number): void {
    // Before the very first sample there is silence; the ring is zero there.
    const at = from & this.#mask
    const first = Math.min(samples, this.#ring.length - at)
    this.#scratch.set(this.#ring.subarray(at, at + first), 0)
    if (first < samples) this.#scratch.set(this.#ring.subarray(0, samples - first), first)
  }
}
