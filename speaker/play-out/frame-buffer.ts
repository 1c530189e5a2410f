import { SAMPLE_RATE_HZ } from '../../codec/playback.ts'
import { AUDIO_FLAG, type AudioMessage } from '../client/audio-message.ts'

/** One frame waiting, placed by when its decoded sound is to be heard. */
export interface HeldFrame {
  /** House sample at which the first sample out of the decoder is heard: presentation time less the codec's delay. */
  readonly heardAt: number
  readonly samples: number
  /** House place of the first sample out of the decoder. */
  readonly housePlace: number
  /** House place at which the frame begins, by which it is judged whether it may sound; the decoder's first samples lie before it. */
  readonly judgedAt: number
  readonly sequence: number
  readonly flags: number
  readonly orderId: string | null
  readonly data: Buffer
}

/** Longest stretch kept; what comes beyond it is not taken, as nobody honest sends it. */
const MAX_HELD_SAMPLES = 12 * SAMPLE_RATE_HZ
const UINT32 = 0x1_0000_0000

/** @param codecDelaySamples from `welcome`: by so much a sample comes later out of the decoder than it stands in the frame */
export function heldFrame(message: AudioMessage, codecDelaySamples: number, orderId: string | null): HeldFrame {
  return {
    heardAt: Math.round((message.presentationUs * SAMPLE_RATE_HZ) / 1e6) - codecDelaySamples,
    samples: message.frameSamples,
    housePlace: message.housePlace - codecDelaySamples,
    judgedAt: message.housePlace,
    sequence: message.sequence,
    flags: message.flags,
    orderId,
    data: message.data,
  }
}

/** The jitter buffer: frames in the order in which they are to be heard. */
export class FrameBuffer {
  /** By `heardAt`. Hardly ever anything but the end is touched. */
  readonly #frames: HeldFrame[] = []
  #nextSequence = -1
  /** A connection begins with sound from before: what of it is over is no fault. */
  #isBurst = true
  /** Of the frame taken last. */
  #lastOrderId: string | null = null
  #lateFrames = 0
  #lostFrames = 0

  /** Frames that came when their time, or the time to decode them, was over. */
  get lateFrames(): number {
    return this.#lateFrames
  }

  /** Frames left out by numbers: the server moved the device to the live edge, or a connection was cut in between. */
  get lostFrames(): number {
    return this.#lostFrames
  }

  get size(): number {
    return this.#frames.length
  }

  /** Where the held sound ends, in house samples of hearing; -Infinity when nothing is held. */
  get endsAt(): number {
    const last = this.#frames.at(-1)
    return last === undefined ? -Infinity : last.heardAt + last.samples
  }

  /**
   * Takes a frame as it came.
   * @param decodedUntil what is to be heard before this has been decoded already
   * @returns whether it was taken
   */
  add(frame: HeldFrame, decodedUntil: number): boolean {
    this.#countLost(frame.sequence)
    // Whatever is at hand is better than the silence in it, but for the end of what sounded before.
    if ((frame.flags & AUDIO_FLAG.MISSING) !== 0 && frame.orderId === this.#lastOrderId) return false
    if (frame.heardAt + frame.samples <= decodedUntil) {
      if (!this.#isBurst) this.#lateFrames++
      return false
    }
    this.#isBurst = false
    // A programme whose delay was shortened overtakes what was to be heard later than it now is.
    for (let last = this.#frames.at(-1); last !== undefined && last.housePlace < frame.housePlace && last.heardAt + last.samples > frame.heardAt; last = this.#frames.at(-1)) this.#frames.pop()
    const first = this.#frames[0]
    if (first !== undefined && Math.abs(frame.heardAt - first.heardAt) > MAX_HELD_SAMPLES) return false
    let at = this.#frames.length
    while (at > 0 && this.#frames[at - 1]!.heardAt > frame.heardAt) at--
    const before = this.#frames[at - 1]
    const after = this.#frames[at]
    // The same frame again, after a reconnection.
    if ((before !== undefined && before.heardAt + before.samples > frame.heardAt) || (after !== undefined && after.heardAt < frame.heardAt + frame.samples)) return false
    this.#frames.splice(at, 0, frame)
    this.#lastOrderId = frame.orderId
    return true
  }

  /** The frame that holds `place`, or the first one after it. What lies wholly before it is forgotten. */
  seek(place: number): HeldFrame | undefined {
    for (;;) {
      const first = this.#frames[0]
      if (first === undefined || first.heardAt + first.samples > place) return first
      this.#frames.shift()
    }
  }

  clear(): void {
    this.#frames.length = 0
  }

  /** A new connection: its first number is not compared with the last one of the old. */
  beginConnection(): void {
    this.#nextSequence = -1
    this.#isBurst = true
  }

  #countLost(sequence: number): void {
    if (this.#nextSequence !== -1) {
      const missing = (sequence - this.#nextSequence + UINT32) % UINT32
      if (missing < UINT32 / 2) this.#lostFrames += missing
    }
    this.#nextSequence = (sequence + 1) % UINT32
  }
}
