import { spawnSync, type ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { end, start } from './processes.ts'

/** Before every role of the server; needs root. */
const SINK_NICE = -18

const NATIVE_DIR = join(import.meta.dirname, '..', 'native')

export interface NativePrograms {
  readonly sink: string
  readonly floor: string
}

/** Compiles the C programs into `folder`. @throws Error with the compiler's words. */
export function compileNative(folder: string): NativePrograms {
  const build = (name: string, sources: readonly string[]): string => {
    const out = join(folder, name)
    const made = spawnSync('cc', ['-O2', '-Wall', '-D_GNU_SOURCE', '-o', out, ...sources.map((source) => join(NATIVE_DIR, source))], { encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`cc could not build ${name}: ${made.error?.message ?? made.stderr}`)
    return out
  }
  return { sink: build('sink', ['sink.c', 'stream.c', 'native.c', 'verify.c', 'histogram.c']), floor: build('floor', ['floor.c']) }
}

/** One listener the sink is to open. */
export interface Target {
  readonly kind: 'http' | 'native'
  /** Results are kept apart for each group. */
  readonly group: string
  readonly mode?: 'normal' | 'slow' | 'frozen'
  /** Listeners of one track hear the same programme in the same format; the reference of the track is what they are compared with. */
  readonly track: string
  readonly frameMs: number
  readonly reference?: boolean
  readonly path: string
  /** First message of a native client. */
  readonly hello?: string
}

export interface SinkOptions {
  readonly port: number
  readonly cores?: string | undefined
  /** Listeners opened a second; 0: all at once. */
  readonly rate?: number
  /** Read every socket once in so many ms; 0: be woken. */
  readonly pollMs?: number
  readonly verify?: boolean
  readonly leadMs?: number
  readonly httpFlushMs?: number
  readonly nativeFlushMs?: number
  readonly slowBytesPerSecond?: number
}

/** Times in ms; `bins` are [lower edge, count]. */
export interface TimeHistogram {
  readonly count: number
  readonly min: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  readonly bins: readonly (readonly [number, number])[]
}

export interface GroupReport {
  readonly targets: number
  readonly open: number
  readonly playing: number
  readonly refused: number
  readonly failed: number
  readonly closed: number
  readonly bytes: number
  readonly reads: number
  readonly frames: number
  readonly verified: number
  readonly foreign: number
  readonly skips: number
  readonly skippedFrames: number
  readonly repeats: number
  readonly unplaced: number
  readonly garbageBytes: number
  readonly sequenceErrors: number
  /** Native: frames whose emergency flag does not agree with what they hold. */
  readonly flagErrors: number
  readonly overrun: number
  readonly framesMin: number
  readonly framesMax: number
  readonly gapMaxMs: number
  readonly lateness: TimeHistogram | null
  readonly interval: TimeHistogram | null
}

export interface ConnectReport {
  readonly playing: number
  readonly targets: number
  /** 201 evenly spaced percentiles of the time to the first audio byte, ms after the start. */
  readonly times: readonly number[]
}

export interface SinkReport {
  readonly event: 'report'
  /** Quickest clock exchange with the server, µs: how well house time is known; −1 when it is not. */
  readonly houseRoundTripUs: number
  readonly connect: ConnectReport
  readonly groups: Readonly<Record<string, GroupReport>>
}

export interface CutReport {
  readonly event: 'cuts'
  /** For each listener, ms from the given instant to the first frame of the emergency, and of the programme after it. */
  readonly groups: Readonly<Record<string, { readonly cut: readonly number[]; readonly back: readonly number[] }>>
}

interface ProgressReport {
  readonly event: 'progress' | 'playing'
  readonly ms: number
  readonly open: number
  readonly failed: number
  readonly refused: number
  readonly closed: number
  readonly connect: ConnectReport
}

type SinkEvent = SinkReport | CutReport | ProgressReport | { readonly event: 'recorded' }

const asLine = ({ kind, group, mode, track, frameMs, reference, path, hello }: Target): string =>
  [kind, group, mode ?? 'normal', track, String(Math.round(frameMs * 1e6)), reference === true ? 'ref' : '-', path, hello ?? '-'].join('\t')

/** The C load sink (native/sink.c), driven by commands. */
export class LoadSink {
  readonly #child: ChildProcess
  readonly #waiting: { readonly event: string; readonly resolve: (event: SinkEvent) => void; readonly reject: (error: Error) => void }[] = []
  #progress: ProgressReport | undefined
  #playing: ProgressReport | undefined
  #errors = ''

  constructor(program: string, folder: string, targets: readonly Target[], options: SinkOptions) {
    const file = join(folder, `targets-${String(process.hrtime.bigint())}.txt`)
    writeFileSync(file, targets.map(asLine).join('\n') + '\n')
    const args = ['--targets', file, '--port', String(options.port), '--rate', String(options.rate ?? 0), '--poll-ms', String(options.pollMs ?? 0),
      '--verify', options.verify === true ? '1' : '0', '--lead-ms', String(options.leadMs ?? 0), '--http-flush-ms', String(options.httpFlushMs ?? 0),
      '--native-flush-ms', String(options.nativeFlushMs ?? 0), '--slow-bytes', String(options.slowBytesPerSecond ?? 2000)]
    this.#child = start(program, args, { cores: options.cores, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#putFirst()
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.#take(JSON.parse(line) as SinkEvent)
    })
    this.#child.stderr!.on('data', (text: Buffer) => {
      this.#errors += text.toString('utf8')
    })
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the sink ended (${String(code)}): ${this.#errors}`))
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The sink stands for thousands of other machines: it must not wait for a core behind the load that is put on the server. */
  #putFirst(): void {
    try {
      setPriority(this.pid, SINK_NICE)
    } catch (error) {
      this.#errors += `without the right to put the sink first (${String(error)}), its waiting for a core counts as the server's lateness\n`
    }
  }

  get progress(): ProgressReport | undefined {
    return this.#progress
  }

  /** What it has said on standard error. */
  get errors(): string {
    return this.#errors
  }

  #take(event: SinkEvent): void {
    if (event.event === 'progress' || event.event === 'playing') this.#progress = event
    if (event.event === 'playing') this.#playing = event
    const index = this.#waiting.findIndex((waiting) => waiting.event === event.event)
    if (index >= 0) this.#waiting.splice(index, 1)[0]!.resolve(event)
  }

  #await(event: string): Promise<SinkEvent> {
    return new Promise((resolve, reject) => this.#waiting.push({ event, resolve, reject }))
  }

  #say(line: string): void {
    this.#child.stdin!.write(`${line}\n`)
  }

  /** Waits until every listener has sound. @returns undefined when `timeoutMs` passed first; `progress` then tells how far it got. */
  async whenPlaying(timeoutMs: number, onProgress?: (progress: ProgressReport) => void): Promise<ProgressReport | undefined> {
    const ticker = setInterval(() => {
      if (this.#progress !== undefined) onProgress?.(this.#progress)
    }, 500)
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        resolve(undefined)
      }, timeoutMs)
    })
    try {
      if (this.#playing !== undefined) return this.#playing
      return await Promise.race([this.#await('playing') as Promise<ProgressReport>, timeout])
    } finally {
      clearInterval(ticker)
      clearTimeout(timer)
    }
  }

  /** Begins a new window: all counters and histograms start again. */
  window(): void {
    this.#say('window')
  }

  async report(): Promise<SinkReport> {
    const answer = this.#await('report')
    this.#say('report')
    return (await answer) as SinkReport
  }

  /** Watches for the next cut and the next return of every listener. */
  arm(): void {
    this.#say('arm')
  }

  /** @param sinceNs instant on CLOCK_MONOTONIC (`process.hrtime.bigint()`) that the times count from. */
  async cuts(sinceNs: bigint): Promise<CutReport> {
    const answer = this.#await('cuts')
    this.#say(`cuts ${String(sinceNs)}`)
    return (await answer) as CutReport
  }

  /** Writes the plain audio bytes of one listener (its place in the list of targets) to a file from now on. */
  record(index: number, file: string): void {
    this.#say(`record ${String(index)} ${file}`)
  }

  async stopRecording(): Promise<void> {
    const answer = this.#await('recorded')
    this.#say('stop-record')
    await answer
  }

  async close(): Promise<void> {
    await end(this.#child)
  }
}
