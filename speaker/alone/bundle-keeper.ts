import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDiskFull, writeFileAtomic } from '../disk.ts'
import type { LocalClock, SignedMessage, TimerHandle } from '../ports.ts'
import { parseBundle, type Bundle, type BundleFile } from './bundle.ts'
import { CacheError, FileCache, type CacheErrorCode } from './file-cache.ts'
import { Timetable } from './timetable.ts'

const BUNDLE_FILE = 'bundle.json'
const FILES_FOLDER = 'files'
const RETRY_MIN_MS = 5000
const RETRY_MAX_MS = 300_000
const DEFAULT_QUOTA_BYTES = 512 * 1024 * 1024

export interface BundleKeeperOptions {
  /** Folder of its own on the device's disk. */
  readonly folder: string
  readonly clock: LocalClock
  /** Wall time for the order of last use in the cache, ms. */
  readonly wallMs: () => number
  readonly quotaBytes?: number
  readonly minFreeBytes?: number
  /** Opens a file of the server's stream port. */
  readonly fetchFile: (path: string) => Promise<AsyncIterable<Uint8Array>>
  /** Checks the signature, the target and the end of a bundle that was taken before, but not its number. @returns its body, or null */
  readonly verifyStored: (envelope: SignedMessage, houseUs: number) => unknown
}

export interface BundleStatus {
  readonly bundleId: string | null
  readonly validUntil: string | null
  readonly filesMissing: number
  readonly cacheBytes: number
  readonly corruptTotal: number
  /** What keeps files or the bundle from the disk now; null: nothing. */
  readonly fault: CacheErrorCode | 'SPEAKER_ERR_FETCH' | null
}

/**
 * The signed bundle and its files on the device's disk: kept through power cuts, checked when they come and when they are read, fetched
 * again when they are wrong. A full or broken disk is a fault to be told; nobody waits for it.
 */
export class BundleKeeper {
  readonly cache: FileCache
  readonly #options: BundleKeeperOptions
  #bundle: Bundle | null = null
  #timetable: Timetable | null = null
  /** From the disk, not yet verified: that needs the time. */
  #stored: SignedMessage | null = null
  #storeFault: BundleStatus['fault'] = null
  #fetchFault: BundleStatus['fault'] = null
  #isConnected = false
  #isFetching = false
  #retry: TimerHandle | null = null
  #retryMs = RETRY_MIN_MS
  #closed = false
  /** Called when another bundle has taken the place of the last, and when a file has arrived. */
  onChange: () => void = () => undefined

  /** Takes up what is on the disk. */
  static async open(options: BundleKeeperOptions): Promise<BundleKeeper> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 })
    const cache = await FileCache.open(join(options.folder, FILES_FOLDER), {
      quotaBytes: options.quotaBytes ?? DEFAULT_QUOTA_BYTES,
      nowMs: options.wallMs,
      ...(options.minFreeBytes === undefined ? {} : { minFreeBytes: options.minFreeBytes }),
    })
    const keeper = new BundleKeeper(options, cache)
    await keeper.#load()
    return keeper
  }

  private constructor(options: BundleKeeperOptions, cache: FileCache) {
    this.#options = options
    this.cache = cache
  }

  get timetable(): Timetable | null {
    return this.#timetable
  }

  /**
   * A bundle has come and its envelope is good. It counts at once; on the disk it is soon after.
   * @returns false when the body is no bundle
   */
  async take(envelope: SignedMessage, body: unknown): Promise<boolean> {
    const bundle = parseBundle(body)
    if (bundle === null) return false
    this.#stored = null
    this.#use(bundle)
    try {
      await writeFileAtomic(join(this.#options.folder, BUNDLE_FILE), JSON.stringify(envelope))
      this.#storeFault = null
    } catch (error) {
      this.#storeFault = isDiskFull(error) ? 'SPEAKER_ERR_DISK_FULL' : 'SPEAKER_ERR_DISK'
    }
    this.#fetchSoon()
    return true
  }

  /** The house time is known, if only by the device's own wall clock: what is on the disk can be judged. */
  timeKnown(houseUs: number): void {
    const stored = this.#stored
    if (stored === null) return
    this.#stored = null
    const bundle = parseBundle(this.#options.verifyStored(stored, houseUs))
    if (bundle === null) return
    this.#use(bundle)
    if (this.#isConnected) this.#fetchSoon()
  }

  connected(isConnected: boolean): void {
    this.#isConnected = isConnected
    this.#retryMs = RETRY_MIN_MS
    if (isConnected) this.#fetchSoon()
  }

  /** A file has been found wrong and was removed; it is fetched again. */
  async reportCorrupt(sha256: string): Promise<void> {
    this.cache.corruptTotal += 1
    await this.cache.remove(sha256)
    this.#fetchSoon()
  }

  /** By order of the server: everything that is kept is read again, and what is wrong or missing is fetched. @returns how many files were wrong */
  async refresh(): Promise<number> {
    let wrong = 0
    for (const { sha256 } of this.#bundle?.files ?? []) if (this.cache.has(sha256) && !(await this.cache.verify(sha256))) wrong += 1
    this.#fetchSoon()
    return wrong
  }

  status(): BundleStatus {
    return {
      bundleId: this.#bundle?.bundleId ?? null,
      validUntil: this.#bundle?.validUntil ?? null,
      filesMissing: this.#missing().length,
      cacheBytes: this.cache.bytes,
      corruptTotal: this.cache.corruptTotal,
      fault: this.#storeFault ?? this.#fetchFault,
    }
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#retry?.cancel()
    this.#retry = null
  }

  #use(bundle: Bundle): void {
    this.#bundle = bundle
    this.#timetable = new Timetable(bundle)
    this.cache.pin(bundle.files.map(({ sha256 }) => sha256))
    this.onChange()
  }

  async #load(): Promise<void> {
    try {
      const envelope = JSON.parse(await readFile(join(this.#options.folder, BUNDLE_FILE), 'utf8')) as SignedMessage
      if (typeof envelope.body === 'string' && typeof envelope.keyId === 'string' && typeof envelope.signature === 'string') this.#stored = envelope
    } catch {
      // No bundle yet, or one that cannot be read: the server sends another.
    }
  }

  /** Files that are not here, what is needed first coming first. */
  #missing(): BundleFile[] {
    if (this.#bundle === null || this.#timetable === null) return []
    const files = new Map(this.#bundle.files.map((file) => [file.sha256, file]))
    return this.#timetable.neededBetween(-Infinity, Infinity).filter((sha256) => !this.cache.has(sha256)).map((sha256) => files.get(sha256)!)
  }

  #fetchSoon(): void {
    if (this.#isFetching || this.#closed) return
    this.#retry?.cancel()
    this.#retry = null
    this.#isFetching = true
    void this.#fetchAll().then((isDone) => {
      this.#isFetching = false
      if (isDone || this.#closed || !this.#isConnected) return
      this.#retry = this.#options.clock.setTimer(this.#retryMs, () => {
        this.#fetchSoon()
      })
      this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2)
    })
  }

  /** One file after another. @returns whether nothing is missing any more */
  async #fetchAll(): Promise<boolean> {
    const failed = new Set<string>()
    let fault: BundleStatus['fault'] = null
    for (;;) {
      const file = this.#missing().find(({ sha256 }) => !failed.has(sha256))
      if (file === undefined || !this.#isConnected || this.#closed) break
      try {
        await this.cache.add(file.sha256, file.bytes, await this.#options.fetchFile(file.path))
        this.#retryMs = RETRY_MIN_MS
        this.onChange()
      } catch (error) {
        failed.add(file.sha256)
        fault = error instanceof CacheError ? error.code : 'SPEAKER_ERR_FETCH'
      }
    }
    this.#fetchFault = fault
    return this.#missing().length === 0
  }
}
