import { OPUS_FRAME_SAMPLES } from '../../codec/index.ts'
import { frameAtOrAfter } from '../../rooms/grid.ts'
import type { SampleSpan, TapeSubject } from '../link/recorder-messages.ts'
import { Tape } from './tape.ts'
import { replannedWindows } from './windows.ts'

/** A hole up to this long is filled in the file; after a longer one another file begins. */
const MAX_FILL_FRAMES = 60 * 50

export interface DeckPorts {
  readonly newId: () => string
  /** Whether there is anywhere to write now. */
  readonly mayWrite: () => boolean
  readonly onOpen: (tape: Tape) => void
  readonly onMissing: (frames: number) => void
  /** @param isTooSlow whether the disk takes too long; else there is nowhere to write */
  readonly onDropped: (isTooSlow: boolean) => void
}

/** Records one room in one format: which of its frames were on the air, and into which file each belongs. */
export class Deck {
  readonly #ports: DeckPorts
  #subject: TapeSubject
  #windows: readonly SampleSpan[] = []
  #tape: Tape | undefined
  /** Frames before it have been recorded or given up. */
  #nextFrame = -Infinity

  constructor(subject: TapeSubject, ports: DeckPorts) {
    this.#subject = subject
    this.#ports = ports
  }

  get subject(): TapeSubject {
    return this.#subject
  }

  get windows(): readonly SampleSpan[] {
    return this.#windows
  }

  get tape(): Tape | undefined {
    return this.#tape
  }

  /** House sample at which nothing more is wanted. */
  get untilSamples(): number {
    return this.#windows.at(-1)?.untilSamples ?? -Infinity
  }

  /** Title and class may change while it runs: they are those of the next file. */
  plan(subject: TapeSubject | undefined, windows: readonly SampleSpan[], atSamples: number): void {
    this.#subject = subject ?? this.#subject
    this.#windows = replannedWindows(this.#windows, windows, atSamples)
  }

  /** Takes a frame of the room; one that was not on the air, or stands there already, is left out. */
  take(frameIndex: number, packet: Buffer): void {
    // Hot path: once per frame and recorded room.
    const window = this.#windows.find(({ fromSamples, untilSamples }) => frameIndex >= frameAtOrAfter(fromSamples, OPUS_FRAME_SAMPLES) && frameIndex < frameAtOrAfter(untilSamples, OPUS_FRAME_SAMPLES))
    if (window === undefined || frameIndex < this.#nextFrame) return
    const windowFrame = frameAtOrAfter(window.fromSamples, OPUS_FRAME_SAMPLES)
    const before = this.#tape
    // One that has ended by itself could not be written.
    if (before !== undefined && (before.ended || frameIndex >= before.limitFrame || windowFrame > before.nextFrame || frameIndex - before.nextFrame > MAX_FILL_FRAMES)) this.endTape()
    const tape = this.#tape ?? this.#open(Math.max(windowFrame, this.#nextFrame), frameIndex)
    if (tape === undefined) {
      this.#ports.onDropped(false)
      return
    }
    const missing = frameIndex - tape.nextFrame
    if (!tape.add(frameIndex, packet)) {
      this.#ports.onDropped(true)
      return
    }
    if (missing > 0) this.#ports.onMissing(missing)
    this.#nextFrame = frameIndex + 1
  }

  /** The programme or the hour is over, or nothing more can be written. */
  endTape(): void {
    this.#tape?.end()
    this.#tape = undefined
  }

  /** What is over is forgotten. */
  forgetBefore(samples: number): void {
    this.#windows = this.#windows.filter(({ untilSamples }) => untilSamples > samples)
  }

  #open(fromFrame: number, frameIndex: number): Tape | undefined {
    if (!this.#ports.mayWrite()) return undefined
    const tape = new Tape(this.#ports.newId(), this.#subject, frameIndex - fromFrame > MAX_FILL_FRAMES ? frameIndex : fromFrame)
    // A gap that reaches over the end of an hour: the frame belongs into the file after it.
    const right = frameIndex < tape.limitFrame ? tape : new Tape(this.#ports.newId(), this.#subject, tape.limitFrame)
    this.#tape = right
    this.#ports.onOpen(right)
    return right
  }
}
