import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { systemClock } from '../../server/system-clock.ts'
import type { FromSenders, SenderLine, ToSenders } from './senders-thread.ts'

/**
 * Senders of live sound in a thread of its own, before every role of the server: they stand for other machines. What else this process does, above all the collecting of its
 * garbage, would make them stammer, and a server has to wait for those who do.
 */
export class Senders {
  readonly #worker: Worker
  #answers: Promise<void> = Promise.resolve()

  /** @param packets Opus, 20 ms each, sent in turn, over and over */
  constructor(packets: readonly Buffer[]) {
    // The young space is small, so that emptying it takes less than a millisecond.
    this.#worker = new Worker(new URL('./senders-thread.ts', import.meta.url), { workerData: packets, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  }

  /** Resolves when it is connected. @throws when the offer is refused, or no connection comes about */
  async open(line: SenderLine): Promise<void> {
    await this.#ask({ open: line })
  }

  /** All of them send from now on, one packet in 20 ms. */
  start(): void {
    this.#post({ start: true })
  }

  /** Ends them. @returns when each packet of each sender went, on `performance.now` of this thread; in the order in which they were opened */
  async close(): Promise<readonly (readonly number[])[]> {
    const { sentMs } = await this.#ask({ close: true })
    await this.#worker.terminate()
    const ownMs = performance.now() - systemClock.monotonicMs()
    return (sentMs ?? []).map((times) => times.map((atMs) => atMs + ownMs))
  }

  async #ask(message: ToSenders): Promise<FromSenders> {
    const before = this.#answers
    const answered = before.then(async () => {
      this.#post(message)
      const [answer] = (await once(this.#worker, 'message')) as [FromSenders]
      if (answer.failure !== undefined) throw new Error(answer.failure)
      return answer
    })
    this.#answers = answered.then(() => undefined, () => undefined)
    return answered
  }

  #post(message: ToSenders): void {
    this.#worker.postMessage(message)
  }
}
