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

/** A sender that pauses says something at least every 400 ms, if it is Opus (RFC 7587, 3.1.3): for so long its pause counts as sound. */
const MOST_BRIDGED_MS = 500
/** Before a pause it is quiet: as quiet as it was before others, and twice that; never louder than -26 dBFS. */
const QUIET_SAMPLES = 960
const MOST_QUIET_PEAK = 0.05
const QUIET_MARGIN = 2
/** What comes after a pause is faded in over 2.5 ms; a shorter one is an inaccuracy of its clock. */
const ONSET_SAMPLES = 120

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

/** Raised cosine from 0 to 1. */
const fadeInGain = (at: number, samples: number): number => 0.5 - 0.5 * Math.cos((Math.PI * (at + 0.5)) / samples)

/** Sound is missing, and nobody knows yet whether the network is late or the sender has nothing to say. */
interface DrySpell {
  /** Where the sound goes on if it was late. */
  readonly position: number
  /** When it should have come at the latest. */
  readonly turnMs: number
  /** It is taken for a pause. */
  readonly isBridged: boolean
}

/**
 * Joins the clock of a live source to the house clock: sound is written as it arrives, read in blocks on the grid, and
 * played faster or slower by at most 300 ppm so that the level stays where it should be. Only two things are faster than
 * that, and both are faded and counted: leaving out what is too much, and falling silent until the target is reached again.
 * A pause of the sender is neither: while nothing comes its time goes on, and what comes after it is heard at its own place.
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
  /** While it lasts the place runs on past what was written. */
  #dry: DrySpell | undefined
  /** Louder than this no pause begins; 0: the sender is not known to pause. */
  #quietPeak = 0
  /** Samples still to be faded in. */
  #onsetSamples = 0
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

  /** How often sound was missing that should have been there. A nimble buffer knows when the next sound has come: pauses are not counted. */
  get starvedTotal(): number {
    return this.#starvedTotal
  }

  /** Whether the sender is known to send nothing at times (discontinuous transmission). */
  get pauses(): boolean {
    return this.#quietPeak > 0
  }

  /** The sender says that it may send nothing for a while. */
  expectPause(): void {
    this.#quietPeak = Math.max(this.#quietPeak, PAUSE_PEAK)
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
    } else if (this.#dry !== undefined) this.#wasLate(atMs - this.#dry.turnMs)
    const from = this.#written
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
    if (this.#onsetSamples > 0) this.#fadeOnset(from, samples.length)
  }

  /**
   * The sender had nothing to say for so long before what is written next, as its clock tells: that will be heard at its place, and nothing is learnt of the network
   * but by how much it comes too late for that. Where nothing was missing yet, this is silence like any other.
   * @param atMs now, on the clock of `read`
   */
  pause(samples: number, atMs = NaN): void {
    const dry = this.#dry
    const aheadSamples = this.#written + samples - this.#position
    if (aheadSamples > msToSamples(this.#options.capacityMs)) {
      // It is over long before its time: the sender's clock has jumped, and the place with it.
      this.#forgetDry()
      return
    }
    this.#quietPeak = Math.max(this.#quietPeak, PAUSE_PEAK, Math.min(MOST_QUIET_PEAK, QUIET_MARGIN * this.#tailPeak()))
    this.#writePause(samples, dry === undefined)
    if (dry === undefined ? !this.#filling : aheadSamples >= 0) {
      this.#dry = undefined
      this.#filling = false
      return
    }
    if (dry !== undefined) this.#wasLate(atMs - dry.turnMs - samplesToMs(samples))
    // Its silence is what the buffer is filled with.
    this.#position = Math.max(this.#position, this.#written - msToSamples(this.#fillMs))
  }

  /** The first sound after a dry spell says by how much it was too late. */
  #wasLate(lateMs: number): void {
    this.#forgetDry()
    this.#starvedTotal++
    const jitter = this.#jitter!
    jitter.ranDry(Math.max(this.#targetMs, this.#controller.valleyMs ?? 0) + lateMs)
    this.#controller.targetMs = this.#targetMs = jitter.targetMs
  }

  /** What comes next follows what came last. */
  #forgetDry(): void {
    if (this.#dry !== undefined) this.#position = this.#dry.position
    this.#dry = undefined
  }

  /** Peak of the last sound that was written. */
  #tailPeak(): number {
    let peak = 0
    for (let at = Math.max(0, this.#written - QUIET_SAMPLES); at < this.#written; at++) peak = Math.max(peak, Math.abs(this.#ring[at & this.#mask]!))
    return peak
  }

  /** @param fades what comes before it is still to be heard */
  #writePause(samples: number, fades: boolean): void {
    const from = this.#written
    const silent = Math.min(samples, this.#ring.length)
    for (let at = from; at < from + silent; at++) this.#ring[at & this.#mask] = 0
    this.#written += samples
    const isShort = samples < ONSET_SAMPLES
    if (!isShort) this.#onsetSamples = ONSET_SAMPLES
    if (!fades) return
    // Played backwards from its end, the last sound goes on without a step.
    const fadeSamples = Math.min(samples, FADE_SAMPLES)
    for (let i = 0; i < fadeSamples; i++) this.#ring[(from + i) & this.#mask] = this.#ring[(from - 1 - i) & this.#mask]! * (isShort ? 1 : 1 - fadeInGain(i, fadeSamples))
  }

  #fadeOnset(from: number, samples: number): void {
    const done = ONSET_SAMPLES - this.#onsetSamples
    const count = Math.min(samples, this.#onsetSamples)
    for (let i = 0; i < count; i++) this.#ring[(from + i) & this.#mask]! *= fadeInGain(done + i, ONSET_SAMPLES)
    this.#onsetSamples -= count
  }

  /** Nothing more will come, or not before something has been repaired: running dry is then nobody's delay, and the target stays. */
  end(): void {
    this.#ended = true
    this.#forgetDry()
  }

  /** Goes to the live edge: nobody has listened for a while, so there is nothing to fade. */
  rejoin(): void {
    this.#forgetDry()
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
    const ratio = 1 + this.#controller.ppm / 1e6
    if (this.#dry !== undefined) {
      this.#position += block.length * ratio
      if (!this.#dry.isBridged || samplesToMs(this.#position - this.#dry.position) > MOST_BRIDGED_MS) return 0
      block.fill(0)
      return block.length
    }
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
    if (count < block.length) return this.#starve(block, count, ratio)
    if (this.#jitter === undefined) this.#controller.observe(this.levelMs, this.#lastBlockMs)
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

  /** @returns how much of the block is sound, a pause included */
  #starve(block: Float32Array, count: number, ratio: number): number {
    this.#filling = true
    if (this.#ended) return count
    this.#slackMs = Infinity
    if (this.#jitter === undefined) {
      this.#starvedTotal++
      this.#controller.targetMs = this.#targetMs = Math.min(this.#targetMs * 1.5, this.#options.maxTargetMs)
      return count
    }
    const missing = block.length - count
    const isBridged = this.pauses && this.#tailPeak() <= this.#quietPeak
    this.#dry = { position: this.#position, turnMs: this.#lastReadMs - samplesToMs(missing), isBridged }
    if (isBridged) this.#fadeOut(block, count)
    this.#position += missing * ratio
    return isBridged ? block.length : count
  }

  /** Where less than the length of a fade is left, what was heard last is played backwards from its end. */
  #fadeOut(block: Float32Array, count: number): void {
    const fadeSamples = Math.min(FADE_SAMPLES, block.length)
    const end = Math.max(count, fadeSamples)
    const last = Math.floor(this.#position) - 1
    for (let i = count; i < end; i++) block[i] = this.#ring[(last - (i - count)) & this.#mask]!
    for (let i = 0; i < fadeSamples; i++) block[end - fadeSamples + i]! *= 1 - fadeInGain(i, fadeSamples)
    block.fill(0, end)
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
      const gain = fadeInGain(i, samples)
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
