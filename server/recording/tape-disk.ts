import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, statfs, truncate, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** While a file may still change, and until the index has it. */
export const PART = '.part'

/** A file that grows at its end. */
export interface TapeFile {
  append(bytes: Buffer): Promise<void>
  /** Resolves when all that was appended is on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Port: where recordings are written. Paths lie within its folder; errors are those of the file system. */
export interface TapeDisk {
  /** A new file, which has its part name until `finish`. */
  create(file: string): Promise<TapeFile>
  /** Cuts what a failed or interrupted write has left behind the good bytes. */
  truncate(file: string, bytes: number): Promise<void>
  /** Gives the file its final name. One that has it already stays. */
  finish(file: string): Promise<void>
  /** Idempotent. */
  remove(file: string): Promise<void>
  /** Files that have their part name. */
  unfinished(): Promise<readonly string[]>
  /** Recordings that have their final name. */
  finished(): Promise<readonly string[]>
  /** Under either name. */
  read(file: string, take: (chunk: Buffer) => void): Promise<void>
  /** Hexadecimal. */
  sha256(file: string): Promise<string>
  freeBytes(): Promise<number>
}

export function openTapeDisk(folder: string): TapeDisk {
  const part = (file: string): string => join(folder, file + PART)
  const read = async (file: string, take: (chunk: Buffer) => void): Promise<void> => {
    const path = await stat(part(file)).then(() => part(file), () => join(folder, file))
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) take(chunk as Buffer)
  }
  const names = (): Promise<string[]> => readdir(folder, { recursive: true }).catch((error: unknown): string[] => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  })
  return {
    read,
    async create(file) {
      await mkdir(dirname(part(file)), { recursive: true, mode: 0o700 })
      return new GrowingFile(await open(part(file), 'ax', 0o600))
    },
    truncate: (file, bytes) => truncate(part(file), bytes),
    async finish(file) {
      await rename(part(file), join(folder, file)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      })
    },
    remove: (file) => rm(part(file), { force: true }),
    unfinished: async () => (await names()).filter((name) => name.endsWith(PART)).map((name) => name.slice(0, -PART.length)).sort(),
    finished: async () => (await names()).filter((name) => name.endsWith('.opus')),
    async sha256(file) {
      const hash = createHash('sha256')
      await read(file, (chunk) => { hash.update(chunk) })
      return hash.digest('hex')
    },
    async freeBytes() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    },
  }
}

class GrowingFile implements TapeFile {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    this.#file = file
  }

  async append(bytes: Buffer): Promise<void> {
    let at = 0
    while (at < bytes.length) at += (await this.#file.write(bytes, at)).bytesWritten
  }

  sync(): Promise<void> {
    return this.#file.datasync()
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
