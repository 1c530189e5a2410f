import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { newId } from './ids.ts'
import type { ControlClock } from './ports.ts'
import { ApiError, notFound } from './problem.ts'
import { freeBytesOf, type UploadLimits } from './upload.ts'

/** What is not finished by then is forgotten: long enough for a night without a line. */
const KEEP_MS = 24 * 3_600_000
const MOST_OF_ONE_CALLER = 20
const MOST_IN_ALL = 200
const CHECK_EVERY_BYTES = 8 * 1024 * 1024

/** A file that comes in parts, whenever the line allows. */
export interface ClipUploadRecord {
  readonly id: string
  readonly actorId: string
  readonly unitId: string | null
  readonly name: string
  readonly sizeBytes: number
  readonly expiresAtMs: number
}

interface Upload {
  readonly record: ClipUploadRecord
  /** Bytes that are on disk. */
  offset: number
  /** The part that is being read. */
  writing: { readonly body: Readable; readonly ended: Promise<unknown> } | null
}

/**
 * Uploads that can be gone on with after a broken connection or a restart: of each one file with what has come, and one that says what it is to
 * become. How much has come is the length of the first.
 */
export class ClipUploads {
  readonly #folder: string
  readonly #limits: UploadLimits
  readonly #clock: ControlClock
  readonly #freeBytes: (folder: string) => Promise<number>
  readonly #uploads = new Map<string, Upload>()

  constructor(folder: string, limits: UploadLimits, clock: ControlClock, freeBytes: (folder: string) => Promise<number> = freeBytesOf) {
    this.#folder = folder
    this.#limits = limits
    this.#clock = clock
    this.#freeBytes = freeBytes
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#takeUp()
  }

  /** @throws ApiError LOA_ERR_TOO_LARGE, LOA_ERR_BUSY or LOA_ERR_DISK_FULL */
  async checkRoom(actorId: string, sizeBytes: number): Promise<void> {
    if (sizeBytes > this.#limits.maxBytes) throw new ApiError('LOA_ERR_TOO_LARGE', `the file is over ${String(this.#limits.maxBytes)} bytes (maxClipBytes)`, `tệp vượt quá ${String(this.#limits.maxBytes)} byte (maxClipBytes)`)
    if (this.of(actorId).length >= MOST_OF_ONE_CALLER || this.#uploads.size >= MOST_IN_ALL) throw new ApiError('LOA_ERR_BUSY', 'too many uploads are not finished: finish or remove some', 'còn quá nhiều lượt tải lên dở dang: hãy tải xong hoặc xóa bớt', { headers: { 'Retry-After': '60' } })
    await this.#checkSpace(sizeBytes)
  }

  /** Call `checkRoom` before. */
  begin(of: Omit<ClipUploadRecord, 'id' | 'expiresAtMs'>): ClipUploadRecord {
    const nowMs = this.#clock.wallMs()
    const record = { ...of, id: newId('f', nowMs), expiresAtMs: nowMs + KEEP_MS }
    writeFileSync(this.pathOf(record.id), '', { flag: 'wx', mode: 0o600 })
    writeFileSync(this.#recordPath(record.id), JSON.stringify(record), { flag: 'wx', mode: 0o600, flush: true })
    this.#uploads.set(record.id, { record, offset: 0, writing: null })
    return record
  }

  /** Those that this caller began, oldest first. */
  of(actorId: string): readonly (ClipUploadRecord & { readonly offset: number })[] {
    return [...this.#uploads.values()].filter(({ record }) => record.actorId === actorId).map(({ record, offset }) => ({ ...record, offset }))
  }

  /** @throws ApiError LOA_ERR_NOT_FOUND, also when somebody else began it */
  get(id: string, actorId: string): ClipUploadRecord & { readonly offset: number } {
    const { record, offset } = this.#find(id, actorId)
    return { ...record, offset }
  }

  /**
   * Writes a part behind what is there. A connection that broke may look open from here for minutes: whoever comes with the next part ends it.
   * @returns bytes that are there now
   * @throws ApiError LOA_ERR_NOT_FOUND, LOA_ERR_UPLOAD_OFFSET, LOA_ERR_TOO_LARGE, LOA_ERR_DISK_FULL, or LOA_ERR_BAD_REQUEST when the connection broke; what has come stays
   */
  async append(id: string, actorId: string, offset: number, body: Readable): Promise<number> {
    const upload = this.#find(id, actorId)
    while (upload.writing !== null) {
      upload.writing.body.destroy()
      await upload.writing.ended
    }
    if (upload.offset !== offset) throw new ApiError('LOA_ERR_UPLOAD_OFFSET', `${String(upload.offset)} bytes are here`, `máy chủ đã có ${String(upload.offset)} byte`, { headers: { 'Upload-Offset': String(upload.offset) } })
    const ended = this.#write(upload, body)
    upload.writing = { body, ended: ended.catch(() => undefined) }
    try {
      await ended
    } finally {
      upload.writing = null
    }
    return upload.offset
  }

  /** The file; whole when `offset` is `sizeBytes`. */
  pathOf(id: string): string {
    return join(this.#folder, `${id}.part`)
  }

  /** Idempotent. */
  async remove(id: string): Promise<void> {
    const upload = this.#uploads.get(id)
    this.#uploads.delete(id)
    upload?.writing?.body.destroy()
    await upload?.writing?.ended
    if (upload !== undefined) await Promise.all([rm(this.#recordPath(id), { force: true }), rm(this.pathOf(id), { force: true })])
  }

  removeOld(): void {
    const nowMs = this.#clock.wallMs()
    for (const { record, writing } of this.#uploads.values()) if (record.expiresAtMs <= nowMs && writing === null) void this.remove(record.id)
  }

  async #write(upload: Upload, body: Readable): Promise<void> {
    const { record: { id, sizeBytes } } = upload
    const file = await open(this.pathOf(id), 'r+')
    try {
      let sinceCheckBytes = 0
      for await (const chunk of body as AsyncIterable<Buffer>) {
        if (upload.offset + chunk.length > sizeBytes) throw new ApiError('LOA_ERR_TOO_LARGE', `more than the ${String(sizeBytes)} bytes that were announced`, `nhiều hơn ${String(sizeBytes)} byte đã báo trước`)
        if ((sinceCheckBytes += chunk.length) >= CHECK_EVERY_BYTES) {
          sinceCheckBytes = 0
          await this.#checkSpace(0)
        }
        for (let done = 0; done < chunk.length;) {
          const { bytesWritten } = await file.write(chunk, done, chunk.length - done, upload.offset)
          done += bytesWritten
          upload.offset += bytesWritten
        }
      }
    } catch (error) {
      if (error instanceof ApiError || ['ENOSPC', 'EDQUOT', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      throw new ApiError('LOA_ERR_BAD_REQUEST', 'the connection broke', 'kết nối bị ngắt', { cause: error })
    } finally {
      await file.datasync().catch(() => undefined)
      await file.close()
    }
  }

  /** What others have announced will need its room too. */
  async #checkSpace(comingBytes: number): Promise<void> {
    let announcedBytes = comingBytes
    if (comingBytes > 0) for (const { record: { sizeBytes }, offset } of this.#uploads.values()) announcedBytes += sizeBytes - offset
    const freeBytes = await this.#freeBytes(this.#folder)
    if (freeBytes < announcedBytes + this.#limits.minFreeBytes) throw new ApiError('LOA_ERR_DISK_FULL', `${String(freeBytes)} bytes are free, and ${String(this.#limits.minFreeBytes)} must stay free (minFreeDiskBytes)`, `còn trống ${String(freeBytes)} byte, phải chừa lại ${String(this.#limits.minFreeBytes)} byte (minFreeDiskBytes)`)
  }

  #find(id: string, actorId: string): Upload {
    const upload = this.#uploads.get(id)
    if (upload?.record.actorId !== actorId || upload.record.expiresAtMs <= this.#clock.wallMs()) throw notFound('upload', id)
    return upload
  }

  #recordPath(id: string): string {
    return join(this.#folder, `${id}.json`)
  }

  /** What an earlier process left; a file without its other half is nobody's. */
  #takeUp(): void {
    const names = new Set(readdirSync(this.#folder))
    const uploads: Upload[] = []
    for (const name of names) {
      const id = name.replace(/\.(?:json|part)$/, '')
      if (name.endsWith('.json') && names.has(`${id}.part`)) {
        try {
          uploads.push({ record: JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as ClipUploadRecord, offset: statSync(this.pathOf(id)).size, writing: null })
          continue
        } catch {
          rmSync(this.pathOf(id), { force: true }) // the power went while it was written
        }
      }
      if (!(name.endsWith('.part') && names.has(`${id}.json`))) rmSync(join(this.#folder, name), { force: true })
    }
    for (const upload of uploads.sort((a, b) => a.record.expiresAtMs - b.record.expiresAtMs)) this.#uploads.set(upload.record.id, upload)
  }
}
