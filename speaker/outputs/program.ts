import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SAMPLE_RATE_HZ } from '../../codec/playback.ts'
import { sizePipe, unreadIn } from '../native/board.ts'
import type { LocalClock, Output, OutputPosition, TimerHandle } from '../ports.ts'
import { ASOUND_DIR, findPlayback, leftOfStatus, rateOf, statusOf } from './alsa-status.ts'

/** Two channels of 32-bit floats, which every program and sound server takes as they are: pw-cat 0.3 makes noise of 64-bit ones. */
const FRAME_BYTES = 8
/** 85 ms. A pipe of the kernel's own size would hold twice as much. */
const PIPE_BYTES = 32_768
/** With the position known from the card. */
const MEASURED_QUEUE_MS = 60
/** Waiting before a pipe that is kept full, beside what fits in it and what the program itself holds. */
const BEFORE_PIPE_MS = 35
/** How long a program may take until its card is found. */
const SEARCH_MS = 1500
const RESTART_MS = 1000
/** A program that takes nothing for so long is stuck. */
const STUCK_SAMPLES = SAMPLE_RATE_HZ
/** How much more a program gets at a time that has taken all and plays nothing yet: less than its pipe holds, and more than a card plays in a turn. */
const STEP_MS = 40
/** No sound server holds more before it plays; whoever takes it plays nothing, such as ALSA's `null`. */
const MOST_HELD_MS = 2000
/** Nor does one whose pipe is not full for so long play what it reads. */
const UNFILLED_MS = 1000
/** A pipe that is filled again and again for so long is full because the card plays, not because the program was held up once. */
const SETTLED_MS = 250
/** This process itself was held up when nobody asked for so long. */
const STOOD_STILL_MS = 200

export interface ProgramOptions {
  readonly command: string
  /** Fixed; nothing that came over the network is ever among them, and no shell reads them. */
  readonly args: readonly string[]
  /** What the program and its sound server hold beside the pipe when that is full, ms; the device's `--offset-ms` takes up what is wrong with it. */
  readonly latencyMs: number
  readonly clock: LocalClock
  /** For tests. */
  readonly asoundDir?: string
  readonly onEnd?: (reason: string) => void
}

/** `aplay` of alsa-utils, to an ALSA device such as `plughw:0,0`. */
export const aplay = (device: string | undefined): Pick<ProgramOptions, 'command' | 'args' | 'latencyMs'> => ({
  command: 'aplay',
  args: ['-q', '-t', 'raw', '-f', 'FLOAT_LE', '-c', '2', '-r', String(SAMPLE_RATE_HZ), '--buffer-time=80000', '--period-time=10000', '--start-delay=20000', ...(device === undefined ? [] : ['-D', device]), '-'],
  latencyMs: 50,
})

/** What the `pw-cat` of this machine asks for. */
interface PwCatKind {
  /** Those of today must be told that a pipe holds bare samples; older ones (0.3, of Debian 12) take it so, and end at the option. */
  readonly raw: boolean
  /** `stdbuf` is there: without it the C library of pw-cat may keep 11 ms of sound, or none, as its first reads have fallen. */
  readonly stdbuf: boolean
}

/** `pw-cat` of PipeWire, to a node by its name or to the sink that PipeWire takes by default. */
export function pwCat(node: string | undefined, { raw, stdbuf }: PwCatKind = pwCatKind()): Pick<ProgramOptions, 'command' | 'args' | 'latencyMs'> {
  const args = ['--playback', ...(raw ? ['--raw'] : []), '--format', 'f32', '--channels', '2', '--rate', String(SAMPLE_RATE_HZ), '--latency', '5ms', ...(node === undefined ? [] : ['--target', node]), '-']
  return { ...(stdbuf ? { command: 'stdbuf', args: ['-i0', 'pw-cat', ...args] } : { command: 'pw-cat', args }), latencyMs: 20 }
}

function pwCatKind(): PwCatKind {
  const { status, stdout } = spawnSync('pw-cat', ['--help'], { encoding: 'utf8' })
  return { raw: status !== 0 || stdout.includes('--raw'), stdbuf: spawnSync('stdbuf', ['--version']).status === 0 }
}

/**
 * A program that plays what it reads. What has left is known in one of two ways: from the kernel, when the program has an ALSA card open
 * itself; otherwise by keeping the pipe to it full, for what a full pipe takes is what the program has read, at its card's pace.
 */
export class ProgramOutput implements Output {
  readonly #options: ProgramOptions
  #child: ChildProcess | null = null
  #pipe = -1
  #pipeBytes = PIPE_BYTES
  #pending: Buffer[] = []
  #pendingBytes = 0
  #acceptedBytes = 0
  #givenSamples = 0
  /** Given to programs that ended before anything was known of them. */
  #goneSamples = 0
  /** Given beyond the usual to a program that does not play yet. */
  #heldMs = 0
  #fullSinceMs = NaN
  #fullAtMs = 0
  #watchedMs = 0
  #wasReported = false
  #startedMs = 0
  #card: { readonly folder: string; readonly rateHz: number } | null = null
  #position: OutputPosition | null = null
  #lastLeft = 0
  #timer: TimerHandle | null = null
  #closed = false
  #restartsTotal = -1

  constructor(options: ProgramOptions) {
    this.#options = options
    this.#start()
  }

  get queueMs(): number {
    if (this.#card !== null) return MEASURED_QUEUE_MS
    const queueMs = inMs(this.#pipeBytes / FRAME_BYTES) + BEFORE_PIPE_MS + this.#options.latencyMs
    return this.#position === null ? inMs(this.#goneSamples) + queueMs + this.#heldMs : queueMs
  }

  /** Times that the program had to be started again. */
  get restartsTotal(): number {
    return this.#restartsTotal
  }

  write(block: Float32Array, samples: number): void {
    // Hot path: once per block. Numbers stand as the processor has them, which is little-endian wherever Node runs on boards.
    const frames = new Float32Array(samples * 2)
    for (let i = 0; i < samples; i++) {
      const sample = block[i]!
      frames[2 * i] = sample
      frames[2 * i + 1] = sample
    }
    const bytes = Buffer.from(frames.buffer)
    this.#givenSamples += samples
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    if (this.#pendingBytes > STUCK_SAMPLES * FRAME_BYTES) this.#child?.kill('SIGKILL')
    this.#flush()
  }

  position(): OutputPosition | null {
    if (this.#child === null) return null
    this.#flush()
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#card === null && nowMs - this.#startedMs < SEARCH_MS) this.#search()
    if (this.#card !== null) this.#measure(this.#card, nowMs)
    else this.#watchPipe(this.#child, nowMs)
    if (this.#position !== null) this.#wasReported = true
    return this.#position
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    const child = this.#child
    this.#end()
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      child.once('exit', () => { resolve() })
      child.kill('SIGKILL')
    })
  }

  #start(): void {
    const { command, args, clock } = this.#options
    this.#restartsTotal++
    this.#startedMs = clock.monotonicMs()
    let child: ChildProcess
    try {
      child = this.#spawn(command, args)
    } catch (error) {
      // On a full disk there is no room for the pipe's name either, which must not be the end of the agent.
      this.#end()
      this.#startLater((error as Error).message)
      return
    }
    this.#child = child
    child.once('error', (error) => { this.#ended(child, error.message) })
    child.once('exit', (code, signal) => { this.#ended(child, `ended with ${String(signal ?? code)}`) })
  }

  #spawn(command: string, args: readonly string[]): ChildProcess {
    const folder = mkdtempSync(join(tmpdir(), 'loa-speaker-'))
    const path = join(folder, 'pipe')
    try {
      // A pipe, as the socket that Node would make holds a second of sound and does not say how full it is.
      execFileSync('mkfifo', ['-m', '600', path])
      const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
      this.#pipe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      const reading = openSync(path, constants.O_RDONLY)
      closeSync(first)
      this.#pipeBytes = sizePipe(this.#pipe, PIPE_BYTES)
      const child = spawn(command, args, { stdio: [reading, 'ignore', 'inherit'] })
      closeSync(reading)
      return child
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** How much a program takes before its card runs is seen when the pipe is full for the first time; until then it gets more. */
  #watchPipe(child: ChildProcess, nowMs: number): void {
    if (nowMs - this.#watchedMs > STOOD_STILL_MS) this.#fullAtMs = nowMs
    this.#watchedMs = nowMs
    if (this.#position === null && this.#acceptedBytes > 0 && this.#pendingBytes === 0) {
      this.#heldMs += STEP_MS
      if (nowMs - this.#fullAtMs > SETTLED_MS / 2) this.#fullSinceMs = NaN
    }
    if (this.#heldMs <= MOST_HELD_MS && (this.#position === null || nowMs - this.#fullAtMs <= UNFILLED_MS)) return
    child.kill('SIGKILL')
    this.#ended(child, 'takes sound and plays none of it')
  }

  #ended(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return
    this.#end()
    if (!this.#closed) this.#startLater(reason)
  }

  #startLater(reason: string): void {
    this.#options.onEnd?.(`${this.#options.command}: ${reason}`)
    this.#timer = this.#options.clock.setTimer(RESTART_MS, () => { this.#start() })
  }

  #end(): void {
    if (this.#pipe >= 0) closeSync(this.#pipe)
    this.#pipe = -1
    this.#child = null
    this.#card = null
    this.#position = null
    this.#pending = []
    this.#pendingBytes = 0
    this.#acceptedBytes = 0
    this.#heldMs = 0
    this.#fullSinceMs = NaN
    this.#lastLeft = 0
    // Play-out begins counting anew when it sees no position, if it ever saw one.
    if (this.#wasReported) this.#givenSamples = 0
    this.#goneSamples = this.#givenSamples
    this.#wasReported = false
  }

  #flush(): void {
    while (this.#pending.length > 0 && this.#pipe >= 0) {
      const bytes = this.#pending[0]!
      let taken = 0
      try {
        taken = writeSync(this.#pipe, bytes)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        // EPIPE: the program is gone; its exit is told elsewhere.
        if (code !== 'EAGAIN' && code !== 'EPIPE') throw error
      }
      this.#acceptedBytes += taken
      this.#pendingBytes -= taken
      if (taken === bytes.length) {
        this.#pending.shift()
        continue
      }
      if (taken > 0) this.#pending[0] = bytes.subarray(taken)
      if (this.#card === null) this.#full()
      return
    }
  }

  /** The pipe is full now: whatever else it took, the program has read. The kernel fills pages, not always to their ends, so it is asked where that is possible. */
  #full(): void {
    const left = (this.#acceptedBytes - (unreadIn(this.#pipe) ?? this.#pipeBytes)) / FRAME_BYTES - (this.#options.latencyMs * SAMPLE_RATE_HZ) / 1000
    const nowMs = this.#options.clock.monotonicMs()
    this.#fullAtMs = nowMs
    if (Number.isNaN(this.#fullSinceMs)) this.#fullSinceMs = nowMs
    if (left <= 0 || left === this.#lastLeft || nowMs - this.#fullSinceMs < SETTLED_MS) return
    this.#lastLeft = left
    this.#position = { leftSamples: this.#goneSamples + left, silentSamples: 0, atMs: nowMs }
  }

  #search(): void {
    const folder = findPlayback(this.#child?.pid ?? -1, this.#options.asoundDir ?? ASOUND_DIR)
    const rateHz = folder === undefined ? undefined : rateOf(folder)
    if (folder !== undefined && rateHz !== undefined) this.#card = { folder, rateHz }
  }

  #measure({ folder, rateHz }: { readonly folder: string; readonly rateHz: number }, nowMs: number): void {
    const left = leftOfStatus(statusOf(folder), rateHz)
    if (left === undefined) return
    // After an underrun ALSA counts from 0 again: the program is started anew, so that the counts stay true.
    if (left + SAMPLE_RATE_HZ / 10 < this.#lastLeft) {
      this.#child?.kill('SIGKILL')
      return
    }
    this.#lastLeft = left
    this.#position = { leftSamples: this.#goneSamples + left, silentSamples: 0, atMs: nowMs }
  }
}

const inMs = (samples: number): number => (samples * 1000) / SAMPLE_RATE_HZ
