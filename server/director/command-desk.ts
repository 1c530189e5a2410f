import type { CommandRecord, CommandResultRecord, CommandStore } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { AckResult } from '../link/messages.ts'

/** Answers are written together: ten thousand devices that answer at once wait for the disk a few times, not ten thousand. */
const SETTLE_MS = 50

/** Commands that are not answered. Each is given to a device whenever it connects, until it answers or the command is over. */
export class CommandDesk {
  readonly #store: CommandStore
  readonly #clock: Clock
  readonly #wallMs: () => number
  readonly #onError: (error: unknown) => void
  readonly #open = new Map<string, Map<string, CommandRecord>>()
  #answers: CommandResultRecord[] = []
  #timer: TimerHandle | null = null

  constructor(ports: { store: CommandStore; clock: Clock; wallMs: () => number; onError: (error: unknown) => void }) {
    this.#store = ports.store
    this.#clock = ports.clock
    this.#wallMs = ports.wallMs
    this.#onError = ports.onError
    for (const { command, clusterIds } of this.#store.open(this.#wallMs())) this.add(command, clusterIds)
  }

  add(command: CommandRecord, clusterIds: readonly string[]): void {
    for (const clusterId of clusterIds) {
      const commands = this.#open.get(clusterId)
      if (commands === undefined) this.#open.set(clusterId, new Map([[command.id, command]]))
      else commands.set(command.id, command)
    }
  }

  /** What a cluster is still to be given, oldest first. */
  openFor(clusterId: string): CommandRecord[] {
    const nowMs = this.#wallMs()
    return [...(this.#open.get(clusterId)?.values() ?? [])].filter(({ expiresAtMs }) => expiresAtMs > nowMs)
  }

  /** @returns false when this cluster was not asked, or has answered. */
  answered(clusterId: string, commandId: string, { result, reason }: AckResult): boolean {
    const commands = this.#open.get(clusterId)
    if (commands?.delete(commandId) !== true) return false
    if (commands.size === 0) this.#open.delete(clusterId)
    this.#answers.push({ commandId, clusterId, result, reason: reason ?? null, atMs: this.#wallMs() })
    this.#timer ??= this.#clock.setTimer(SETTLE_MS, () => {
      this.flush()
    })
    return true
  }

  /** Writes the answers that wait. What cannot be written is asked for again when control starts the next time. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = null
    const answers = this.#answers
    this.#answers = []
    if (answers.length === 0) return
    try {
      this.#store.settle(answers)
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Lets go of what is over. */
  sweep(): void {
    const nowMs = this.#wallMs()
    for (const [clusterId, commands] of this.#open) {
      for (const [id, { expiresAtMs }] of commands) if (expiresAtMs <= nowMs) commands.delete(id)
      if (commands.size === 0) this.#open.delete(clusterId)
    }
  }
}
