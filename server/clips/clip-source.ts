import { open, type FileHandle } from 'node:fs/promises'
import { s16leToFloat } from '../../codec/index.ts'
import { SAMPLE_RATE_HZ } from '../../rooms/grid.ts'
import { placesOf } from '../../rooms/mix-room.ts'
import { bendPeaks, fadeInGain, fadeOutGain } from '../../rooms/mixer.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import type { ClipSpan } from '../../rooms/plan.ts'
import type { ClipSpec } from '../link/messages.ts'
import { WAV_BYTES_PER_SAMPLE, WAV_HEADER_BYTES } from './wav-file.ts'

/** Files are read a second at a time, and this many seconds ahead of the one that sounds. */
const PAGE_SAMPLES = SAMPLE_RATE_HZ
const PAGES_AHEAD = 2

/** A page that could not be read is tried again after this many house samples. */
const RETRY_SAMPLES = SAMPLE_RATE_HZ

interface Page {
  pcm: Float32Array | undefined
  failedAtSamples: number
}

/** How clips follow one another. */
export interface ClipOptions {
  /** How long each sounds together with the next, with equal power; 0: one after another without a gap. */
  readonly crossfadeSamples?: number
  readonly span?: ClipSpan
}

/** A clip where it sounds. */
interface PlacedClip {
  readonly index: number
  /** Place of its first sample after the anchor. */
  readonly start: number
  readonly end: number
  /** How long it fades in and out; 0: not at all. */
  readonly fadeIn: number
  readonly fadeOut: number
}

/**
 * The clips of an order one after another without a gap or faded into one another, the first sample at `anchorSamples` of the house clock. What
 * sounds is a function of house time alone: whoever starts late joins in the right place. Before the first and after the
 * last clip there is silence. A disk that is too slow makes it starve; it never waits.
 */
export class ClipSource implements PcmSource {
  readonly #clips: readonly ClipSpec[]
  readonly #anchorSamples: number
  readonly #placed: readonly PlacedClip[]
  /** Place after the last sample. */
  readonly #end: number
  readonly #pages = new Map<number, Page>()
  readonly #onFault: (clipId: string, error: unknown) => void
  #files = new Map<number, Promise<FileHandle>>()
  #pagesBeingRead = 0
  #closed = false

  /** @param onFault a file cannot be read; its place stays silent */
  constructor(anchorSamples: number, clips: readonly ClipSpec[], onFault: (clipId: string, error: unknown) => void, options: ClipOptions = {}) {
    this.#anchorSamples = anchorSamples
    this.#clips = clips
    this.#onFault = onFault
    this.#placed = placed(clips, options)
    this.#end = this.#placed.at(-1)?.end ?? 0
  }

  /** House sample after the last one. */
  get endSamples(): number {
    return this.#anchorSamples + this.#end
  }

  /** Pages asked of the disk that have not come yet. */
  get pagesBeingRead(): number {
    return this.#pagesBeingRead
  }

  /** Begins to read what will sound at `fromSamples`, so that it is there in time. */
  prefetch(fromSamples: number): void {
    this.#turnPages(Math.max(0, fromSamples - this.#anchorSamples), fromSamples)
  }

  read(block: Float32Array, fromSamples: number): number {
    const from = fromSamples - this.#anchorSamples
    const total = this.#end
    this.#turnPages(Math.max(0, from), fromSamples)
    let at = 0
    while (at < block.length) {
      const place = from + at
      if (place < 0 || place >= total) {
        const until = place < 0 ? Math.min(block.length, at - place) : block.length
        block.fill(0, at, until)
        at = until
        continue
      }
      const page = Math.floor(place / PAGE_SAMPLES)
      const pcm = this.#pages.get(page)?.pcm
      if (pcm === undefined) return at
      const inPage = place - page * PAGE_SAMPLES
      const take = Math.min(block.length - at, pcm.length - inPage)
      block.set(pcm.subarray(inPage, inPage + take), at)
      at += take
    }
    return block.length
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#pages.clear()
    const files = [...this.#files.values()]
    this.#files.clear()
    await Promise.allSettled(files.map(async (file) => { await (await file).close() }))
  }

  #turnPages(place: number, nowSamples: number): void {
    if (this.#closed) return
    const first = Math.floor(place / PAGE_SAMPLES)
    for (const number of this.#pages.keys()) if (number < first || number > first + PAGES_AHEAD) this.#pages.delete(number)
    for (let number = first; number <= first + PAGES_AHEAD && number * PAGE_SAMPLES < this.#end; number++) {
      const known = this.#pages.get(number)
      if (known !== undefined && (known.pcm !== undefined || nowSamples - known.failedAtSamples < RETRY_SAMPLES)) continue
      const page: Page = { pcm: undefined, failedAtSamples: Infinity }
      this.#pages.set(number, page)
      this.#pagesBeingRead++
      void this.#load(number, page, nowSamples).finally(() => { this.#pagesBeingRead-- })
    }
  }

  async #load(number: number, page: Page, nowSamples: number): Promise<void> {
    const start = number * PAGE_SAMPLES
    const end = Math.min(start + PAGE_SAMPLES, this.#end)
    const pcm = new Float32Array(end - start)
    for (const clip of this.#placed) {
      const from = Math.max(start, clip.start)
      const until = Math.min(end, clip.end)
      if (from >= until) continue
      try {
        add(pcm.subarray(from - start, until - start), s16leToFloat(await this.#readFile(clip.index, from - clip.start, until - from)), from, clip)
      } catch (error) {
        page.failedAtSamples = nowSamples
        if (!this.#closed) this.#onFault(this.#clips[clip.index]!.clipId, error)
        return
      }
    }
    for (const { start: from, fadeIn } of this.#placed) if (fadeIn > 0) bendPeaks(pcm, clamp(from - start, pcm.length), clamp(from + fadeIn - start, pcm.length))
    page.pcm = pcm
  }

  async #readFile(index: number, fromSample: number, samples: number): Promise<Buffer> {
    let opened = this.#files.get(index)
    if (opened === undefined) {
      opened = open(this.#clips[index]!.path, 'r')
      this.#files.set(index, opened)
      opened.catch(() => { this.#files.delete(index) })
      this.#closeBefore(index)
    }
    const file = await opened
    const bytes = Buffer.alloc(samples * WAV_BYTES_PER_SAMPLE)
    let got = 0
    while (got < bytes.length) {
      const { bytesRead } = await file.read(bytes, got, bytes.length - got, WAV_HEADER_BYTES + fromSample * WAV_BYTES_PER_SAMPLE + got)
      if (bytesRead === 0) throw new Error(`${this.#clips[index]!.path} is shorter than its clip`)
      got += bytesRead
    }
    return bytes
  }

  /** Files of clips that are over are closed when a later one is opened; the one before may still be read from. */
  #closeBefore(index: number): void {
    for (const [other, opened] of this.#files) {
      if (other >= index - 1) continue
      this.#files.delete(other)
      opened.then((file) => file.close()).catch(() => undefined)
    }
  }
}

const clamp = (place: number, length: number): number => Math.max(0, Math.min(length, place))

/** The clips that sound at all, in order of their places. */
function placed(clips: readonly ClipSpec[], { crossfadeSamples = 0, span = { from: 0, until: null } }: ClipOptions): PlacedClip[] {
  const { starts, overlaps } = placesOf(clips.map(({ durationSamples }) => durationSamples), crossfadeSamples)
  const sounding = clips.flatMap(({ durationSamples }, index) => {
    const start = starts[index]!
    const isMeant = durationSamples > 0 && start >= span.from && start < (span.until ?? Infinity)
    return isMeant ? [{ index, start, end: start + durationSamples, fadeIn: overlaps[index - 1] ?? 0, fadeOut: overlaps[index]! }] : []
  })
  // What has nobody to fade from or into begins and ends as it is.
  return sounding.map((clip, index) => ({ ...clip, fadeIn: index === 0 ? 0 : clip.fadeIn, fadeOut: index === sounding.length - 1 ? 0 : clip.fadeOut }))
}

/** Adds a part of a clip, which stands at `place`, with its fades. */
function add(to: Float32Array, pcm: Float32Array, place: number, { start, end, fadeIn, fadeOut }: PlacedClip): void {
  const fadesIn = place < start + fadeIn
  const fadesOut = place + pcm.length > end - fadeOut
  for (let i = 0; i < pcm.length; i++) {
    let gain = fadesIn ? fadeInGain(place + i - start, fadeIn) : 1
    if (fadesOut) gain *= fadeOutGain(place + i - (end - fadeOut), fadeOut)
    to[i] = to[i]! + pcm[i]! * gain
  }
}
