import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { isDiskFull, writeFileAtomic } from '../disk.ts'
import type { LocalClock, PlayedStretch, PlayLog as PlayLogPort, TimerHandle } from '../ports.ts'
import { decodeRecords, encodeRecord, type LogRecord, type PlayLogEntry, type RunEnd, type RunStart } from './log-records.ts'
import { LogState, progressOf } from './log-state.ts'

const SAMPLES_PER_MS = 48

/** A hole shorter than this belongs to the run it stands in and is counted there; a longer one ends it. */
const MAX_HOLE_SAMPLES = 1000 * SAMPLES_PER_MS
/** Play-out that steps back by less than this plays what is claimed already; by more, the clock was wrong before. */
const MAX_OVERLAP_SAMPLES = 10_000 * SAMPLES_PER_MS
/** Kept for a server that is away; 48 h alone are some hundreds. */
const MAX_ENTRIES = 20_000
/** When the file is longer than this and mostly of things taken, it is written anew. */
const COMPACT_BYTES = 64 * 1024
const RETRY_MS = 5000
/** A run of which nothing more has left for this long is over; pieces come at least once a second. */
const IDLE_MS = 3000

const FILE_NAME = /^play-([0-9a-f]{16})\.log$/

export interface PlayLogOptions {
  readonly clock: LocalClock
  /** Whether what is heard has been verified: as the gate says. */
  readonly verifies: boolean
  /** Whether a sensor at the loudspeaker has heard what sounded from this house time (µs) on; undefined: there is none. */
  readonly isHeard?: (sinceHouseUs: number) => boolean | undefined
  /** While a run goes on it is brought to the disk this often: at most so much sound is not known after a power cut. Default 1000 ms. */
  readonly extendMs?: number
  readonly maxEntries?: number
}

export interface PlayLogStatus {
  /** Entries that the server has not taken. */
  readonly waiting: number
  /** Entries given up for want of room. */
  readonly dropped: number
  /** Lines whose checksum was wrong when the log was opened. */
  readonly damagedLines: number
  readonly fault: 'disk-full' | 'disk-error' | null
}

/**
 * What has sounded, on the disk. An entry is one uninterrupted run of one order; it is begun when its first samples have left the device
 * and extended while it goes on. What a record on the disk claims has sounded, always: after a kill or a power cut the sound of the
 * last moments (at most `extendMs` and the time of one write) is not claimed, and the entry says so by its end, `crash`.
 *
 * Nothing here waits for the disk but `flush`, `open` and `close`: a slow card never holds sound up, and while the disk is full or broken,
 * records wait in memory and are tried again.
 */
export class PlayLog implements PlayLogPort {
  readonly #folder: string
  readonly #options: PlayLogOptions
  readonly #extendSamples: number
  readonly #state: LogState
  readonly #damagedLines: number
  #file: FileHandle
  #size: number
  #queue: LogRecord[] = []
  #writing: Promise<void> | null = null
  #durableNumber: number
  #safeUntilSamples: number
  /** End of the run on air as the newest `until` says it. */
  #recordedUntil = -Infinity
  #retry: TimerHandle | null = null
  #idle: TimerHandle | null = null
  #playedAtMs = -Infinity
  #fault: PlayLogStatus['fault'] = null
  #wantsCompaction = false
  #closed = false
  /** Called when entries have become ready to be sent. */
  onReady: () => void = () => undefined

  /** Opens the log in `folder`, makes it when there is none, mends a torn end. @throws when the folder cannot be used */
  static async open(folder: string, options: PlayLogOptions): Promise<PlayLog> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const found = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort().at(-1)
    if (found !== undefined) {
      const bytes = await readFile(join(folder, found))
      const { records, wholeBytes, damagedLines } = decodeRecords(bytes)
      // Without its first line and without an entry nobody knows which numbers are used: then it is another log.
      if (records.length > 0) {
        const state = new LogState()
        for (const record of records) state.apply(record)
        state.logId = FILE_NAME.exec(found)![1]!
        const file = await open(join(folder, found), 'r+')
        if (bytes.length > wholeBytes) {
          await file.truncate(wholeBytes)
          await file.datasync()
        }
        const log = new PlayLog(folder, options, state, file, wholeBytes, damagedLines)
        log.#endRun('crash')
        await log.flush()
        return log
      }
      await rm(join(folder, found))
    }
    const state = new LogState()
    state.logId = randomBytes(8).toString('hex')
    const path = join(folder, `play-${state.logId}.log`)
    const first = encodeAll(state.records())
    await writeFileAtomic(path, first)
    return new PlayLog(folder, options, state, await open(path, 'r+'), first.length, 0)
  }

  private constructor(folder: string, options: PlayLogOptions, state: LogState, file: FileHandle, size: number, damagedLines: number) {
    this.#folder = folder
    this.#options = options
    this.#extendSamples = (options.extendMs ?? 1000) * SAMPLES_PER_MS
    this.#state = state
    this.#file = file
    this.#size = size
    this.#damagedLines = damagedLines
    this.#durableNumber = state.closed.at(-1)?.number ?? state.acked
    this.#safeUntilSamples = state.lastSamples
  }

  /** Random, made with the log: numbers are unique together with it. */
  get logId(): string {
    return this.#state.logId
  }

  /** What has sounded up to this house sample outlives a power cut. */
  get safeUntilSamples(): number {
    return this.#safeUntilSamples
  }

  /** These samples have left the device: to be called after, never before. */
  played(stretch: PlayedStretch): void {
    if (this.#closed) return
    const { fromSamples, untilSamples, heardAtHouseUs, audible } = stretch
    const last = this.#state.lastSamples
    const from = fromSamples < last && last - fromSamples <= MAX_OVERLAP_SAMPLES ? last : fromSamples
    if (untilSamples <= from) return
    this.#watchIdle()
    const run: RunStart = { orderId: stretch.orderId, playing: stretch.playing, audible, verified: this.#options.verifies }
    const hasHeard = (sinceHouseUs: number): boolean | null => (audible ? this.#options.isHeard?.(sinceHouseUs) : undefined) ?? null
    const before = this.#state.open
    const hole = before === null ? 0 : from - before.untilSamples
    if (before !== null && isSameRun(before, run) && hole >= 0 && hole <= MAX_HOLE_SAMPLES) {
      const heard = hasHeard(before.heardAtHouseUs)
      const newlyHeard = heard === true && before.heard !== true
      // In memory it moves with every piece; on the disk once in a while.
      this.#state.apply({ r: 'until', n: before.number, untilSamples, missingSamples: before.missingSamples + hole, heard: before.heard === true ? true : (heard ?? before.heard) })
      if (newlyHeard || untilSamples - this.#recordedUntil >= this.#extendSamples) this.#recordProgress()
      return
    }
    this.#endRun('over')
    // After a clock that stood too far ahead.
    if (from < this.#state.lastSamples) this.#state.lastSamples = from
    this.#record({ r: 'open', n: this.#state.next, fromSamples: from, heardAtHouseUs: Math.round(heardAtHouseUs + (from - fromSamples) / 0.048), ...run, untilSamples, missingSamples: 0, heard: hasHeard(heardAtHouseUs) })
    this.#recordedUntil = untilSamples
    this.#flushSoon()
  }

  /** Nothing sounds any more. Idempotent. */
  silence(end: RunEnd = 'over'): void {
    if (this.#state.open === null) return
    this.#idle?.cancel()
    this.#idle = null
    this.#endRun(end)
    this.#flushSoon()
  }

  /** The oldest entries that are over, on the disk, and not yet taken. */
  pending(limit: number): readonly PlayLogEntry[] {
    const entries: PlayLogEntry[] = []
    for (const entry of this.#state.closed) {
      if (entries.length === limit || entry.number > this.#durableNumber) break
      entries.push(entry)
    }
    return entries
  }

  /** The server has all entries up to `number` in its keeping. */
  acked(number: number): void {
    if (number <= this.#state.acked || number > this.#durableNumber) return
    this.#record({ r: 'acked', n: number })
    if (this.#size > COMPACT_BYTES) this.#wantsCompaction = true
    this.#flushSoon()
  }

  status(): PlayLogStatus {
    return { waiting: this.#state.closed.length, dropped: this.#state.dropped, damagedLines: this.#damagedLines, fault: this.#fault }
  }

  /** Brings to the disk what waits for it. Does not throw: `status().fault` tells. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
    return this.#writing
  }

  /** Ends the run and closes the file. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.silence('interrupted')
    this.#closed = true
    await this.#writing
    await this.flush()
    this.#retry?.cancel()
    await this.#file.close()
  }

  #record(record: LogRecord): void {
    this.#state.apply(record)
    const last = this.#queue.at(-1)
    // Of a run that goes on only the newest word counts, so a disk that is away fills no memory.
    if (last?.r === 'until' && (record.r === 'until' || record.r === 'close') && last.n === record.n) this.#queue.pop()
    this.#queue.push(record)
  }

  #recordProgress(): void {
    const { open } = this.#state
    if (open === null) return
    this.#recordedUntil = open.untilSamples
    this.#record({ r: 'until', n: open.number, ...progressOf(open) })
    this.#flushSoon()
  }

  #endRun(end: RunEnd): void {
    const { open, closed } = this.#state
    if (open === null) return
    this.#record({ r: 'close', n: open.number, end, ...progressOf(open) })
    if (closed.length <= (this.#options.maxEntries ?? MAX_ENTRIES)) return
    closed.shift()
    this.#state.dropped += 1
    this.#wantsCompaction = true
  }

  /** One timer for the whole run, not one for each piece. */
  #watchIdle(): void {
    const { clock } = this.#options
    this.#playedAtMs = clock.monotonicMs()
    this.#idle ??= clock.setTimer(IDLE_MS, () => {
      this.#look()
    })
  }

  #look(): void {
    this.#idle = null
    if (this.#state.open === null) return
    const { clock } = this.#options
    const leftMs = this.#playedAtMs + IDLE_MS - clock.monotonicMs()
    if (leftMs <= 0) {
      this.silence()
      return
    }
    this.#idle = clock.setTimer(leftMs, () => {
      this.#look()
    })
  }

  #flushSoon(): void {
    if (this.#retry === null) void this.flush()
  }

  async #write(): Promise<void> {
    // The records of one turn of the event loop go together.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      try {
        if (this.#wantsCompaction) await this.#compact()
        else await this.#append(encodeAll(batch))
      } catch (error) {
        this.#queue = [...batch, ...this.#queue]
        this.#fault = isDiskFull(error) ? 'disk-full' : 'disk-error'
        this.#tryAgainLater()
        return
      }
      this.#fault = null
      const before = this.#durableNumber
      for (const record of batch) {
        if (record.r === 'close') this.#durableNumber = Math.max(this.#durableNumber, record.n)
        if (record.r !== 'base' && record.r !== 'acked') this.#safeUntilSamples = record.untilSamples
      }
      if (this.#durableNumber > before) this.onReady()
    }
  }

  #tryAgainLater(): void {
    this.#retry?.cancel()
    this.#retry = this.#options.clock.setTimer(RETRY_MS, () => {
      this.#retry = null
      void this.flush()
    })
  }

  async #append(bytes: Buffer): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#size + done)
        done += bytesWritten
      }
      await this.#file.datasync()
    } catch (error) {
      await this.#file.truncate(this.#size).catch(() => undefined) // the torn end is mended at the next start
      throw error
    }
    this.#size += bytes.length
  }

  /** All that was queued is in the state already. */
  async #compact(): Promise<void> {
    const path = join(this.#folder, `play-${this.logId}.log`)
    const bytes = encodeAll(this.#state.records())
    // What is queued from here on comes after these.
    await writeFileAtomic(path, bytes)
    const old = this.#file
    this.#file = await open(path, 'r+')
    this.#size = bytes.length
    this.#wantsCompaction = false
    await old.close()
  }
}

const encodeAll = (records: readonly LogRecord[]): Buffer => Buffer.from(records.map(encodeRecord).join(''))

function isSameRun(a: RunStart, b: RunStart): boolean {
  return a.orderId === b.orderId && a.playing === b.playing && a.audible === b.audible && a.verified === b.verified
}
