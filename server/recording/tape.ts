import { createHash } from 'node:crypto'
import { OPUS_DELAY_SAMPLES, OPUS_FRAME_SAMPLES, OpusFileWriter } from '../../codec/index.ts'
import { houseMsAt } from '../../rooms/house-clock.ts'
import type { SampleSpan, TapeReport, TapeSubject } from '../link/recorder-messages.ts'

/** Of one file; more than a minute of the best format. What comes while so much waits for the disk is dropped. */
const MAX_WAITING_BYTES = 512 * 1024

/** A file ends where an hour of the house clock does. */
const HOUR_FRAMES = (3600 * 48_000) / OPUS_FRAME_SAMPLES

/** What the files say of themselves beside their titles, so that the index can be repaired from them. */
const SUBJECT_TAG = 'LOA'

/** What the file's tags say of it; undefined when it is none of ours. */
export function subjectOf(tags: ReadonlyMap<string, string>): (TapeSubject & { readonly id: string }) | undefined {
  const text = tags.get(SUBJECT_TAG)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as TapeSubject & { readonly id: string }
  } catch {
    return undefined
  }
}

/** Where the file of a recording lies in its folder: by the day (UTC) of its first frame. */
export const tapePath = (id: string, firstFrameIndex: number): string => `${new Date(houseMsAt(firstFrameIndex * OPUS_FRAME_SAMPLES)).toISOString().slice(0, 10)}/${id}.opus`

/** One file that grows: frames in, bytes for the disk out. Knows nothing of the disk. */
export class Tape {
  readonly id: string
  readonly file: string
  /** Index of the first frame that belongs into the next file. */
  readonly limitFrame: number
  readonly #subject: TapeSubject
  readonly #firstFrame: number
  readonly #writer: OpusFileWriter
  readonly #hash = createHash('sha256')
  readonly #gaps: { fromFrame: number; untilFrame: number }[] = []
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #ended = false
  writtenBytes = 0
  #sha256: string | null = null

  constructor(id: string, subject: TapeSubject, firstFrame: number) {
    this.id = id
    this.file = tapePath(id, firstFrame)
    this.limitFrame = (Math.floor(firstFrame / HOUR_FRAMES) + 1) * HOUR_FRAMES
    this.#subject = subject
    this.#firstFrame = firstFrame
    this.#writer = new OpusFileWriter(firstFrame, OPUS_DELAY_SAMPLES, {
      vendor: 'Loa',
      comments: [`TITLE=${subject.title}`, `DATE=${new Date(houseMsAt(firstFrame * OPUS_FRAME_SAMPLES)).toISOString()}`, `${SUBJECT_TAG}=${JSON.stringify({ id, ...subject })}`],
    })
    this.#wait(this.#writer.head)
  }

  get nextFrame(): number {
    return this.#writer.nextFrameIndex
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether there is a frame of it in the file. */
  get hasFrames(): boolean {
    return this.writtenBytes > this.#writer.head.length
  }

  get ended(): boolean {
    return this.#ended
  }

  /**
   * Takes a frame at or after `nextFrame`; those between are missing.
   * @returns false: too much waits for the disk, the frame is dropped.
   */
  add(frameIndex: number, packet: Buffer): boolean {
    if (this.#waitingBytes > MAX_WAITING_BYTES) return false
    if (frameIndex > this.nextFrame) {
      this.#gaps.push({ fromFrame: this.nextFrame, untilFrame: frameIndex })
      while (this.nextFrame < frameIndex) this.#put(undefined)
    }
    this.#put(packet)
    return true
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    const page = this.#writer.end()
    if (page !== undefined) this.#wait(page)
  }

  /** What is to be written next, in one piece; the same again until `written`. */
  waiting(): Buffer {
    if (this.#waiting.length > 1) this.#waiting = [Buffer.concat(this.#waiting)]
    return this.#waiting[0]!
  }

  /** What `waiting` gave is in the file. More may have come meanwhile. */
  written(bytes: Buffer): void {
    this.#waiting.shift()
    this.#waitingBytes -= bytes.length
    this.writtenBytes += bytes.length
    this.#hash.update(bytes)
  }

  /** Everything is in the file. */
  closed(): void {
    this.#sha256 = this.#hash.digest('hex')
  }

  report(): TapeReport {
    return {
      ...this.#subject,
      id: this.id,
      file: this.file,
      fromSamples: this.#firstFrame * OPUS_FRAME_SAMPLES,
      untilSamples: this.nextFrame * OPUS_FRAME_SAMPLES,
      bytes: this.writtenBytes,
      gaps: this.#gaps.map(({ fromFrame, untilFrame }): SampleSpan => ({ fromSamples: fromFrame * OPUS_FRAME_SAMPLES, untilSamples: untilFrame * OPUS_FRAME_SAMPLES })),
      isOpen: this.#sha256 === null,
      sha256: this.#sha256,
    }
  }

  #put(packet: Buffer | undefined): void {
    const page = this.#writer.add(packet)
    if (page !== undefined) this.#wait(page)
  }

  #wait(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
  }
}
