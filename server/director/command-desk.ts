import type { CommandCounts, CommandDelivery, CommandRecord, CommandResultRecord, CommandStore } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { AckResult } from '../link/messages.ts'

/** Answers are written together: ten thousand devices that answer at once wait for the disk a few times, not ten thousand. */
const SETTLE_MS = 50
/** Who watches is told how far a command has come at most so often. */
const TELL_MS = 250

export interface CommandDeskPorts {
  readonly store: CommandStore
  readonly clock: Clock
  readonly wallMs: () => number
  /** Something came back of a command, or it is over: all have answered, or its time is up. */
  readonly onProgress: (command: CommandRecord, counts: CommandCounts, isOver: boolean) => void
  readonly onError: (error: unknown) => void
}

/** Commands that are not answered. Each is given to a device whenever it connects, until it answers or the command is over. */
export class CommandDesk {
  readonly #ports: CommandDeskPorts
  readonly #open = new Map<string, Map<string, CommandRecord>>()
  /** Those of which nobody has been told that they are over. */
  readonly #live = new Map<string, CommandRecord>()
  /** Those of which something is written that nobody has been told. */
  readonly #moved = new Set<string>()
  #answers: CommandResultRecord[] = []
  #deliveries: CommandDelivery[] = []
  #settleTimer: TimerHandle | null = null
  #tellTimer: TimerHandle | null = null

  constructor(ports: CommandDeskPorts) {
    this.#ports = ports
    for (const { command, clusterIds } of ports.store.open(ports.wallMs())) this.add(command, clusterIds)
  }

  add(command: CommandRecord, clusterIds: readonly string[]): void {
    this.#live.set(command.id, command)
    for (const clusterId of clusterIds) {
      const commands = this.#open.get(clusterId)
      if (commands === undefined) this.#open.set(clusterId, new Map([[command.id, command]]))
      else commands.set(command.id, command)
    }
  }

  /** What a cluster is still to be given, oldest first. */
  openFor(clusterId: string): CommandRecord[] {
    const nowMs = this.#ports.wallMs()
    return [...(this.#open.get(clusterId)?.values() ?? [])].filter(({ expiresAtMs }) => expiresAtMs > nowMs)
  }

  /** It was handed to connections of these clusters. */
  delivered(commandId: string, clusterIds: readonly string[]): void {
    const atMs = this.#ports.wallMs()
    for (const clusterId of clusterIds) this.#deliveries.push({ commandId, clusterId, atMs })
    if (clusterIds.length > 0) this.#settleSoon()
  }

  /** @returns false when this cluster was not asked, or has answered. */
  answered(clusterId: string, commandId: string, { result, reason }: AckResult): boolean {
    const commands = this.#open.get(clusterId)
    if (commands?.delete(commandId) !== true) return false
    if (commands.size === 0) this.#open.delete(clusterId)
    this.#answers.push({ commandId, clusterId, result, reason: reason ?? null, atMs: this.#ports.wallMs() })
    this.#settleSoon()
    return true
  }

  /** Writes the answers that wait. What cannot be written is asked for again when control starts the next time. */
  flush(): void {
    this.#settleTimer?.cancel()
    this.#settleTimer = null
    const [answers, deliveries] = [this.#answers, this.#deliveries]
    this.#answers = []
    this.#deliveries = []
    if (answers.length === 0 && deliveries.length === 0) return
    try {
      this.#ports.store.settle(answers, deliveries)
    } catch (error) {
      this.#ports.onError(error)
      return
    }
    for (const { commandId } of [...answers, ...deliveries]) this.#moved.add(commandId)
    this.#tellTimer ??= this.#ports.clock.setTimer(TELL_MS, () => {
      this.#tellTimer = null
      this.#tell()
    })
  }

  /** Lets go of what is over. To be called about once a second. */
  sweep(): void {
    const nowMs = this.#ports.wallMs()
    const over = [...this.#live.values()].filter(({ expiresAtMs }) => expiresAtMs <= nowMs)
    if (over.length === 0) return
    for (const [clusterId, commands] of this.#open) {
      for (const { id } of over) commands.delete(id)
      if (commands.size === 0) this.#open.delete(clusterId)
    }
    for (const { id } of over) this.#moved.add(id)
    this.flush()
    this.#tell()
  }

  /** Writes what waits, and tells nobody any more. */
  close(): void {
    this.flush()
    this.#tellTimer?.cancel()
    this.#tellTimer = null
  }

  #settleSoon(): void {
    this.#settleTimer ??= this.#ports.clock.setTimer(SETTLE_MS, () => {
      this.flush()
    })
  }

  #tell(): void {
    const nowMs = this.#ports.wallMs()
    for (const id of this.#moved) {
      const command = this.#live.get(id)
      if (command === undefined) continue
      try {
        const counts = this.#ports.store.counts(id)
        const isOver = counts.open === 0 || command.expiresAtMs <= nowMs
        if (isOver) this.#live.delete(id)
        this.#ports.onProgress(command, counts, isOver)
      } catch (error) {
        this.#ports.onError(error)
      }
    }
    this.#moved.clear()
  }
}
