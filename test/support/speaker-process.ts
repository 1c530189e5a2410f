import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TapLine } from '../../speaker/cli/tap.ts'

const MAIN = fileURLToPath(new URL('../../speaker/main.ts', import.meta.url))

type Json = Record<string, unknown>

/** A real agent in a process of its own, as `npm run speaker` runs it. */
export class SpeakerProcess {
  readonly wav: string
  readonly #tap: string
  readonly #process: ChildProcess
  #log = ''

  constructor(folder: string, name: string, args: readonly string[]) {
    this.wav = join(folder, `${name}.wav`)
    this.#tap = join(folder, `${name}.tap`)
    this.#process = spawn(process.execPath, [MAIN, '--output', `wav:${this.wav}`, '--tap', this.#tap, '--json', ...args], { stdio: ['ignore', 'inherit', 'pipe'] })
    this.#process.stderr!.on('data', (chunk: Buffer) => { this.#log += chunk.toString('utf8') })
  }

  get pid(): number {
    return this.#process.pid ?? -1
  }

  get log(): string {
    return this.#log
  }

  /** What it has said, in order. */
  get events(): Json[] {
    return this.#log.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line) as Json)
  }

  get taps(): TapLine[] {
    return existsSync(this.#tap) ? readFileSync(this.#tap, 'utf8').split('\n').filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as TapLine) : []
  }

  /** Nothing when it has ended. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** Ends it in order. Idempotent. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGTERM')
    await ended
  }
}

/** At a true time: value of a tap's column, along the line between its neighbours. NaN outside. */
export function tapAt(taps: readonly TapLine[], trueMs: number, column: 'sample' | 'place'): number {
  const after = taps.findIndex((line) => line.trueMs >= trueMs)
  const b = taps[after]
  const a = taps[after - 1]
  if (a === undefined || b === undefined) return NaN
  return a[column] + ((b[column] - a[column]) * (trueMs - a.trueMs)) / (b.trueMs - a.trueMs)
}

/**
 * By how many samples `heard` comes later than `reference`, by cross-correlation, with a fraction.
 * @returns with the correlation there, −1 to 1
 */
export function lagOf(heard: Float32Array, heardAt: number, reference: Float32Array, referenceAt: number, window: number, reach: number): { lag: number; correlation: number } {
  const scores: number[] = []
  for (let lag = -reach; lag <= reach; lag++) {
    let xy = 0
    let xx = 0
    let yy = 0
    for (let i = 0; i < window; i++) {
      const x = heard[heardAt + i + lag] ?? 0
      const y = reference[referenceAt + i] ?? 0
      xy += x * y
      xx += x * x
      yy += y * y
    }
    scores.push(xy / Math.sqrt(xx * yy + 1e-12))
  }
  const best = scores.indexOf(Math.max(...scores))
  const [a, b, c] = [scores[best - 1] ?? 0, scores[best]!, scores[best + 1] ?? 0]
  const bend = a - 2 * b + c
  return { lag: best - reach + (bend === 0 ? 0 : (0.5 * (a - c)) / bend), correlation: b }
}
