import { once } from 'node:events'
import { fork, type ChildProcess } from 'node:child_process'
import { LinkModel, PROFILES, type ProfileName } from '../../test/support/link-emulator.ts'
import { deriveSeed } from '../../test/support/link-emulator-random.ts'
import { LinkRelay, type RelayPort } from '../../test/support/link-emulator-relay.ts'
import { putFirst } from './priority.ts'

/* The link emulator in a process of its own, so that nothing that the bench computes delays a packet. */

type Request =
  | { readonly id: number; readonly type: 'open'; readonly port: number; readonly profile: ProfileName; readonly seed: number; readonly count: number }
  | { readonly id: number; readonly type: 'cut'; readonly links: readonly number[]; readonly fromMs: number; readonly untilMs: number }
  | { readonly id: number; readonly type: 'report' }

export interface RelayReport {
  readonly delivered: number
  /** How much later than the model said, ms. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  readonly stalls: number
  readonly cpuMs: number
}

type Answer = readonly number[] | RelayReport | null
interface Reply {
  readonly id: number
  readonly answer: Answer
}

/** The parent's end. */
export class RelayProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #sent = 0

  constructor() {
    this.#child = fork(new URL(import.meta.url), ['relay'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    putFirst(this.#child.pid, 2)
    this.#child.on('message', (message) => {
      const { id, answer } = message as Reply
      this.#waiting.get(id)?.(answer)
      this.#waiting.delete(id)
    })
  }

  /** @returns ports on 127.0.0.1, one a link; link `n` has the same seed whatever their number. */
  async open(port: number, profile: ProfileName, seed: number, count: number): Promise<readonly number[]> {
    return (await this.#ask({ id: 0, type: 'open', port, profile, seed, count })) as readonly number[]
  }

  /** Cuts some of the links between two instants of CLOCK_MONOTONIC, ms. */
  async cut(links: readonly number[], fromMs: number, untilMs: number): Promise<void> {
    await this.#ask({ id: 0, type: 'cut', links, fromMs, untilMs })
  }

  async report(): Promise<RelayReport> {
    return (await this.#ask({ id: 0, type: 'report' })) as RelayReport
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    if (this.#child.connected) this.#child.disconnect()
    await gone
  }

  #ask(request: Request): Promise<Answer> {
    const id = ++this.#sent
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve)
      this.#child.send({ ...request, id }, (error) => {
        if (error !== null) reject(error)
      })
    })
  }
}

/** @returns the models of all links in the order they were opened, and what answers. */
function serve(): void {
  const relay = new LinkRelay()
  const links: RelayPort[] = []

  const answer = async (request: Request): Promise<Answer> => {
    switch (request.type) {
      case 'open': {
        const { port, profile, seed, count } = request
        const opened: RelayPort[] = []
        for (let index = 0; index < count; index += 1) opened.push(await relay.tcp({ host: '127.0.0.1', port }, new LinkModel(PROFILES[profile], deriveSeed(seed, index))))
        links.push(...opened)
        return opened.map((link) => link.port)
      }
      case 'cut':
        for (const index of request.links) links[index]?.model.cuts.add(request.fromMs, request.untilMs)
        return null
      case 'report': {
        const { delivered, sortedMs } = relay.lateness()
        const at = (share: number): number => sortedMs[Math.max(0, Math.ceil(share * sortedMs.length) - 1)] ?? NaN
        const stalls = links.reduce((sum, { model }) => sum + model.up.counts.stalls + model.down.counts.stalls, 0)
        const { user, system } = process.cpuUsage()
        return { delivered, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1), stalls, cpuMs: (user + system) / 1000 }
      }
    }
  }
  process.on('message', (message) => {
    const request = message as Request
    void answer(request).then((result) => process.send?.({ id: request.id, answer: result } satisfies Reply))
  })
  process.on('disconnect', () => {
    void relay.close().then(() => process.exit(0))
  })
}

if (import.meta.main && process.argv[2] === 'relay') serve()
