import type { Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { readRequestHead, type RequestHead } from './request-head.ts'
import { respondProblem } from './stream-problem.ts'

/** A request whose head takes longer is a slow loris or a dead line. */
const HEAD_TIMEOUT_MS = 10_000
const SWEEP_MS = 1000
/** Deep, because a whole district reconnects at once when its power returns. The kernel caps it at net.core.somaxconn. */
const BACKLOG = 16_384

export interface StreamPortHandlers {
  /** GET and HEAD of /listen/ and /monitor/. */
  readonly listen: (socket: Socket, head: RequestHead) => void
  /** PUT and SOURCE, but not of /whip/ and /whep/. `rest` is what came after the head. */
  readonly ingest: (socket: Socket, head: RequestHead, rest: Buffer) => void
  /** Everything else, upgrades to WebSocket included. */
  readonly http: HttpServer
}

/**
 * The public port of listeners and sources. Reads the request head itself for two reasons: a listener that is nothing but
 * a socket needs a third of the memory of one that drags Node's request and response objects along, and studio encoders
 * send bodies without a length (RFC 9112 knows no such request, Icecast's protocol does).
 */
export class StreamPort {
  readonly #server: Server
  readonly #handlers: StreamPortHandlers
  readonly #pending = new Map<Socket, number>()
  readonly #sweep: NodeJS.Timeout
  badRequests = 0

  constructor(handlers: StreamPortHandlers) {
    this.#handlers = handlers
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 }, (socket) => {
      this.#accept(socket)
    })
    this.#sweep = setInterval(() => {
      this.#sweepPending()
    }, SWEEP_MS)
    this.#sweep.unref()
  }

  /** @returns the port, when 0 was asked for. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      // Several processes listen on the same port; the kernel spreads connections over them.
      this.#server.listen({ host, port, reusePort: true, backlog: BACKLOG }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    return (this.#server.address() as AddressInfo).port
  }

  /** Stops accepting. Connections that were handed out belong to their handlers. */
  close(): void {
    clearInterval(this.#sweep)
    this.#server.close()
    for (const socket of this.#pending.keys()) socket.destroy()
  }

  #accept(socket: Socket): void {
    let received: Buffer | null = null
    this.#pending.set(socket, performance.now())
    const onData = (chunk: Buffer): void => {
      received = received === null ? chunk : Buffer.concat([received, chunk])
      const result = readRequestHead(received)
      if (result.kind === 'incomplete') return
      this.#pending.delete(socket)
      socket.off('data', onData)
      if (result.kind === 'bad') {
        this.badRequests += 1
        respondProblem(socket, 'STREAM_ERR_BAD_REQUEST', { status: result.status, detail: result.reason })
        return
      }
      this.#dispatch(socket, result.head, received)
    }
    socket.on('data', onData)
    socket.on('error', ignoreError)
    socket.once('close', () => {
      this.#pending.delete(socket)
    })
  }

  #dispatch(socket: Socket, head: RequestHead, received: Buffer): void {
    const isStream = head.path.startsWith('/listen/') || head.path.startsWith('/monitor/')
    if (isStream && !head.headers.has('upgrade')) {
      this.#handlers.listen(socket, head)
    } else if ((head.method === 'PUT' || head.method === 'SOURCE') && !/^\/wh[ie]p\//.test(head.path)) {
      this.#handlers.ingest(socket, head, received.subarray(head.headBytes))
    } else {
      socket.pause()
      socket.unshift(received)
      this.#handlers.http.emit('connection', socket)
      socket.resume()
    }
  }

  #sweepPending(): void {
    const now = performance.now()
    for (const [socket, sinceMs] of this.#pending) {
      // In order of arrival, so the first young one ends the search.
      if (now - sinceMs < HEAD_TIMEOUT_MS) break
      this.#pending.delete(socket)
      this.badRequests += 1
      respondProblem(socket, 'STREAM_ERR_TIMEOUT')
    }
  }
}

/** 'close' always follows and is what everybody watches. */
const ignoreError = (): void => undefined
