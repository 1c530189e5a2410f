import type { RecorderFaultKind, TapeReport } from '../link/recorder-messages.ts'
import { repairTape } from './repair.ts'
import type { Tape } from './tape.ts'
import type { TapeDisk, TapeFile } from './tape-disk.ts'

/** So often at most a file is brought to the disk for sure; a loss of power takes no more of it. */
const SYNC_MS = 10_000
/** After the disk has refused something, nothing is tried for so long. */
const REST_MS = 5_000

export interface WriterFault {
  readonly kind: RecorderFaultKind
  readonly message: string
}

interface Reel {
  readonly tape: Tape
  file: TapeFile | undefined
  syncedAtMs: number
}

/**
 * Brings what the tapes hold to the disk: one write for each file and round, one after another, never two rounds at once. A disk that hangs holds up
 * this alone; the tapes drop frames then.
 */
export class TapeWriter {
  readonly #disk: TapeDisk
  readonly #monotonicMs: () => number
  readonly #minFreeBytes: number
  readonly #onClosed: (report: TapeReport) => void
  readonly #reels = new Set<Reel>()
  /** Files of which nobody has told yet what is in them. */
  readonly #broken = new Set<string>()
  #round: Promise<void> | undefined
  #restUntilMs = -Infinity
  #writeFault: WriterFault | null = null
  #freeBytes: number | null = null
  bytesTotal = 0

  constructor({ disk, monotonicMs, minFreeBytes, onClosed }: { readonly disk: TapeDisk; readonly monotonicMs: () => number; readonly minFreeBytes: number; readonly onClosed: (report: TapeReport) => void }) {
    this.#disk = disk
    this.#monotonicMs = monotonicMs
    this.#minFreeBytes = minFreeBytes
    this.#onClosed = onClosed
  }

  get freeBytes(): number | null {
    return this.#freeBytes
  }

  /** What keeps it from writing now. It is over when something has been written again. */
  get fault(): WriterFault | null {
    if (this.#writeFault !== null) return this.#writeFault
    return this.#freeBytes !== null && !this.hasRoom ? { kind: 'full', message: `${String(Math.floor(this.#freeBytes / 2 ** 20))} MiB are free on the disk of recordings` } : null
  }

  /** Whether it is worth while to begin a file. */
  get mayWrite(): boolean {
    return this.hasRoom && this.#monotonicMs() >= this.#restUntilMs
  }

  /** Whether as much of the disk is free as is to be left. */
  get hasRoom(): boolean {
    return this.#freeBytes === null || this.#freeBytes >= this.#minFreeBytes
  }

  /** Whether of every file that was left behind it is known what is in it. */
  get isRepaired(): boolean {
    return this.#broken.size === 0
  }

  get tapes(): readonly Tape[] {
    return [...this.#reels].map(({ tape }) => tape)
  }

  add(tape: Tape): void {
    this.#reels.add({ tape, file: undefined, syncedAtMs: this.#monotonicMs() })
  }

  /** Writes what waits. Resolves when that is done; while a round runs, with that one. */
  flush(): Promise<void> {
    return (this.#round ??= this.#writeAll().finally(() => { this.#round = undefined }))
  }

  /** Takes up what a recorder that was killed has left. Call it before anything is written. */
  async takeUp(): Promise<void> {
    try {
      for (const file of await this.#disk.unfinished()) this.#broken.add(file)
    } catch (error) {
      this.#note(error)
    }
  }

  async #writeAll(): Promise<void> {
    await this.#measure()
    await this.#repair()
    for (const reel of this.#reels) {
      try {
        await this.#write(reel)
      } catch (error) {
        await this.#fail(reel, error)
      }
    }
  }

  async #measure(): Promise<void> {
    try {
      this.#freeBytes = await this.#disk.freeBytes()
      if (this.#reels.size === 0 && this.#monotonicMs() >= this.#restUntilMs) this.#writeFault = null
    } catch (error) {
      this.#note(error)
    }
  }

  /** What cannot be read now is tried again in the next round. */
  async #repair(): Promise<void> {
    for (const file of this.#broken) {
      try {
        const report = await repairTape(this.#disk, file)
        this.#broken.delete(file)
        if (report !== undefined) this.#onClosed(report)
      } catch (error) {
        this.#note(error)
      }
    }
  }

  async #write(reel: Reel): Promise<void> {
    const { tape } = reel
    const isEnded = tape.ended
    if (tape.hasWaiting) {
      reel.file ??= await this.#disk.create(tape.file)
      const bytes = tape.waiting()
      await reel.file.append(bytes)
      tape.written(bytes)
      this.bytesTotal += bytes.length
      this.#writeFault = null
    }
    if (isEnded) {
      await reel.file!.sync()
      await reel.file!.close()
      this.#reels.delete(reel)
      tape.closed()
      this.#onClosed(tape.report())
    } else if (this.#monotonicMs() - reel.syncedAtMs >= SYNC_MS) {
      reel.syncedAtMs = this.#monotonicMs()
      await reel.file?.sync()
    }
  }

  /** The file ends with what is good of it; the next frames begin another one, when there is room again. */
  async #fail(reel: Reel, error: unknown): Promise<void> {
    this.#note(error)
    this.#reels.delete(reel)
    reel.tape.end()
    const { file, writtenBytes } = reel.tape
    await reel.file?.close().catch(() => undefined)
    await (writtenBytes === 0 ? this.#disk.remove(file) : this.#disk.truncate(file, writtenBytes)).catch(() => undefined)
    if (writtenBytes > 0) this.#broken.add(file)
  }

  #note(error: unknown): void {
    const { code = '' } = error as NodeJS.ErrnoException
    this.#writeFault = { kind: code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : 'write', message: error instanceof Error ? error.message : String(error) }
    this.#restUntilMs = this.#monotonicMs() + REST_MS
  }
}
