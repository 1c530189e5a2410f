import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { rm, statfs } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { ApiError } from './problem.ts'
import { invalid } from './validation.ts'

const CHECK_EVERY_BYTES = 8 * 1024 * 1024

/** A file that was sent, on disk. Whoever gets it removes it. */
export interface ReceivedFile {
  readonly path: string
  readonly name: string
  readonly sha256: string
}

export interface UploadLimits {
  readonly maxBytes: number
  readonly minFreeBytes: number
}

/** Takes files from requests into a folder of its own, one pass from socket to disk, never whole in memory. */
export class UploadFolder {
  readonly #folder: string
  readonly #limits: UploadLimits
  readonly #freeBytes: (folder: string) => Promise<number>

  /** Empties the folder: what lies there was left by a process that was killed. */
  constructor(folder: string, limits: UploadLimits, freeBytes: (folder: string) => Promise<number> = freeBytesOf) {
    this.#folder = folder
    this.#limits = limits
    this.#freeBytes = freeBytes
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
  }

  /**
   * Reads the one file of a multipart request, from the field `file`.
   * @param maxBytes where that is less than the folder's own limit
   * @throws ApiError, or the multipart parser's error when a limit is passed; nothing is left on disk then
   */
  async receive(request: FastifyRequest, maxBytes = this.#limits.maxBytes): Promise<ReceivedFile> {
    if (!request.isMultipart()) throw new ApiError('LOA_ERR_MEDIA_TYPE', 'send the file as multipart/form-data', 'gửi tệp dạng multipart/form-data')
    await this.#checkSpace(Number(request.headers['content-length'] ?? 0))
    const part = await this.#firstFile(request, maxBytes)
    if (part?.fieldname !== 'file') throw invalid([{ path: 'file', message: 'is missing', messageVi: 'bị thiếu' }])

    const path = join(this.#folder, randomBytes(12).toString('hex'))
    const hash = createHash('sha256')
    const watch = new SpaceWatch(hash, () => this.#checkSpace(0))
    try {
      await pipeline(part.file, watch, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
      if (part.file.truncated) throw this.#tooLarge(maxBytes)
    } catch (error) {
      await rm(path, { force: true })
      throw (error as { code?: string }).code === 'FST_REQ_FILE_TOO_LARGE' ? this.#tooLarge(maxBytes) : explainParserError(error)
    }
    const named = part.fields['name']
    const name = named !== undefined && !Array.isArray(named) && named.type === 'field' && typeof named.value === 'string' ? named.value : basename(part.filename)
    return { path, name: name.replace(/\p{Cc}/gu, ' ').normalize('NFC').trim().slice(0, 200) || 'clip', sha256: hash.digest('base64url') }
  }

  /**
   * For what is made here rather than received. Whoever gets it removes the file.
   * @throws ApiError LOA_ERR_DISK_FULL
   */
  async newPath(): Promise<string> {
    await this.#checkSpace(0)
    return join(this.#folder, randomBytes(12).toString('hex'))
  }

  async #firstFile(request: FastifyRequest, maxBytes: number): Promise<MultipartFile | undefined> {
    try {
      return await request.file({ limits: { fileSize: maxBytes, files: 1, fields: 8, fieldSize: 4096, parts: 10 }, throwFileSizeLimit: true })
    } catch (error) {
      throw explainParserError(error)
    }
  }

  #tooLarge(maxBytes: number): ApiError {
    const setting = maxBytes === this.#limits.maxBytes ? ' (maxClipBytes)' : ''
    return new ApiError('LOA_ERR_TOO_LARGE', `the file is over ${String(maxBytes)} bytes${setting}`, `tệp vượt quá ${String(maxBytes)} byte${setting}`)
  }

  async #checkSpace(comingBytes: number): Promise<void> {
    // A body far over the limit is refused for its size as soon as it passes it, whatever it announces.
    const neededBytes = Math.min(Number.isFinite(comingBytes) ? comingBytes : 0, this.#limits.maxBytes) + this.#limits.minFreeBytes
    const freeBytes = await this.#freeBytes(this.#folder)
    if (freeBytes >= neededBytes) return
    throw new ApiError('LOA_ERR_DISK_FULL', `${String(freeBytes)} bytes are free, and ${String(this.#limits.minFreeBytes)} must stay free (minFreeDiskBytes)`, `còn trống ${String(freeBytes)} byte, phải chừa lại ${String(this.#limits.minFreeBytes)} byte (minFreeDiskBytes)`)
  }
}

/** Hashes what passes, and looks at the free space now and then: several uploads share the disk. */
class SpaceWatch extends Transform {
  readonly #hash: { update(chunk: Buffer): unknown }
  readonly #check: () => Promise<void>
  #sinceCheckBytes = 0

  constructor(hash: { update(chunk: Buffer): unknown }, check: () => Promise<void>) {
    super()
    this.#hash = hash
    this.#check = check
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk)
    this.#sinceCheckBytes += chunk.length
    if (this.#sinceCheckBytes < CHECK_EVERY_BYTES) {
      done(null, chunk)
      return
    }
    this.#sinceCheckBytes = 0
    this.#check().then(() => {
      done(null, chunk)
    }, done)
  }
}

/** The multipart parser's own errors about broken bodies are the only ones without a code. */
function explainParserError(error: unknown): unknown {
  if (!(error instanceof Error) || 'code' in error) return error
  return new ApiError('LOA_ERR_BAD_REQUEST', `the multipart body is broken: ${error.message}`, 'nội dung multipart bị hỏng', { cause: error })
}

/** Bytes that this user may still write to the file system of a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
