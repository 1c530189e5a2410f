import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { monotonicMs } from './link-emulator-relay.ts'

const TICK_MS = 5
const TELL_TICKS = 20

interface Teardown {
  teardown(fn: () => Promise<unknown>): void
}

/** Of one tick: when it was due, and how late it came. */
type Tick = readonly [dueMs: number, lateMs: number]

/**
 * The control measurement beside everything that is judged by real time: how late this machine lets a thread run that wants next to
 * nothing. What comes late while this is not late is the product's own.
 */
export class MachineWatch {
  readonly #ticks: Tick[] = []

  private constructor(worker: Worker) {
    worker.on('message', (ticks: readonly Tick[]) => { this.#ticks.push(...ticks) })
  }

  /** Watches until the test ends. */
  static async start(t: Teardown): Promise<MachineWatch> {
    const worker = new Worker(new URL(import.meta.url))
    t.teardown(() => worker.terminate())
    await new Promise((resolve, reject) => {
      worker.once('error', reject).once('message', resolve)
    })
    return new MachineWatch(worker)
  }

  /** Worst lateness of what was due between two moments, `monotonicMs()`; ms, 0 where nothing was late. */
  worstMs(fromMs: number, toMs: number): number {
    return this.#ticks.reduce((worst, [dueMs, lateMs]) => (dueMs + lateMs >= fromMs && dueMs <= toMs ? Math.max(worst, lateMs) : worst), 0)
  }
}

if (!isMainThread && parentPort !== null) {
  const main = parentPort
  let ticks: Tick[] = []
  let dueMs = monotonicMs() + TICK_MS
  const tick = (): void => {
    const nowMs = monotonicMs()
    ticks.push([dueMs, Math.max(0, nowMs - dueMs)])
    if (ticks.length >= TELL_TICKS) {
      main.postMessage(ticks)
      ticks = []
    }
    dueMs = nowMs + TICK_MS
    setTimeout(tick, TICK_MS)
  }
  main.postMessage(ticks)
  setTimeout(tick, TICK_MS)
}
