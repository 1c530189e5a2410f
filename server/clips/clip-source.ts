import { open, type FileHandle } from 'node:fs/promises'
import { s16leToFloat } from '../../codec/index.ts'
import { SAMPLE_RATE_HZ } from '../../rooms/grid.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
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

/**
 * The clips of an order one after another without a gap, the first sample at `anchorSamples` of the house clock. What
 * sounds is a function of house time alone: whoever starts late joins in the right place. Before the first and after the
 * last clip there is silence. A disk that is too slow makes it starve; it never waits.
 */
export class ClipSource implements PcmSource {
  readonly #clips: readonly ClipSpec[]
  readonly #anchorSamples: number
  /** Place of each clip's first sample after the anchor; one more for the end of the last. */
  readonly #starts: number[] = [0]
  readonly #pages = new Map<number, Page>()
  readonly #onFault: (clipId: string, error: unknown) => void
  #files = new Map<number, Promise<FileHandle>>()
  #pagesBeingRead = 0
  #closed = false

  /** @param onFault a file cannot be read; its place stays silent */
  constructor(anchorSamples: number, clips: readonly ClipSpec[], onFault: (clipId: string, error: unknown) => void) {
    this.#anchorSamples = anchorSamples
    this.#clips = clips
    this.#onFault = onFault
    for (const clip of clips) this.#starts.push(this.#starts.at(-1)! + clip.durationSamples)
  }

  /** House sample after the last one. */
  get endSamples(): number {
    return this.#anchorSamples + this.#starts.at(-1)!
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
    const total = this.#starts.at(-1)!
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
    for (let number = first; number <= first + PAGES_AHEAD && number * PAGE_SAMPLES < this.#starts.at(-1)!; number++) {
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
    const pcm = new Float32Array(Math.min(PAGE_SAMPLES, this.#starts.at(-1)! - start))
    for (let at = 0; at < pcm.length;) {
      const index = this.#clipAt(start + at)
      const inClip = start + at - this.#starts[index]!
      const take = Math.min(pcm.length - at, this.#clips[index]!.durationSamples - inClip)
      try {
        const bytes = await this.#readFile(index, inClip, take)
        pcm.set(s16leToFloat(bytes), at)
      } catch (error) {
        page.failedAtSamples = nowSamples
        if (!this.#closed) this.#onFault(this.#clips[index]!.clipId, error)
        return
      }
      at += take
    }
    page.pcm = pcm
  }

  /** Clips without a sample are passed over: the last clip that begins at or before `place` holds it. */
  #clipAt(place: number): number {
    let index = this.#clips.length - 1
    while (this.#starts[index]! > place) index--
    return index
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
