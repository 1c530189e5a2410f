import { CodecError, fadeIn, fadeOut, OpusDecoder, SAMPLE_RATE_HZ, TAPS_AFTER, TAPS_BEFORE } from '../../codec/playback.ts'
import { AUDIO_FLAG } from '../client/audio-message.ts'
import { varispeedOnBoard } from '../native/board.ts'
import type { AloneSource, Gate, Playing } from '../ports.ts'
import type { FrameBuffer, HeldFrame } from './frame-buffer.ts'
import { Level } from './level.ts'

/** Decoded sound kept, 341 ms: what is being read, and the past that a correction may go back to. */
const RING_SAMPLES = 2 ** 14
const FADE_SAMPLES = SAMPLE_RATE_HZ / 200
/** After so many frames made up by the decoder, the source for lonely times is asked. */
const MAX_CONCEALED_FRAMES = 5
const BLOCK_SAMPLES = 960

const NOTHING = new Float32Array(0)

/** A stretch of the line: what sound from one place of hearing to another is. */
export interface Stretch {
  /** Place of hearing of its first sample, and of the one after its last. */
  readonly from: number
  until: number
  /** House place of the sound at `from`. */
  readonly housePlace: number
  readonly orderId: string | null
  readonly playing: Playing
  readonly audible: boolean
}

export interface LineOptions {
  readonly frames: FrameBuffer
  readonly gate: Gate
  readonly alone: AloneSource | null
  readonly level: Level
  /** False: everything but decoding, filtering and mixing is done; what is read is silence. For fleets of virtual devices. */
  readonly decode: boolean
  /** Presentation delay until a server has told it. */
  readonly delaySamples: number
}

/**
 * Decoded sound in the order of hearing: frames that are there, concealment for those that are not, then whatever the source for
 * lonely times gives, or silence. Decoding is done at the last moment, so that what a command or an emergency changes is heard at once.
 * Places are counted in samples of house time at which the sound is to be heard.
 */
export class Line {
  readonly #options: LineOptions
  readonly #delay: number
  #decoder: OpusDecoder | null = null
  #ring: Float32Array | null = null
  #scratch: Float32Array | null = null
  /** Up to here sound has gone into the limiter; what has come out of it ends `#delay` before. NaN: not begun. */
  #until = NaN
  #ringBegins = NaN
  #lastLive: HeldFrame | null = null
  #liveEndsAt = NaN
  #concealedRun = 0
  #state: 'live' | 'concealed' | 'alone' = 'alone'
  readonly #stretches: Stretch[] = []
  /** From a place on the house clock to the place of hearing, for sound that no frame says it of. */
  delaySamples: number
  #concealedFrames = 0
  #unverifiedFrames = 0
  #brokenFrames = 0

  constructor(options: LineOptions) {
    this.#options = options
    this.#delay = options.decode ? Level.delaySamples : 0
    this.delaySamples = options.delaySamples
  }

  get concealedFrames(): number {
    return this.#concealedFrames
  }

  get unverifiedFrames(): number {
    return this.#unverifiedFrames
  }

  get brokenFrames(): number {
    return this.#brokenFrames
  }

  /** Up to here frames are no longer wanted. */
  get decodedUntil(): number {
    return Number.isNaN(this.#until) ? -Infinity : this.#until
  }

  /** What comes out of here has never been live sound, so nobody hears it jump. */
  get isSilent(): boolean {
    return this.#stretches.every(({ playing, audible }) => playing === 'silence' || !audible)
  }

  /** Starts anew at a place; what was decoded is forgotten, what is held is not. */
  begin(place: number): void {
    this.#until = Math.floor(place) - TAPS_BEFORE - 1
    this.#ringBegins = this.#until
    this.#ring?.fill(0)
    this.#stretches.length = 0
    this.#state = 'alone'
    this.#liveEndsAt = this.#until
  }

  /** Whether sound can be read at this place without starting anew. */
  reaches(place: number): boolean {
    const first = Math.floor(place) - TAPS_BEFORE
    return first >= Math.max(this.#ringBegins, this.#until - this.#delay - RING_SAMPLES) && first <= this.#until + SAMPLE_RATE_HZ
  }

  /**
   * A frame that is newer than what was decoded but to be heard before it: the delay of the programme was shortened. What was decoded
   * from its place on is given up.
   * @param protectedUntil place up to which sound has been given to the card
   */
  overtake(frame: HeldFrame, protectedUntil: number): void {
    const last = this.#lastLive
    if (last === null || !(frame.heardAt < this.#until) || frame.housePlace < last.housePlace + last.samples) return
    const from = Math.max(frame.heardAt, Math.ceil(protectedUntil) + TAPS_AFTER + this.#delay + 1)
    if (from >= this.#until) return
    this.#until = from
    while (this.#stretches.length > 0 && this.#stretches.at(-1)!.from >= from) this.#stretches.pop()
    const open = this.#stretches.at(-1)
    if (open !== undefined) open.until = Math.min(open.until, from)
  }

  /**
   * Brings the line up to `place`.
   * @param mayWait the card still has enough: better wait for a missing frame than make one up
   * @returns whether it is there
   */
  ensure(place: number, mayWait: boolean): boolean {
    const { frames } = this.#options
    const wanted = place + TAPS_AFTER + 1 + this.#delay
    while (this.#until < wanted) {
      const frame = frames.seek(this.#until)
      if (frame !== undefined && frame.heardAt <= this.#until) this.#live(frame)
      else if (!this.#bridge(frame, mayWait)) return false
    }
    return true
  }

  /** Reads `samples` samples at `place` + `fraction`, each `ratio` further. They must have been ensured. */
  read(place: number, fraction: number, ratio: number, block: Float32Array, samples: number): void {
    // Hot path: once per block.
    const ring = this.#ring
    if (ring === null) {
      block.fill(0, 0, samples)
      return
    }
    const span = Math.ceil(samples * ratio) + TAPS_BEFORE + TAPS_AFTER + 2
    if (this.#scratch === null || this.#scratch.length < span) this.#scratch = new Float32Array(span + 64)
    const at = (((place - TAPS_BEFORE) % RING_SAMPLES) + RING_SAMPLES) % RING_SAMPLES
    const first = Math.min(span, RING_SAMPLES - at)
    this.#scratch.set(ring.subarray(at, at + first), 0)
    if (first < span) this.#scratch.set(ring.subarray(0, span - first), first)
    varispeedOnBoard(this.#scratch, TAPS_BEFORE + fraction, ratio, block, samples)
  }

  /** What is heard at a place; undefined when it is not known (any more). */
  stretchAt(place: number): Stretch | undefined {
    for (let i = this.#stretches.length - 1; i >= 0; i--) {
      const stretch = this.#stretches[i]!
      if (place >= stretch.from) return place < stretch.until ? stretch : undefined
    }
    return undefined
  }

  /** Forgets what lies wholly before a place. */
  forget(place: number): void {
    while (this.#stretches.length > 0 && this.#stretches[0]!.until <= place) this.#stretches.shift()
  }

  /** Idempotent. */
  close(): void {
    this.#decoder?.close()
    this.#decoder = null
    this.#ring = null
  }

  #live(frame: HeldFrame): void {
    const skip = this.#until - frame.heardAt
    const samples = frame.samples - skip
    this.#takeHours(frame.housePlace + skip)
    const isEmergency = (frame.flags & AUDIO_FLAG.EMERGENCY) !== 0
    const maySound = this.#options.gate.maySound(frame.orderId, frame.judgedAt)
    if (!maySound && frame.orderId !== null) this.#unverifiedFrames++
    if (this.#options.decode) {
      const pcm = this.#decode(frame)
      const block = pcm.length >= frame.samples ? pcm.subarray(skip, frame.samples) : new Float32Array(samples)
      if (!maySound) block.fill(0)
      if (this.#state === 'alone') this.#crossfade(block, frame.housePlace + skip)
      this.#options.level.process(block, maySound && isEmergency)
      this.#append(block)
    }
    const playing = maySound && frame.orderId !== null ? 'live' : 'silence'
    this.#advance(samples, frame.housePlace + skip, maySound ? frame.orderId : null, playing, this.#options.level.gainFor(isEmergency) > 0)
    this.#lastLive = frame
    this.#liveEndsAt = this.#until
    this.#concealedRun = 0
    this.#state = 'live'
  }

  #takeHours(housePlace: number): void {
    this.#options.level.hoursPercent = this.#options.alone?.volumePercentAt?.(housePlace) ?? 100
  }

  #decode(frame: HeldFrame): Float32Array {
    this.#decoder ??= new OpusDecoder()
    try {
      return this.#decoder.decode(frame.data)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.#brokenFrames++
      return this.#decoder.conceal()
    }
  }

  /** Something for the time until `next`; false when it is better to wait. */
  #bridge(next: HeldFrame | undefined, mayWait: boolean): boolean {
    const last = this.#lastLive
    const gap = next === undefined ? Infinity : next.heardAt - this.#until
    // The next frame is there, and nothing lies between it and the last: the programme's delay was made longer.
    const isPause = next !== undefined && last !== null && (last.sequence + 1) % 2 ** 32 === next.sequence
    const missingMs = ((this.#until - this.#liveEndsAt) * 1000) / SAMPLE_RATE_HZ
    if (mayWait && next === undefined && this.#state !== 'alone') return false
    if (last !== null && this.#state !== 'alone' && this.#concealedRun < (isPause ? 1 : MAX_CONCEALED_FRAMES)) this.#conceal(last, gap, isPause)
    else this.#lonely(Math.min(gap, BLOCK_SAMPLES), missingMs, isPause)
    return true
  }

  #conceal(last: HeldFrame, gap: number, isPause: boolean): void {
    this.#concealedRun++
    if (!isPause) this.#concealedFrames++
    const samples = Math.min(gap, last.samples)
    const housePlace = last.housePlace + (this.#until - last.heardAt)
    this.#takeHours(housePlace)
    const maySound = this.#options.gate.maySound(last.orderId, last.judgedAt + (this.#until - last.heardAt))
    const isEmergency = (last.flags & AUDIO_FLAG.EMERGENCY) !== 0
    if (this.#options.decode) {
      const whole = (this.#decoder ??= new OpusDecoder()).conceal()
      const block = whole.length >= samples ? whole.subarray(0, samples) : new Float32Array(samples)
      if (!maySound) block.fill(0)
      if (isPause || this.#concealedRun === MAX_CONCEALED_FRAMES) fadeOut(block, 0, block.length)
      this.#options.level.process(block, maySound && isEmergency)
      this.#append(block)
    }
    this.#advance(samples, housePlace, maySound ? last.orderId : null, maySound && last.orderId !== null ? 'live' : 'silence', this.#options.level.gainFor(isEmergency) > 0)
    this.#state = 'concealed'
  }

  #lonely(samples: number, missingMs: number, isPause: boolean): void {
    const last = this.#lastLive
    const housePlace = last === null ? this.#until - this.delaySamples : last.housePlace + (this.#until - last.heardAt)
    this.#takeHours(housePlace)
    const block = this.#options.decode || this.#options.alone !== null ? new Float32Array(samples) : NOTHING
    const sound = isPause || this.#options.alone === null ? null : this.#options.alone.read(block, housePlace, missingMs)
    const isEmergency = sound?.emergency === true
    if (this.#options.decode) {
      if (this.#state !== 'alone') fadeIn(block, 0, Math.min(FADE_SAMPLES, samples))
      this.#options.level.process(block, isEmergency)
      this.#append(block)
    }
    this.#advance(samples, housePlace, sound?.orderId ?? null, sound?.playing ?? 'silence', this.#options.level.gainFor(isEmergency) > 0)
    this.#state = 'alone'
  }

  /** Live sound comes in over what was played meanwhile. */
  #crossfade(block: Float32Array, housePlace: number): void {
    const samples = Math.min(FADE_SAMPLES, block.length)
    fadeIn(block, 0, samples)
    if (this.#options.alone === null || this.#stretches.at(-1)?.playing === 'silence' || this.#stretches.length === 0) return
    const leaving = new Float32Array(samples)
    this.#options.alone.read(leaving, housePlace, ((this.#until - this.#liveEndsAt) * 1000) / SAMPLE_RATE_HZ)
    fadeOut(leaving, 0, samples)
    for (let i = 0; i < samples; i++) block[i] = block[i]! + leaving[i]!
  }

  #append(block: Float32Array): void {
    this.#ring ??= new Float32Array(RING_SAMPLES)
    const from = this.#until - this.#delay
    const at = ((from % RING_SAMPLES) + RING_SAMPLES) % RING_SAMPLES
    const first = Math.min(block.length, RING_SAMPLES - at)
    this.#ring.set(block.subarray(0, first), at)
    if (first < block.length) this.#ring.set(block.subarray(first), 0)
  }

  #advance(samples: number, housePlace: number, orderId: string | null, playing: Playing, audible: boolean): void {
    const from = this.#until
    this.#until += samples
    const last = this.#stretches.at(-1)
    if (last?.until === from && last.orderId === orderId && last.playing === playing && last.audible === audible && last.housePlace + (from - last.from) === housePlace) last.until = this.#until
    else this.#stretches.push({ from, until: this.#until, housePlace, orderId, playing, audible })
  }
}
