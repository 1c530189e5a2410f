import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClipShape, PreparedClip } from '../../control/ports.ts'
import type { Config } from '../config.ts'
import { ClipError } from './clip-error.ts'
import { cutWav, keepShape, keptShape, PeakMeter, shapePath, workOutShape } from './clip-shape.ts'
import { ListeningCopies } from './listening-copies.ts'
import { runSoundFile, type SoundMeasure } from './sound-file.ts'
import { WAV_BYTES_PER_SAMPLE, WAV_HEADER_BYTES, wavHeader } from './wav-file.ts'

export interface ClipPreparer {
  /**
   * Converts a sound file once. The file at `inputPath` stays where it is.
   * @param onProgress from 0 to 1, over both passes
   * @throws ClipError `CLIP_ERR_UNREADABLE`, `CLIP_ERR_EMPTY`, `CLIP_ERR_TOO_LONG`, `CLIP_ERR_DISK_FULL`, `CLIP_ERR_ABORTED`; nothing is left behind
   */
  prepare(inputPath: string, onProgress?: (fraction: number) => void, signal?: AbortSignal): Promise<PreparedClip>
  /** How a mezzanine looks and sounds. Worked out once, one at a time. @throws ClipError `CLIP_ERR_UNREADABLE` */
  shape(path: string): Promise<ClipShape>
  /** Writes a part of a mezzanine as a WAV file of its own. */
  cut(path: string, fromSamples: number, untilSamples: number, outputPath: string): Promise<void>
  /** @returns where the copy of a mezzanine in Ogg Opus is; made once @throws as ListeningCopies.of */
  listeningCopy(path: string): Promise<string>
  /** Begins that copy, before somebody asks for it. */
  beginListeningCopy(path: string): void
  /** Idempotent. */
  remove(path: string): Promise<void>
  /** Ends what goes on without anybody waiting for it. */
  close(): Promise<void>
}

const ID_CHARACTERS = 32

/** More than this would bring up the noise of a recording in which almost nothing is. */
const MAX_GAIN_DB = 30

/** The limiter takes some loudness with the peaks; then the gain is corrected and it is done again. */
const TOLERANCE_LU = 0.3
const MAX_ROUNDS = 3

/** The limiter sees four points between two samples; what is between those is at most this much higher. */
const PEAK_MARGIN_DB = 0.3

/** Long after the longest clip begins what is too long for certain. */
const PAST_LIMIT_MS = 1000

type ClipSettings = Pick<Config, 'dataDir' | 'ffmpegPath' | 'maxClipMs' | 'clipLoudnessLufs' | 'clipTruePeakDbtp' | 'minFreeDiskBytes'>

/** Makes the converter of uploaded clips; mezzanines stand under `dataDir`/clips. */
export function createClipPreparer(settings: ClipSettings): ClipPreparer {
  let lastShape: Promise<unknown> = Promise.resolve()
  const copies = new ListeningCopies(settings)
  return {
    async shape(path) {
      const kept = await keptShape(path)
      if (kept !== undefined) return kept
      const mine = lastShape.then(async () => await keptShape(path) ?? await workOutShape(path, settings.ffmpegPath))
      lastShape = mine.catch(() => undefined)
      return mine
    },
    cut: cutWav,
    listeningCopy: (path) => copies.of(path, true),
    beginListeningCopy(path) {
      void copies.of(path, false).catch(() => undefined) // whoever asks for it tries again, and is told
    },
    async remove(path) {
      await Promise.all([rm(path, { force: true }), rm(shapePath(path), { force: true }), copies.remove(path)])
    },
    close: () => copies.close(),
    async prepare(inputPath, onProgress, signal) {
      const folder = join(settings.dataDir, 'clips')
      const temporary = join(folder, `.${randomUUID()}.part`)
      try {
        await mkdir(folder, { recursive: true })
        return await convert(settings, inputPath, folder, temporary, onProgress, signal)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ENOSPC' || code === 'EDQUOT') throw new ClipError('CLIP_ERR_DISK_FULL', 'the disk is full: remove clips or make room in the data folder', { cause: error })
        throw error
      } finally {
        await rm(temporary, { force: true })
      }
    },
  }
}

async function convert(settings: ClipSettings, inputPath: string, folder: string, temporary: string, onProgress?: (fraction: number) => void, signal?: AbortSignal): Promise<PreparedClip> {
  const clipId = await contentId(settings, inputPath)
  const common = { ffmpegPath: settings.ffmpegPath, inputPath, limitMs: settings.maxClipMs + PAST_LIMIT_MS, signal }
  const before = await runSoundFile({ ...common, filters: [], ...(onProgress && { onProgress: (fraction) => { onProgress(fraction / 2) } }) })
  const file = await open(temporary, 'wx', 0o600)
  let samples = 0
  let written: Written | undefined
  try {
    let gainDb = Number.isFinite(before.integratedLufs) ? Math.min(MAX_GAIN_DB, settings.clipLoudnessLufs - before.integratedLufs) : 0
    for (let round = 1; ; round++) {
      const isLinear = before.truePeakDbtp + gainDb <= settings.clipTruePeakDbtp
      written = await write(file, { ...common, filters: isLinear ? [`volume=${gainDb.toFixed(2)}dB`] : limited(gainDb, settings.clipTruePeakDbtp), ...(onProgress && { onProgress: (fraction) => { onProgress(0.5 + fraction / 2) } }) })
      samples = written.samples
      if (samples === 0) throw new ClipError('CLIP_ERR_EMPTY', 'the file holds no sound')
      if (samples > settings.maxClipMs * 48) throw new ClipError('CLIP_ERR_TOO_LONG', `a clip may last at most ${String(settings.maxClipMs / 1000)} s (maxClipMs)`)
      const missingDb = settings.clipLoudnessLufs - written.measure.integratedLufs
      if (isLinear || round === MAX_ROUNDS || !Number.isFinite(missingDb) || Math.abs(missingDb) <= TOLERANCE_LU || gainDb + missingDb > MAX_GAIN_DB) break
      gainDb += missingDb
    }
    await file.write(wavHeader(samples), 0, WAV_HEADER_BYTES, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  const path = join(folder, `${clipId}.wav`)
  await rename(temporary, path)
  await syncFolder(folder)
  await keepShape(path, written.meter, written.measure)
  return { clipId, path, durationMs: Math.round(samples / 48), durationSamples: samples, loudnessLufs: before.integratedLufs, sizeBytes: WAV_HEADER_BYTES + samples * WAV_BYTES_PER_SAMPLE }
}

/** Gain, and a limiter that works at four times the rate so that it sees the peaks between samples; it looks ahead and takes its own delay away. */
function limited(gainDb: number, ceilingDbtp: number): string[] {
  const limit = 10 ** ((ceilingDbtp - PEAK_MARGIN_DB) / 20)
  return [`volume=${gainDb.toFixed(2)}dB`, 'aresample=192000', `alimiter=limit=${limit.toFixed(4)}:attack=5:release=80:level=0:latency=1`, 'aresample=48000']
}

interface Written {
  readonly samples: number
  readonly measure: SoundMeasure
  readonly meter: PeakMeter
}

async function write(file: FileHandle, run: Omit<Parameters<typeof runSoundFile>[0], 'onPcm'>): Promise<Written> {
  const meter = new PeakMeter()
  await file.truncate(0)
  let at = WAV_HEADER_BYTES
  const measure = await runSoundFile({
    ...run,
    async onPcm(pcm) {
      meter.take(pcm)
      for (let done = 0; done < pcm.length;) {
        const { bytesWritten } = await file.write(pcm, done, pcm.length - done, at)
        done += bytesWritten
        at += bytesWritten
      }
    },
  })
  return { samples: Math.floor((at - WAV_HEADER_BYTES) / WAV_BYTES_PER_SAMPLE), measure, meter }
}

/** The same sound under other loudness settings is another clip: orders keep what they were given. */
async function contentId(settings: ClipSettings, inputPath: string): Promise<string> {
  const hash = createHash('sha256')
  hash.update(`${String(settings.clipLoudnessLufs)} ${String(settings.clipTruePeakDbtp)}\n`)
  for await (const chunk of createReadStream(inputPath) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex').slice(0, ID_CHARACTERS)
}

/** The new name must outlive a power cut as well as the content (fsync(2)). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
