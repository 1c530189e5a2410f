import { open, readFile, stat, writeFile } from 'node:fs/promises'
import type { ClipShape } from '../../control/ports.ts'
import { runSoundFile, type SoundMeasure } from './sound-file.ts'
import { WAV_BYTES_PER_SAMPLE, WAV_HEADER_BYTES, wavHeader } from './wav-file.ts'

const MOST_PEAKS = 2000
/** Peaks are gathered this fine before the length is known: 10 ms. */
const FINE_SAMPLES = 480
/** What is cut out of the middle begins and ends without a click: 5 ms. */
const FADE_SAMPLES = 240
const COPY_SAMPLES = 512 * 1024

/** Where the shape of a mezzanine is kept: beside it. */
export const shapePath = (path: string): string => `${path}.shape.json`

/** Gathers the largest sample of equal parts while the sound passes. */
export class PeakMeter {
  readonly #fine: number[] = []
  #samples = 0
  #max = 0
  #half: number | null = null

  /** s16le; a sample may be torn between two pieces. */
  take(pcm: Buffer): void {
    let at = 0
    if (this.#half !== null && pcm.length > 0) {
      this.#sample(Buffer.of(this.#half, pcm[0]!).readInt16LE(0))
      this.#half = null
      at = 1
    }
    for (; at + 1 < pcm.length; at += 2) this.#sample(pcm.readInt16LE(at))
    if (at < pcm.length) this.#half = pcm[at]!
  }

  /** @returns 0 to 1, of equal parts, {@link MOST_PEAKS} at most */
  peaks(): number[] {
    const fine = this.#samples % FINE_SAMPLES === 0 ? this.#fine : [...this.#fine, this.#max]
    const count = Math.min(MOST_PEAKS, fine.length)
    return Array.from({ length: count }, (_, index) => {
      let max = 0
      const until = Math.ceil(((index + 1) * fine.length) / count)
      for (let at = Math.floor((index * fine.length) / count); at < until; at++) max = Math.max(max, fine[at]!)
      return Math.round((max / 32_768) * 1000) / 1000
    })
  }

  #sample(value: number): void {
    this.#max = Math.max(this.#max, Math.abs(value))
    if (++this.#samples % FINE_SAMPLES !== 0) return
    this.#fine.push(this.#max)
    this.#max = 0
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Keeps a shape beside its mezzanine. It can be worked out again, so a disk that takes it not is no fault of the clip. */
export async function keepShape(path: string, meter: PeakMeter, measure: SoundMeasure): Promise<ClipShape> {
  const shape: ClipShape = { peaks: meter.peaks(), integratedLufs: finite(measure.integratedLufs), truePeakDbtp: finite(measure.truePeakDbtp) }
  await writeFile(shapePath(path), JSON.stringify(shape), { mode: 0o600 }).catch(() => undefined)
  return shape
}

/** What is kept, or undefined. */
export async function keptShape(path: string): Promise<ClipShape | undefined> {
  try {
    return JSON.parse(await readFile(shapePath(path), 'utf8')) as ClipShape
  } catch {
    return undefined // none yet, or torn when the power went
  }
}

/** Of clips from before shapes were kept, or restored without. @throws ClipError `CLIP_ERR_UNREADABLE` */
export async function workOutShape(path: string, ffmpegPath: string): Promise<ClipShape> {
  const meter = new PeakMeter()
  const { size } = await stat(path)
  const measure = await runSoundFile({
    ffmpegPath, inputPath: path, limitMs: size / (WAV_BYTES_PER_SAMPLE * 48), filters: [], signal: undefined,
    onPcm(pcm) {
      meter.take(pcm)
      return Promise.resolve()
    },
  })
  return keepShape(path, meter, measure)
}

/** Writes a part of a mezzanine as a WAV file of its own, its ends faded for 5 ms. */
export async function cutWav(path: string, fromSamples: number, untilSamples: number, outputPath: string): Promise<void> {
  const samples = untilSamples - fromSamples
  const input = await open(path, 'r')
  try {
    const output = await open(outputPath, 'wx', 0o600)
    try {
      await output.writeFile(wavHeader(samples))
      const piece = Buffer.alloc(Math.min(COPY_SAMPLES, samples) * WAV_BYTES_PER_SAMPLE)
      for (let done = 0; done < samples;) {
        const wanted = Math.min(piece.length, (samples - done) * WAV_BYTES_PER_SAMPLE)
        const { bytesRead } = await input.read(piece, 0, wanted, WAV_HEADER_BYTES + (fromSamples + done) * WAV_BYTES_PER_SAMPLE)
        const got = Math.floor(bytesRead / WAV_BYTES_PER_SAMPLE)
        if (got === 0) throw new Error(`${path} is shorter than its clip`)
        fadeEnds(piece, got, done, samples)
        await output.writeFile(piece.subarray(0, got * WAV_BYTES_PER_SAMPLE))
        done += got
      }
    } finally {
      await output.close()
    }
  } finally {
    await input.close()
  }
}

/** @param first place of the piece in the whole */
function fadeEnds(piece: Buffer, samples: number, first: number, total: number): void {
  const fade = Math.min(FADE_SAMPLES, Math.floor(total / 2))
  for (let index = 0; index < samples; index++) {
    const toEnd = Math.min(first + index, total - 1 - first - index)
    if (toEnd < fade) piece.writeInt16LE(Math.round((piece.readInt16LE(index * 2) * toEnd) / fade), index * 2)
    else if (total - first - index > fade) index = Math.max(index, Math.min(samples, total - fade - first) - 1) // the middle stays as it is
  }
}
