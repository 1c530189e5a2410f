import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isDiskFull, syncFolder } from '../disk.ts'

/** Stable codes of what can go wrong with a cached file. */
export type CacheErrorCode = 'SPEAKER_ERR_CORRUPT' | 'SPEAKER_ERR_QUOTA' | 'SPEAKER_ERR_DISK_FULL' | 'SPEAKER_ERR_DISK'

export class CacheError extends Error {
  override readonly name = 'CacheError'
  readonly code: CacheErrorCode

  constructor(code: CacheErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export interface FileCacheOptions {
  /** All files together, bytes. */
  readonly quotaBytes: number
  /** So much of the disk is left to the play log and the system, bytes. Default 8 MiB. */
  readonly minFreeBytes?: number
  /** Wall time for the order of last use, ms; only compared with itself. */
  readonly nowMs: () => number
}

interface CachedFile {
  readonly bytes: number
  usedAtMs: number
}

const SHA256_HEX = /^[0-9a-f]{64}$/
const DEFAULT_MIN_FREE_BYTES = 8 * 1024 * 1024

/**
 * Files by the SHA-256 of their content, in one folder. A name stands there only when its content was whole and on the disk, so
 * a power cut leaves files and none in between. The least recently used make room, but never what is pinned. The time of last
 * use is the file's own modification time, so that nothing else has to be kept in step with the folder.
 */
export class FileCache {
  readonly #folder: string
  readonly #options: FileCacheOptions
  readonly #files = new Map<string, CachedFile>()
  #pinned: ReadonlySet<string> = new Set()
  #bytes = 0
  /** Room promised to files that are being written. */
  #reservedBytes = 0
  /** Files refused because their content was not what their name says, on arrival or later. */
  corruptTotal = 0
  evictedTotal = 0

  /** Takes over what is in `folder`, and removes what was being written when the power went. */
  static async open(folder: string, options: FileCacheOptions): Promise<FileCache> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const cache = new FileCache(folder, options)
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      if (!SHA256_HEX.test(name)) {
        await rm(path, { force: true, recursive: true })
        continue
      }
      const { size, mtimeMs } = await stat(path)
      cache.#note(name, { bytes: size, usedAtMs: mtimeMs })
    }
    return cache
  }

  private constructor(folder: string, options: FileCacheOptions) {
    this.#folder = folder
    this.#options = options
  }

  get bytes(): number {
    return this.#bytes
  }

  has(sha256: string): boolean {
    return this.#files.has(sha256)
  }

  path(sha256: string): string {
    return join(this.#folder, sha256)
  }

  /** What must not make room for anything: the coming schedule. Replaces what was pinned before. */
  pin(hashes: Iterable<string>): void {
    this.#pinned = new Set(hashes)
  }

  /** Counts as a use. */
  async touch(sha256: string): Promise<void> {
    const file = this.#files.get(sha256)
    if (file === undefined) return
    file.usedAtMs = this.#options.nowMs()
    const seconds = file.usedAtMs / 1000
    await utimes(this.path(sha256), seconds, seconds).catch(() => undefined) // only the order of eviction depends on it
  }

  /**
   * Takes a file in. Its bytes are counted and hashed while they are written; the name appears after they are on the disk.
   * @param expectedBytes length as the bundle says it; more is not written
   * @throws CacheError; nothing is left behind
   */
  async add(sha256: string, expectedBytes: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (!SHA256_HEX.test(sha256)) throw new CacheError('SPEAKER_ERR_CORRUPT', `'${sha256}' is not a SHA-256`)
    if (this.#files.has(sha256)) return
    await this.#makeRoom(expectedBytes)
    const temporary = join(this.#folder, `${sha256}.part`)
    this.#reservedBytes += expectedBytes
    try {
      await this.#write(temporary, sha256, expectedBytes, content)
      await rename(temporary, this.path(sha256))
      await syncFolder(this.#folder)
      this.#note(sha256, { bytes: expectedBytes, usedAtMs: this.#options.nowMs() })
      await this.touch(sha256)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      if (isDiskFull(error)) throw new CacheError('SPEAKER_ERR_DISK_FULL', 'the disk is full', { cause: error })
      throw error
    } finally {
      this.#reservedBytes -= expectedBytes
    }
  }

  /** Hashes the whole file again. What is not what its name says is removed, to be fetched anew. @returns whether it is good */
  async verify(sha256: string): Promise<boolean> {
    const file = this.#files.get(sha256)
    if (file === undefined) return false
    const hash = createHash('sha256')
    try {
      for await (const chunk of createReadStream(this.path(sha256)) as AsyncIterable<Buffer>) hash.update(chunk)
    } catch {
      // A card that cannot be read is as good as a wrong one.
    }
    if (hash.digest('hex') === sha256) return true
    this.corruptTotal += 1
    await this.remove(sha256)
    return false
  }

  /** Idempotent. */
  async remove(sha256: string): Promise<void> {
    const file = this.#files.get(sha256)
    if (file === undefined) return
    this.#files.delete(sha256)
    this.#bytes -= file.bytes
    await rm(this.path(sha256), { force: true }).catch(() => undefined)
  }

  #note(sha256: string, file: CachedFile): void {
    this.#files.set(sha256, file)
    this.#bytes += file.bytes
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { quotaBytes, minFreeBytes = DEFAULT_MIN_FREE_BYTES } = this.#options
    const pinnedBytes = this.#sum((name) => this.#pinned.has(name))
    if (pinnedBytes + this.#reservedBytes + bytes > quotaBytes) throw new CacheError('SPEAKER_ERR_QUOTA', `${String(bytes)} bytes more than the quota of ${String(quotaBytes)} bytes holds beside the coming schedule`)
    while (this.#bytes + this.#reservedBytes + bytes > quotaBytes && (await this.#evictOldest()));
    for (;;) {
      const { bavail, bsize } = await statfs(this.#folder)
      if (bavail * bsize - this.#reservedBytes - bytes >= minFreeBytes) return
      if (!(await this.#evictOldest())) throw new CacheError('SPEAKER_ERR_DISK_FULL', `less than ${String(minFreeBytes)} bytes of the disk would be left`)
    }
  }

  async #evictOldest(): Promise<boolean> {
    let oldest: string | null = null
    let oldestMs = Infinity
    for (const [name, { usedAtMs }] of this.#files) {
      if (usedAtMs >= oldestMs || this.#pinned.has(name)) continue
      oldest = name
      oldestMs = usedAtMs
    }
    if (oldest === null) return false
    this.evictedTotal += 1
    await this.remove(oldest)
    return true
  }

  #sum(counts: (sha256: string) => boolean): number {
    let bytes = 0
    for (const [name, file] of this.#files) if (counts(name)) bytes += file.bytes
    return bytes
  }

  async #write(temporary: string, sha256: string, expectedBytes: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    const hash = createHash('sha256')
    let written = 0
    const file = await open(temporary, 'w', 0o600)
    try {
      for await (const chunk of content) {
        written += chunk.length
        if (written > expectedBytes) break
        hash.update(chunk)
        await file.writeFile(chunk)
      }
      if (written !== expectedBytes || hash.digest('hex') !== sha256) {
        this.corruptTotal += 1
        throw new CacheError('SPEAKER_ERR_CORRUPT', `what came is not ${sha256}`)
      }
      await file.sync()
    } finally {
      await file.close()
    }
  }
}
