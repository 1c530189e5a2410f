import { parentPort, Worker, workerData } from 'node:worker_threads'

/*
 * An alarm for instants between the milliseconds. Node's timers count whole ones; a link of 0.2 ms needs better, and polling would
 * take a core. A thread that does nothing else waits on shared memory, which takes fractions, and wakes the event loop by a message.
 */

const NEVER = 2n ** 62n

interface Shared {
  /** Set anew at every change of `dueNs`, for the thread to wait on. */
  readonly turn: Int32Array
  readonly dueNs: BigInt64Array
}

const shareOf = (buffer: SharedArrayBuffer): Shared => ({ turn: new Int32Array(buffer, 0, 1), dueNs: new BigInt64Array(buffer, 8, 1) })

/** Wakes its owner once, a few dozen microseconds after the instant that was set last. */
export class PreciseAlarm {
  readonly #worker: Worker
  readonly #shared: Shared

  constructor(onDue: () => void) {
    const buffer = new SharedArrayBuffer(16)
    this.#shared = shareOf(buffer)
    this.#shared.dueNs[0] = NEVER
    this.#worker = new Worker(new URL(import.meta.url), { workerData: buffer })
    this.#worker.on('message', onDue)
    this.#worker.unref()
  }

  /** @param dueNs on `process.hrtime.bigint()`; replaces what was set before. */
  set(dueNs: bigint): void {
    Atomics.store(this.#shared.dueNs, 0, dueNs)
    Atomics.add(this.#shared.turn, 0, 1)
    Atomics.notify(this.#shared.turn, 0)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

function wait(buffer: SharedArrayBuffer, wake: () => void): never {
  const { turn, dueNs } = shareOf(buffer)
  for (;;) {
    const seen = Atomics.load(turn, 0)
    const due = Atomics.load(dueNs, 0)
    const leftMs = due === NEVER ? Infinity : Number(due - process.hrtime.bigint()) / 1e6
    if (leftMs > 0 && Atomics.wait(turn, 0, seen, leftMs) !== 'timed-out') continue
    // Only if no other instant was set meanwhile.
    if (Atomics.compareExchange(dueNs, 0, due, NEVER) === due) wake()
  }
}

if (workerData instanceof SharedArrayBuffer && parentPort !== null) {
  const port = parentPort
  wait(workerData, () => {
    port.postMessage(0)
  })
}
