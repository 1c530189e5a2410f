import { open, mkdir, rm, type FileHandle } from 'node:fs/promises'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createEncoder, opusHeaderPages, opusPage, OPUS_FRAME_SAMPLES, parseFormat, type Encoder } from '../../codec/index.ts'
import type { PhoneRecordings } from '../../control/ports.ts'

const FORMAT = parseFormat('opus-16')
const COMPLEXITY = 2
/** No call lasts longer; what comes after it is not kept. */
const MOST_FRAMES = (4 * 3_600_000) / 20
/** Written in pieces of a second. */
const FLUSH_FRAMES = 50
const FRAME_MS = 20

const FOLDER = join('phone', 'calls')
const fileOf = (dataDir: string, callId: string): string => join(dataDir, FOLDER, `${callId}.opus`)

/** As control sees the recordings: by the ids of calls, which the server makes itself. */
export function createPhoneRecordings(dataDir: string): PhoneRecordings {
  return {
    path: (callId) => fileOf(dataDir, callId),
    size(callId) {
      const found = statSync(fileOf(dataDir, callId), { throwIfNoEntry: false })
      return found === undefined || found.size === 0 ? null : found.size
    },
    remove: (callId) => rm(fileOf(dataDir, callId), { force: true }),
  }
}

/**
 * What one caller says from beginning to end, as Ogg Opus. It never holds the call up: what cannot be written is told once, and the call goes on.
 */
export class CallRecording {
  readonly #encoder: Encoder
  readonly #onError: (error: unknown) => void
  #pages: Buffer[] = []
  #file: Promise<FileHandle | null>
  #written: Promise<void> = Promise.resolve()
  #frames = 0
  #bytes = 0
  #isBroken = false

  constructor(dataDir: string, callId: string, onError: (error: unknown) => void) {
    this.#onError = onError
    this.#encoder = createEncoder(FORMAT, { opusComplexity: COMPLEXITY })
    this.#file = mkdir(join(dataDir, FOLDER), { recursive: true, mode: 0o700 }).then(() => open(fileOf(dataDir, callId), 'wx', 0o600)).catch((error: unknown) => this.#broken(error))
    this.#pages.push(opusHeaderPages(this.#encoder.delaySamples, { vendor: 'Loa', comments: [`TITLE=${callId}`] }))
  }

  /** @param pcm 20 ms at 48 kHz */
  push(pcm: Float32Array): void {
    if (this.#isBroken || this.#frames >= MOST_FRAMES || pcm.length !== OPUS_FRAME_SAMPLES) return
    this.#pages.push(opusPage(this.#encoder.encode(pcm), this.#frames))
    this.#frames += 1
    if (this.#frames % FLUSH_FRAMES === 0) this.#flush()
  }

  /** Resolves when all of it is on the disk; null: nothing could be kept. */
  async close(): Promise<{ readonly durationMs: number; readonly sizeBytes: number } | null> {
    this.#flush()
    await this.#written
    this.#encoder.close()
    const file = await this.#file
    try {
      await file?.sync()
      await file?.close()
    } catch (error) {
      this.#broken(error)
    }
    return this.#isBroken && this.#bytes === 0 ? null : { durationMs: this.#frames * FRAME_MS, sizeBytes: this.#bytes }
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pages)
    this.#pages = []
    this.#written = this.#written.then(async () => {
      const file = await this.#file
      if (file === null || this.#isBroken) return
      try {
        await file.appendFile(bytes)
        this.#bytes += bytes.length
      } catch (error) {
        this.#broken(error)
      }
    })
  }

  #broken(error: unknown): null {
    if (!this.#isBroken) this.#onError(error)
    this.#isBroken = true
    return null
  }
}
