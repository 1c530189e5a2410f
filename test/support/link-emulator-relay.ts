import { once } from 'node:events'
import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from 'node:dgram'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { PreciseAlarm } from './link-emulator-alarm.ts'
import type { LinkDirection, LinkModel } from './link-emulator.ts'

/* The thin edge of the link emulator: real TCP and UDP through a LinkModel. */

/** CLOCK_MONOTONIC in ms, the same in every process of the machine. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

/** One direction of one connection may hold so much; then its sender is not read from. */
const MOST_HELD_BYTES = 4 * 2 ** 20
/** Samples of the relay's own lateness that are kept. */
const KEPT_SAMPLES = 1 << 16
/** A UDP client that has been silent for so long is forgotten. */
const UDP_IDLE_MS = 60_000
const MOST_UDP_CLIENTS = 4096

interface Due {
  readonly atMs: number
  readonly sequence: number
  readonly run: () => void
}

const isBefore = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)

/** Binary heap, earliest first; what is due at the same instant keeps its order. */
class DueHeap {
  readonly #items: Due[] = []
  #sequence = 0

  get first(): Due | undefined {
    return this.#items[0]
  }

  push(atMs: number, run: () => void): void {
    const due = { atMs, sequence: this.#sequence++, run }
    let at = this.#items.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(due, this.#items[parent]!)) break
      this.#items[at] = this.#items[parent]!
      at = parent
    }
    this.#items[at] = due
  }

  shift(): Due | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    if (last === undefined || this.#items.length === 0) return first
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= this.#items.length) break
      if (child + 1 < this.#items.length && isBefore(this.#items[child + 1]!, this.#items[child]!)) child += 1
      if (!isBefore(this.#items[child]!, last)) break
      this.#items[at] = this.#items[child]!
      at = child
    }
    this.#items[at] = last
    return first
  }
}

export interface RelayPort {
  readonly port: number
  readonly model: LinkModel
  /** TCP: connections that are open through it now. */
  readonly open: () => number
}

export interface Target {
  readonly host: string
  readonly port: number
}

/** Carries any number of links in this process. */
export class LinkRelay {
  readonly #heap = new DueHeap()
  readonly #alarm: PreciseAlarm
  readonly #latenessMs = new Float64Array(KEPT_SAMPLES)
  #delivered = 0
  #armedMs = Infinity
  #closed = false
  readonly #servers = new Set<Server>()
  readonly #datagramSockets = new Set<DatagramSocket>()
  readonly #sockets = new Set<Socket>()

  constructor() {
    this.#alarm = new PreciseAlarm(() => {
      this.#armedMs = Infinity
      this.#run()
    })
  }

  /** How much later than the model said data has been handed to the kernel, ms; of the last 65 536 deliveries. */
  lateness(): { readonly delivered: number; readonly sortedMs: Float64Array } {
    return { delivered: this.#delivered, sortedMs: this.#latenessMs.slice(0, Math.min(this.#delivered, KEPT_SAMPLES)).sort() }
  }

  /** Opens a port on 127.0.0.1; TCP connections to it come out at `target`, by way of the link. */
  async tcp(target: Target, model: LinkModel): Promise<RelayPort> {
    let open = 0
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      open += 1
      client.once('close', () => {
        open -= 1
      })
      this.#carry(client, target, model)
    })
    this.#servers.add(server)
    server.listen(0, '127.0.0.1', 4096)
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port, model, open: () => open }
  }

  /**
   * Opens a UDP port; every client's datagrams come to `target` from a port of their own, and answers go back.
   * @param at where to listen; by default any port of 127.0.0.1
   */
  async udp(target: Target, model: LinkModel, at: Target = { host: '127.0.0.1', port: 0 }): Promise<RelayPort> {
    const socket = createSocket('udp4')
    this.#datagramSockets.add(socket)
    const clients = new Map<string, { readonly socket: DatagramSocket; lastMs: number }>()
    socket.on('message', (bytes, from) => {
      const client = this.#udpClient(clients, from, socket, model)
      this.#datagram(model.up, bytes, () => {
        client.send(bytes, target.port, target.host)
      })
    })
    socket.bind(at.port, at.host)
    await once(socket, 'listening')
    return { port: socket.address().port, model, open: () => clients.size }
  }

  /** Ends every connection and port; what is under way is dropped. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const socket of this.#sockets) socket.destroy()
    for (const socket of this.#datagramSockets) socket.close()
    await Promise.all([...this.#servers].map(async (server) => {
      server.close()
      await once(server, 'close')
    }))
    await this.#alarm.close()
  }

  #carry(client: Socket, target: Target, model: LinkModel): void {
    this.#keep(client)
    const nowMs = monotonicMs()
    const arrivesMs = model.up.opening(nowMs)
    this.#at(arrivesMs, () => {
      if (client.destroyed) return
      const server = connect({ ...target, noDelay: true, allowHalfOpen: true })
      this.#keep(server)
      server.pause()
      server.once('error', () => {
        client.destroy()
      })
      server.once('connect', () => {
        this.#pipe(server, client, model.down)
        server.resume()
        // Its first bytes may leave when the answer to the first packet is back.
        this.#at(model.down.opening(monotonicMs()), () => {
          this.#pipe(client, server, model.up)
          client.resume()
        })
      })
    })
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    // What an error means for the other end is told by 'close'.
    socket.on('error', () => undefined)
  }

  #pipe(from: Socket, to: Socket, direction: LinkDirection): void {
    const stream = direction.stream()
    let held = 0
    from.on('data', (bytes: Buffer) => {
      held += bytes.length
      if (held > MOST_HELD_BYTES) from.pause()
      this.#at(stream.segment(monotonicMs(), bytes.length), () => {
        held -= bytes.length
        if (held <= MOST_HELD_BYTES && from.isPaused()) from.resume()
        if (!to.destroyed) to.write(bytes)
      })
    })
    from.once('end', () => {
      this.#at(stream.segment(monotonicMs(), 1), () => {
        if (!to.destroyed) to.end()
      })
    })
    from.once('close', (hadError) => {
      this.#at(stream.segment(monotonicMs(), 1), () => {
        if (hadError) to.resetAndDestroy()
        else to.destroySoon()
      })
    })
  }

  #udpClient(clients: Map<string, { readonly socket: DatagramSocket; lastMs: number }>, from: RemoteInfo, socket: DatagramSocket, model: LinkModel): DatagramSocket {
    const name = `${from.address}:${String(from.port)}`
    const nowMs = monotonicMs()
    const known = clients.get(name)
    if (known !== undefined) {
      known.lastMs = nowMs
      return known.socket
    }
    for (const [other, { socket: idle, lastMs }] of clients) {
      if (nowMs - lastMs < UDP_IDLE_MS && clients.size < MOST_UDP_CLIENTS) continue
      clients.delete(other)
      this.#datagramSockets.delete(idle)
      idle.close()
    }
    const made = createSocket('udp4')
    this.#datagramSockets.add(made)
    made.on('message', (bytes) => {
      this.#datagram(model.down, bytes, () => {
        socket.send(bytes, from.port, from.address)
      })
    })
    // A closed port at the other end is a datagram lost, no more.
    made.on('error', () => undefined)
    clients.set(name, { socket: made, lastMs: nowMs })
    return made
  }

  #datagram(direction: LinkDirection, bytes: Buffer, send: () => void): void {
    const atMs = direction.datagram(monotonicMs(), bytes.length)
    if (atMs !== undefined) this.#at(atMs, send)
  }

  #at(atMs: number, run: () => void): void {
    this.#heap.push(atMs, run)
    this.#run()
  }

  /** Delivers what is due and sets the alarm for what comes next. */
  #run(): void {
    if (this.#closed) return
    let nowMs = monotonicMs()
    for (let due = this.#heap.first; due !== undefined && due.atMs <= nowMs; due = this.#heap.first) {
      this.#heap.shift()
      due.run()
      nowMs = monotonicMs()
      this.#latenessMs[this.#delivered++ % KEPT_SAMPLES] = nowMs - due.atMs
    }
    const next = this.#heap.first
    if (next === undefined || next.atMs >= this.#armedMs) return
    this.#armedMs = next.atMs
    this.#alarm.set(BigInt(Math.round(next.atMs * 1e6)))
  }
}
