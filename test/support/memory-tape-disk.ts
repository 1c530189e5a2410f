import { createHash } from 'node:crypto'
import type { TapeDisk, TapeFile } from '../../server/recording/tape-disk.ts'

/** A disk in memory that fills up, breaks or hangs as a test says. */
export class MemoryTapeDisk implements TapeDisk {
  /** By path; those in `parts` have their part name. */
  readonly files = new Map<string, Buffer>()
  readonly parts = new Set<string>()
  free = 1e12
  /** Every write fails with it. */
  fault: string | null = null
  /** Bytes that still fit; the write that needs more fails half done, as on a real disk. */
  capacity = Infinity
  /** Writes wait for it. */
  hang: Promise<void> = Promise.resolve()
  syncs = 0

  #guard(): void {
    if (this.fault !== null) throw Object.assign(new Error(`${this.fault}: no`), { code: this.fault })
  }

  async create(file: string): Promise<TapeFile> {
    await this.hang
    this.#guard()
    if (this.files.has(file)) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' })
    this.files.set(file, Buffer.alloc(0))
    this.parts.add(file)
    return {
      append: async (bytes) => {
        await this.hang
        this.#guard()
        const fits = bytes.subarray(0, this.capacity)
        this.capacity -= fits.length
        this.files.set(file, Buffer.concat([this.files.get(file)!, fits]))
        if (fits.length < bytes.length) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      },
      sync: async () => {
        await this.hang
        this.syncs += 1
      },
      close: () => Promise.resolve(),
    }
  }

  truncate(file: string, bytes: number): Promise<void> {
    this.files.set(file, this.files.get(file)!.subarray(0, bytes))
    return Promise.resolve()
  }

  finish(file: string): Promise<void> {
    this.parts.delete(file)
    return Promise.resolve()
  }

  remove(file: string): Promise<void> {
    this.files.delete(file)
    this.parts.delete(file)
    return Promise.resolve()
  }

  unfinished(): Promise<readonly string[]> {
    return Promise.resolve([...this.parts].sort())
  }

  finished(): Promise<readonly string[]> {
    return Promise.resolve([...this.files.keys()].filter((file) => !this.parts.has(file)))
  }

  read(file: string, take: (chunk: Buffer) => void): Promise<void> {
    const bytes = this.files.get(file)!
    for (let at = 0; at < bytes.length; at += 1000) take(bytes.subarray(at, at + 1000))
    return Promise.resolve()
  }

  sha256(file: string): Promise<string> {
    return Promise.resolve(createHash('sha256').update(this.files.get(file)!).digest('hex'))
  }

  freeBytes(): Promise<number> {
    return Promise.resolve(this.free)
  }
}
