import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ClipError } from './clip-error.ts'
import { runFfmpeg } from './run-ffmpeg.ts'

/** Speech and music of one channel that nobody tells from the mezzanine by ear, in a sixteenth of its bytes. */
const BITRATE_KBPS = 48
const MEZZANINE_KBPS = 768
const ENDING = '.opus'

/** Where the copy of a mezzanine stands: beside it. */
export const listeningPath = (path: string): string => `${path}${ENDING}`

/** Whether a file in the folder of clips is such a copy, which can be made again. */
export const isListeningCopy = (name: string): boolean => name.endsWith(ENDING)

interface Job {
  readonly path: string
  readonly copy: Promise<string>
  readonly stop: AbortController
  isWaitedFor: boolean
  /** Never fails: `copy` tells. */
  run(): Promise<void>
}

interface CopySettings {
  readonly ffmpegPath: string
  /** So much stays free on the disk. */
  readonly minFreeDiskBytes: number
}

/**
 * Copies of mezzanines in Ogg Opus, for people who listen over lines that do not carry 768 kbit/s. Each is made once, by ffmpeg in a child of its own
 * that takes only what processors have left, one at a time; what somebody waits for goes first.
 */
export class ListeningCopies {
  readonly #settings: CopySettings
  readonly #jobs = new Map<string, Job>()
  #waiting: Job[] = []
  #isRunning = false
  #isClosed = false

  constructor(settings: CopySettings) {
    this.#settings = settings
  }

  /**
   * @param isWaitedFor it is made before those that nobody waits for
   * @returns where the copy is
   * @throws ClipError `CLIP_ERR_DISK_FULL`, `CLIP_ERR_UNREADABLE`, `CLIP_ERR_ABORTED`; nothing is left behind
   */
  of(path: string, isWaitedFor: boolean): Promise<string> {
    const job = this.#jobs.get(path) ?? this.#begin(path)
    job.isWaitedFor ||= isWaitedFor
    return job.copy
  }

  /** Idempotent. */
  async remove(path: string): Promise<void> {
    const job = this.#jobs.get(path)
    job?.stop.abort()
    await job?.copy.catch(() => undefined)
    await rm(listeningPath(path), { force: true })
  }

  /** Ends what is being made. */
  async close(): Promise<void> {
    this.#isClosed = true
    const jobs = [...this.#jobs.values()]
    for (const { stop } of jobs) stop.abort()
    await Promise.allSettled(jobs.map(({ copy }) => copy))
  }

  #begin(path: string): Job {
    const stop = new AbortController()
    if (this.#isClosed) stop.abort()
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    promise.catch(() => undefined) // told to who waits, if anybody does
    const job: Job = { path, copy: promise, stop, isWaitedFor: false, run: () => this.#make(path, stop.signal).then(resolve, reject) }
    this.#jobs.set(path, job)
    stat(listeningPath(path)).then(() => {
      this.#jobs.delete(path)
      resolve(listeningPath(path))
    }, () => {
      this.#waiting.push(job)
      this.#next()
    })
    return job
  }

  #next(): void {
    const job = this.#waiting.find(({ isWaitedFor }) => isWaitedFor) ?? this.#waiting[0]
    if (this.#isRunning || job === undefined) return
    this.#isRunning = true
    this.#waiting = this.#waiting.filter((one) => one !== job)
    void job.run().then(() => {
      this.#isRunning = false
      this.#jobs.delete(job.path)
      this.#next()
    })
  }

  async #make(path: string, signal: AbortSignal): Promise<string> {
    const { ffmpegPath, minFreeDiskBytes } = this.#settings
    const folder = dirname(path)
    const part = join(folder, `.${randomUUID()}.part`)
    try {
      signal.throwIfAborted()
      const { size } = await stat(path)
      const { bavail, bsize } = await statfs(folder)
      if (bavail * bsize < minFreeDiskBytes + (size * BITRATE_KBPS) / MEZZANINE_KBPS) throw new ClipError('CLIP_ERR_DISK_FULL', 'the disk is nearly full: there is no room for a copy to listen to')
      await runFfmpeg(ffmpegPath, [
        '-f', 'wav', '-i', `file:${path}`, '-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact', '-ac', '1', '-ar', '48000',
        '-c:a', 'libopus', '-b:a', `${String(BITRATE_KBPS)}k`, '-vbr', 'on', '-application', 'audio', '-frame_duration', '20', '-f', 'ogg', '-y', `file:${part}`,
      ], { signal, isIdle: true })
      signal.throwIfAborted()
      const file = await open(part, 'r')
      await file.sync().finally(() => file.close())
      await rename(part, listeningPath(path))
      return listeningPath(path)
    } catch (error) {
      if (error instanceof ClipError) throw error
      throw signal.aborted
        ? new ClipError('CLIP_ERR_ABORTED', 'the clip was removed, or the server ends', { cause: error })
        : new ClipError('CLIP_ERR_UNREADABLE', 'no copy to listen to could be made', { cause: error })
    } finally {
      await rm(part, { force: true })
    }
  }
}
