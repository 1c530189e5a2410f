import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { floatToS16le } from '../../codec/index.ts'
import { runFfmpeg } from '../clips/run-ffmpeg.ts'

/** A sound as speakers keep it: mono Ogg Opus in packets of 20 ms, known by the SHA-256 of its bytes. */
export interface SpeakerFile {
  readonly sha256: string
  readonly bytes: number
  /** Of the sound itself, at 48 kHz. */
  readonly durationSamples: number
}

/**
 * What ffmpeg is asked for: pages of one second, so that a place is found quickly and little is spent on their headers; and the MDCT layer alone
 * (`lowdelay`), as in what is sent live: the speech layer shifts phases by up to 80 µs, which would be heard where the two are joined.
 */
export const opusFileArguments = (bitrateKbps: number): readonly string[] => [
  '-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact', '-ac', '1', '-ar', '48000',
  '-c:a', 'libopus', '-b:a', `${String(bitrateKbps)}k`, '-vbr', 'constrained', '-application', 'lowdelay', '-frame_duration', '20', '-page_duration', '1000000', '-f', 'ogg',
]

export const speakerFilesFolder = (dataDir: string): string => join(dataDir, 'speaker-files')

const SHA256_HEX = /^[0-9a-f]{64}$/
const CHANNELS_AND_RATE = ['-f', 's16le', '-ac', '1', '-ar', '48000'] as const
const BITRATE = /-(\d+)$/

/** Where a file stands, for those who serve it; null when that is not a hash. */
export const speakerFilePath = (dataDir: string, sha256: string): string | null => (SHA256_HEX.test(sha256) ? join(speakerFilesFolder(dataDir), sha256) : null)

/**
 * Makes speakers' files of clips and tones, each once, by ffmpeg in a child of its own, one at a time. They stand under `speaker-files` in
 * the data folder by their hash; beside them, by the name of the sound, which hash it has.
 */
export class SpeakerFiles {
  readonly #folder: string
  readonly #ffmpegPath: string
  readonly #format: string
  readonly #known = new Map<string, SpeakerFile>()
  readonly #failed = new Map<string, number>()
  #queue: Promise<unknown> = Promise.resolve()

  /** @param format such as `opus-32` */
  constructor(settings: { readonly dataDir: string; readonly ffmpegPath: string; readonly opusFormat: string }) {
    this.#folder = speakerFilesFolder(settings.dataDir)
    this.#ffmpegPath = settings.ffmpegPath
    this.#format = settings.opusFormat
  }

  /** What has been made already; undefined: ask `make`. */
  known(name: string): SpeakerFile | undefined {
    return this.#known.get(name)
  }

  /** So many times in a row it could not be made. */
  failures(name: string): number {
    return this.#failed.get(name) ?? 0
  }

  /** Of a mezzanine: mono 48 kHz 16-bit WAV. Idempotent. @throws when ffmpeg or the disk fails; nothing is left behind */
  ofWav(name: string, path: string, durationSamples: number): Promise<SpeakerFile> {
    return this.#make(name, durationSamples, ['-f', 'wav', '-i', `file:${path}`], null)
  }

  /** Of samples, mono at 48 kHz. */
  ofPcm(name: string, pcm: Float32Array): Promise<SpeakerFile> {
    const bytes = Buffer.alloc(pcm.length * 2)
    floatToS16le(pcm, bytes)
    return this.#make(name, pcm.length, [...CHANNELS_AND_RATE, '-i', 'pipe:0'], bytes)
  }

  #make(name: string, durationSamples: number, input: readonly string[], pcm: Buffer | null): Promise<SpeakerFile> {
    const known = this.#known.get(name)
    if (known !== undefined) return Promise.resolve(known)
    const made = this.#queue.then(async () => {
      const before = this.#known.get(name) ?? (await this.#find(name, durationSamples))
      const file = before ?? (await this.#encode(name, durationSamples, input, pcm))
      this.#known.set(name, file)
      this.#failed.delete(name)
      return file
    })
    this.#queue = made.catch(() => {
      this.#failed.set(name, this.failures(name) + 1)
    })
    return made
  }

  #indexPath(name: string): string {
    return join(this.#folder, `${name}.${this.#format}.sha256`)
  }

  async #find(name: string, durationSamples: number): Promise<SpeakerFile | null> {
    try {
      const sha256 = (await readFile(this.#indexPath(name), 'utf8')).trim()
      if (!SHA256_HEX.test(sha256)) return null
      const path = join(this.#folder, sha256)
      const { size } = await stat(path)
      // Once a start: what a disk has spoilt since would be refused by every speaker for ever.
      return (await hashOf(createReadStream(path))) === sha256 ? { sha256, bytes: size, durationSamples } : null
    } catch {
      return null
    }
  }

  async #encode(name: string, durationSamples: number, input: readonly string[], pcm: Buffer | null): Promise<SpeakerFile> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const temporary = join(this.#folder, `.${randomUUID()}.part`)
    const bitrateKbps = Number(BITRATE.exec(this.#format)?.[1])
    try {
      await runFfmpeg(this.#ffmpegPath, [...input, ...opusFileArguments(bitrateKbps), '-y', `file:${temporary}`], { input: pcm })
      const sha256 = await hashOf(createReadStream(temporary))
      const handle = await open(temporary, 'r')
      await handle.sync()
      await handle.close()
      const { size } = await stat(temporary)
      await rename(temporary, join(this.#folder, sha256))
      await writeFile(`${this.#indexPath(name)}.part`, `${sha256}\n`, { flush: true })
      await rename(`${this.#indexPath(name)}.part`, this.#indexPath(name))
      return { sha256, bytes: size, durationSamples }
    } finally {
      await rm(temporary, { force: true })
    }
  }
}

async function hashOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}
