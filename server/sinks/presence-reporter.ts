import { randomBytes } from 'node:crypto'
import type { Connection, FanOutToControl, Presence } from '../link/messages.ts'

/** Joins and leaves are told together, so that ten thousand reconnects are a few messages. */
const REPORT_MS = 50

/** Keeps the list of who is connected here and tells control of changes. */
export class PresenceReporter {
  readonly #send: (message: FanOutToControl) => void
  readonly #instance = randomBytes(6).toString('base64url')
  readonly #connections = new Map<string, Connection>()
  #joined: Connection[] = []
  #left: Presence['left'][number][] = []
  #timer: NodeJS.Timeout | null = null
  #count = 0
  replaced = 0

  constructor(send: (message: FanOutToControl) => void) {
    this.#send = send
  }

  /** @returns to be called once when the connection has gone. */
  joined(clusterId: string, protocol: Connection['protocol'], format: string, remoteAddress: string, instanceId?: string): (reason: string, silentMs?: number) => void {
    this.#count += 1
    const connection: Connection = { clusterId, connectionId: `${this.#instance}-${String(this.#count)}`, protocol, format, remoteAddress, sinceWallMs: Date.now(), ...(instanceId === undefined ? {} : { instanceId }) }
    if (this.clusterHere(clusterId) !== undefined) this.replaced += 1
    this.#connections.set(connection.connectionId, connection)
    this.#latest.set(clusterId, connection.connectionId)
    this.#joined.push(connection)
    this.#schedule()
    return (reason, silentMs) => {
      if (!this.#connections.delete(connection.connectionId)) return
      if (this.#latest.get(clusterId) === connection.connectionId) this.#latest.delete(clusterId)
      this.#left.push({ clusterId, connectionId: connection.connectionId, reason, ...(silentMs === undefined ? {} : { silentMs }) })
      this.#schedule()
    }
  }

  readonly #latest = new Map<string, string>()

  /** Id of the newest connection of a cluster in this process. */
  clusterHere(clusterId: string): string | undefined {
    return this.#latest.get(clusterId)
  }

  /** After a hello: everybody who is here. */
  sendAll(): void {
    this.#joined = []
    this.#left = []
    this.#send({ type: 'presence', complete: true, joined: [...this.#connections.values()], left: [] })
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      const joined = this.#joined
      const left = this.#left
      this.#joined = []
      this.#left = []
      this.#send({ type: 'presence', complete: false, joined, left })
    }, REPORT_MS)
  }
}
