import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { PhotoFolder, PhotoSize } from '../../control/ports.ts'
import { orientationOf } from './orientation.ts'

export const PHOTOS_FOLDER = 'photos'

const LONGEST_PX: Readonly<Record<PhotoSize, number>> = { full: 1600, thumbnail: 320 }
/** More than any camera makes; a small file may claim to be a square mile. */
const MOST_PIXELS = 100_000_000
/** Of one picture in the decoder's memory: 100 million pixels of a JPEG, fewer where each has more bytes. A file of 1 MB may unpack to 800. */
const MOST_PICTURE_BYTES = 256 * 1024 * 1024
const LIMIT_MS = 20_000
/** Filters that bring each EXIF orientation upright. */
const UPRIGHT: readonly string[] = ['null', 'null', 'hflip', 'hflip,vflip', 'vflip', 'transpose=0', 'transpose=1', 'transpose=3', 'transpose=2']

/** The file is no picture that can be read. */
export class PhotoError extends Error {
  override readonly name = 'PhotoError'
  readonly code = 'PHOTO_ERR_UNREADABLE'
}

/** Which of the three it is, by its first bytes: a name says nothing. */
function demuxerOf(head: Buffer): string | null {
  if (head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'jpeg_pipe'
  if (head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'png_pipe'
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP') return 'webp_pipe'
  return null
}

/**
 * Photos of clusters on the disk, by the hash of what is kept. Each is decoded by ffmpeg in a child of its own and written anew as JPEG, upright and in two sizes:
 * nothing of the file that came is served to anybody, and nothing of what it said beside the picture (place, time, maker) is kept.
 */
export function createPhotoFolder({ dataDir, ffmpegPath }: { readonly dataDir: string; readonly ffmpegPath: string }): PhotoFolder {
  const folder = resolve(dataDir, PHOTOS_FOLDER)
  const path = (sha256: string, size: PhotoSize): string => join(folder, `${sha256}.${size}.jpg`)
  return {
    path,
    async prepare(inputPath) {
      const bytes = await readFile(inputPath)
      const demuxer = demuxerOf(bytes.subarray(0, 16))
      if (demuxer === null) throw new PhotoError('it is neither JPEG nor PNG nor WebP')
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const part = join(folder, `.${randomUUID()}`)
      const parts = { full: `${part}.full`, thumbnail: `${part}.thumbnail` }
      try {
        await convert(ffmpegPath, demuxer, inputPath, UPRIGHT[demuxer === 'jpeg_pipe' ? orientationOf(bytes) : 1]!, parts)
        const full = await readFile(parts.full)
        const sha256 = createHash('sha256').update(full).digest('hex')
        for (const size of ['thumbnail', 'full'] as const) {
          await onDisk(parts[size])
          await rename(parts[size], path(sha256, size))
        }
        await onDisk(folder)
        return { sha256, sizeBytes: full.length }
      } finally {
        for (const file of Object.values(parts)) await rm(file, { force: true })
      }
    },
    async remove(sha256) {
      for (const size of ['full', 'thumbnail'] as const) await rm(path(sha256, size), { force: true })
    },
  }
}

/** @throws PhotoError */
async function convert(ffmpegPath: string, demuxer: string, inputPath: string, upright: string, outputs: Readonly<Record<PhotoSize, string>>): Promise<void> {
  const out = (size: PhotoSize): string[] => {
    const px = String(LONGEST_PX[size])
    return ['-map', '0:v:0', '-frames:v', '1', '-vf', `${upright},scale=w='min(${px},iw)':h='min(${px},ih)':force_original_aspect_ratio=decrease,format=yuvj420p`, '-map_metadata', '-1', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-q:v', '4', '-f', 'mjpeg', '-y', `file:${outputs[size]}`]
  }
  const child = spawn(ffmpegPath, [
    '-nostdin', '-hide_banner', '-nostats', '-loglevel', 'error', '-xerror', '-max_alloc', String(MOST_PICTURE_BYTES), '-threads', '1', '-noautorotate', '-max_pixels', String(MOST_PIXELS), '-protocol_whitelist', 'file', '-f', demuxer, '-i', `file:${resolve(inputPath)}`, ...out('full'), ...out('thumbnail'),
  ], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' } })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => { complaint = (complaint + chunk.toString('utf8')).slice(0, 500) })
  const watchdog = setTimeout(() => { child.kill('SIGKILL') }, LIMIT_MS)
  try {
    const code = await new Promise<number | null>((done, fail) => {
      child.once('error', fail)
      child.once('close', done)
    })
    if (code !== 0) throw new PhotoError('the picture cannot be read', { cause: complaint })
  } finally {
    clearTimeout(watchdog)
  }
}

async function onDisk(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
