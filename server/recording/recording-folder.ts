import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { OPUS_DELAY_SAMPLES, OPUS_FRAME_SAMPLES, OpusFileReader, OpusFileWriter } from '../../codec/index.ts'
import type { RecordingFolder, RecordingPiece, RecordingSound } from '../../control/ports.ts'
import { frameAtOrAfter } from '../../rooms/grid.ts'
import { PART } from './tape-disk.ts'

/** Read at once; the event loop is free between two. */
const CHUNK_BYTES = 1 << 18

/** Of cuts it is remembered how long they are: a player asks for one range after another. */
const MOST_MEASURED = 500

interface Measure {
  readonly bytes: number
  /** Behind the last frame that was there. */
  readonly untilSamples: number
}

/** The folder of recordings as control reads it: the recorder writes there, each file once. */
export function openRecordingFolder(folder: string): RecordingFolder {
  /** Of a file that grows, or is not in the index yet, the part name. */
  const find = async (file: string): Promise<{ path: string; bytes: number } | undefined> => {
    for (const path of [join(folder, file), join(folder, file + PART)]) {
      const found = await stat(path).catch(() => undefined)
      if (found !== undefined) return { path, bytes: found.size }
    }
    return undefined
  }
  const chunksOf = async function* (file: string): AsyncGenerator<Buffer> {
    const found = await find(file)
    if (found !== undefined && found.bytes > 0) yield* createReadStream(found.path, { highWaterMark: CHUNK_BYTES, end: found.bytes - 1 }) as AsyncIterable<Buffer>
  }
  const measured = new Map<string, Measure>()
  const measure = async (pieces: readonly RecordingPiece[], title: string): Promise<Measure> => {
    let bytes = 0
    let untilSamples = -Infinity
    for await (const page of pagesOf(pieces, title, chunksOf, (frame) => { untilSamples = (frame + 1) * OPUS_FRAME_SAMPLES })) bytes += page.length
    return { bytes, untilSamples }
  }
  return {
    async whole(file): Promise<RecordingSound | undefined> {
      const found = await find(file)
      if (found === undefined) return undefined
      return { bytes: found.bytes, read: (from, until) => (until <= from ? Readable.from([]) : createReadStream(found.path, { start: from, end: until - 1 })) }
    },
    async cut(pieces, title): Promise<RecordingSound> {
      // Twice the same work: HTTP asks how long it is before it is sent, and an hour is too much to keep. What is written meanwhile is not for this answer.
      const key = JSON.stringify([pieces, title])
      const { bytes, untilSamples } = measured.get(key) ?? await measure(pieces, title)
      const frozen = pieces.map((piece) => ({ ...piece, untilSamples: Math.min(piece.untilSamples, untilSamples) }))
      measured.delete(key)
      // A file that grows may be longer the next time.
      if (untilSamples >= (pieces.at(-1)?.untilSamples ?? 0)) measured.set(key, { bytes, untilSamples })
      if (measured.size > MOST_MEASURED) measured.delete(measured.keys().next().value!)
      return { bytes, read: (from, until) => Readable.from(slice(pagesOf(frozen, title, chunksOf), from, until)) }
    },
    async remove(file) {
      for (const path of [join(folder, file), join(folder, file + PART)]) await rm(path, { force: true })
    },
  }
}

/** The pages of a file made of pieces that do not overlap, in order of time. */
async function* pagesOf(pieces: readonly RecordingPiece[], title: string, chunksOf: (file: string) => AsyncIterable<Buffer>, onFrame: (frameIndex: number) => void = () => undefined): AsyncGenerator<Buffer> {
  let writer: OpusFileWriter | undefined
  for (const { file, fromSamples, untilSamples } of pieces) {
    const from = frameAtOrAfter(fromSamples, OPUS_FRAME_SAMPLES)
    const until = frameAtOrAfter(untilSamples, OPUS_FRAME_SAMPLES)
    let pages: Buffer[] = []
    let isOver = false
    const reader = new OpusFileReader(({ frameIndex, packet }) => {
      if (frameIndex >= until) isOver = true
      if (frameIndex < from || frameIndex >= until || (writer !== undefined && frameIndex < writer.nextFrameIndex)) return
      if (writer === undefined) {
        writer = new OpusFileWriter(frameIndex, OPUS_DELAY_SAMPLES, { vendor: 'Loa', comments: [`TITLE=${title}`] })
        pages.push(writer.head)
      }
      while (writer.nextFrameIndex < frameIndex) keep(writer.add())
      onFrame(frameIndex)
      // The chunk is read over before the page is made.
      keep(writer.add(Buffer.from(packet)))
    })
    const keep = (page: Buffer | undefined): void => {
      if (page !== undefined) pages.push(page)
    }
    for await (const chunk of chunksOf(file)) {
      reader.push(chunk)
      yield* pages
      pages = []
      if (isOver) break
    }
  }
  const last = writer?.end()
  if (last !== undefined) yield last
}

/** Bytes `from` to `until`, exclusive, of all of it. */
async function* slice(chunks: AsyncIterable<Buffer>, from: number, until: number): AsyncGenerator<Buffer> {
  let at = 0
  for await (const chunk of chunks) {
    const [start, end] = [Math.max(0, from - at), Math.min(chunk.length, until - at)]
    if (end > start) yield chunk.subarray(start, end)
    at += chunk.length
    if (at >= until) return
  }
}
