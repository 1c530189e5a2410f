import { basename } from 'node:path'
import type { TapeReport } from '../link/recorder-messages.ts'
import { readTape } from './repair.ts'
import type { TapeDisk } from './tape-disk.ts'

/** Asked about at once. */
const BATCH_FILES = 500
/** The newest; of older ones nobody asks. A backup is put back days after it was made, not years. */
const MOST_FILES = 100_000

export const recordingIdOf = (file: string): string => basename(file, '.opus')

/**
 * Files that are whole and have their final names. After a backup was put back the index knows nothing of those that were recorded later: it is asked about all of them once, some at a time, and what it does not know is
 * read again, one file a turn, so that recording goes on beside it.
 */
export class Shelf {
  readonly #disk: TapeDisk
  /** Oldest first. */
  #unasked: string[] = []
  #asked: readonly string[] = []
  #unknown: string[] = []

  constructor(disk: TapeDisk) {
    this.#disk = disk
  }

  async takeUp(): Promise<void> {
    this.#unasked = [...await this.#disk.finished()].sort().slice(-MOST_FILES)
  }

  /** What the index is to be asked about; the same until it has been answered. Empty: nothing. */
  question(): readonly string[] {
    if (this.#asked.length === 0) this.#asked = this.#unasked.splice(-BATCH_FILES)
    return this.#asked
  }

  /** @param unknown those of the question that the index does not have */
  answered(unknown: readonly string[]): void {
    const asked = new Set(this.#asked)
    this.#asked = []
    this.#unknown.push(...unknown.filter((file) => asked.has(file)))
  }

  /** @returns what is in the next file that the index does not know; undefined: there is none, or the file is none of ours */
  async readNext(): Promise<TapeReport | undefined> {
    const file = this.#unknown.shift()
    if (file === undefined) return undefined
    const found = await readTape(this.#disk, file)
    // What somebody has put there under another name is left alone.
    return found === undefined || found.id !== recordingIdOf(file) ? undefined : { ...found, sha256: await this.#disk.sha256(file) }
  }
}
