import type { Socket } from 'node:net'
import { opusHeaderPages, OPUS_DELAY_SAMPLES, parseFormat, type AudioFormat } from '../../codec/index.ts'
import type { FanOut, JoinRequest } from '../../rooms/fan-out.ts'
import type { Listener } from '../../rooms/listener.ts'
import type { Credentials, MonitorHolder } from './credentials.ts'
import { endSocket } from './end-socket.ts'
import { ICY_INTERVAL_BYTES, IcySink } from './icy.ts'
import type { PresenceReporter } from './presence-reporter.ts'
import { presentedKey, type RequestHead } from './request-head.ts'
import { boundSocket, SocketSink } from './socket-sink.ts'
import { problemOfRefusal, respondProblem, type StreamProblemCode } from './stream-problem.ts'
import { mp3Wire, oggWire } from './wires.ts'

export interface ListenOptions {
  readonly mp3Format: string
  readonly opusFormat: string
  readonly httpFlushMs: number
  readonly httpBurstMs: number
  readonly frozenTimeoutMs: number
  /** Origins that may listen from a browser page; empty: none. */
  readonly corsOrigins: readonly string[]
  readonly wallMs: () => number
}

type Heard = JoinRequest['hears']

const OGG_HEADERS = opusHeaderPages(OPUS_DELAY_SAMPLES, { vendor: 'Loa', comments: [] })
const MAX_BURST_MS = 3000

/** `GET /listen/{clusterId}.mp3|.opus` for clusters; for users `GET /monitor/{sourceId|orderId}.mp3|.opus`, and `GET /monitor/cluster/{clusterId}.mp3|.opus` with a pass. */
export class ListenEndpoint {
  readonly #fanOut: FanOut
  readonly #credentials: Credentials
  readonly #presence: PresenceReporter
  readonly #options: ListenOptions
  /** What they hear, and the hash of what they came with. */
  readonly #monitors = new Map<Socket, { readonly id: string; readonly tokenHash: string }>()
  refused = 0

  constructor(fanOut: FanOut, credentials: Credentials, presence: PresenceReporter, options: ListenOptions) {
    this.#fanOut = fanOut
    this.#credentials = credentials
    this.#presence = presence
    this.#options = options
  }

  handle(socket: Socket, head: RequestHead): void {
    const isHead = head.method === 'HEAD'
    if (head.method !== 'GET' && !isHead) {
      this.#refuse(socket, 'STREAM_ERR_METHOD', isHead)
      return
    }
    const match = /^\/(listen|monitor|monitor\/cluster)\/([^/]+)\.(mp3|opus)$/.exec(head.path)
    if (match === null) {
      this.#refuse(socket, 'STREAM_ERR_NOT_FOUND', isHead)
      return
    }
    if (!this.#credentials.ready) {
      this.#refuse(socket, 'STREAM_ERR_NOT_READY', isHead)
      return
    }
    const format = this.#format(match[3] as 'mp3' | 'opus', head.query.get('format'))
    if (format === null) {
      this.#refuse(socket, 'STREAM_ERR_FORMAT', isHead)
      return
    }
    const id = match[2]!
    const monitor = match[1] === 'listen' ? null : this.#credentials.monitorHolder(presentedKey(head), match[1] === 'monitor' ? { sourceId: id } : { clusterId: id }, this.#options.wallMs())
    const refusal = monitor === null ? this.#credentials.checkCluster(id, presentedKey(head)) : typeof monitor === 'string' ? monitor : null
    if (refusal !== null) {
      this.#refuse(socket, problemOfRefusal(refusal), isHead)
      return
    }
    const hears = typeof monitor !== 'object' || monitor === null ? { clusterId: id } : match[1] === 'monitor' ? this.#monitorHears(id, monitor) : this.#clusterHears(id, monitor)
    if (hears === null) {
      this.#refuse(socket, 'STREAM_ERR_NOT_FOUND', isHead)
      return
    }

    const icy = format.codec === 'mp3' && head.headers.get('icy-metadata') === '1'
    const headers = this.#responseHead(format, icy, head.headers.get('origin'), monitor !== null)
    if (isHead) {
      endSocket(socket, headers)
      return
    }
    boundSocket(socket, this.#options.frozenTimeoutMs)
    socket.write(format.codec === 'opus' ? Buffer.concat([Buffer.from(headers, 'latin1'), OGG_HEADERS]) : headers)
    if (typeof monitor === 'object' && monitor !== null) this.#watchMonitor(socket, id, monitor, 'followsClusterId' in hears)
    const sink = icy ? new IcySink(socket, 'Loa') : new SocketSink(socket)
    this.#join(socket, sink, format, hears, head.query.get('burstMs'))
  }

  /** Cuts monitors whose token or session is no more, or may not hear this any more. */
  cutRevoked(): void {
    for (const [socket, { id, tokenHash }] of this.#monitors) if (!this.#credentials.mayHear(id, tokenHash)) socket.destroy()
  }

  #monitorHears(id: string, { tokenHash }: MonitorHolder): Heard | null {
    const room = this.#credentials.monitorRoom(id, tokenHash)
    return room === undefined ? null : { room, title: 'Loa' }
  }

  /** Only control knows who may see a cluster, and a pass is its word. */
  #clusterHears(id: string, { pass }: MonitorHolder): Heard | null {
    return pass !== null && this.#credentials.cluster(id) !== undefined ? { followsClusterId: id } : null
  }

  /** @param endsWithPass a right to a cluster may be taken away, which is not told here: so control is asked again now and then, by another pass */
  #watchMonitor(socket: Socket, id: string, { tokenHash, pass }: MonitorHolder, endsWithPass: boolean): void {
    this.#monitors.set(socket, { id, tokenHash })
    const timer = endsWithPass && pass !== null ? setTimeout(() => { socket.destroy() }, pass.expiresAtMs - this.#options.wallMs()) : undefined
    socket.once('close', () => {
      clearTimeout(timer)
      this.#monitors.delete(socket)
    })
  }

  #join(socket: Socket, sink: SocketSink | IcySink, format: AudioFormat, hears: Heard, burst: string | null): void {
    const burstMs = burst === null || !/^\d{1,4}$/.test(burst) ? this.#options.httpBurstMs : Math.min(Number(burst), MAX_BURST_MS)
    const listener: Listener = this.#fanOut.join({ sink, hears, format, wire: format.codec === 'mp3' ? mp3Wire : oggWire, flushMs: this.#options.httpFlushMs, burstMs })
    const left = 'clusterId' in hears ? this.#presence.joined(hears.clusterId, 'http', format.id, socket.remoteAddress ?? '') : null
    // What a listener says after its request is read and thrown away, so that its end is noticed.
    socket.resume()
    socket.once('close', () => {
      this.#fanOut.leave(listener)
      left?.(sink.leaveReason)
    })
  }

  #format(extension: 'mp3' | 'opus', asked: string | null): AudioFormat | null {
    try {
      const format = parseFormat(asked ?? (extension === 'mp3' ? this.#options.mp3Format : this.#options.opusFormat))
      return format.codec === extension ? format : null
    } catch {
      return null
    }
  }

  #responseHead(format: AudioFormat, icy: boolean, origin: string | undefined, isMonitor: boolean): string {
    const lines = [
      'HTTP/1.1 200 OK',
      `Content-Type: ${format.contentType}`,
      'Cache-Control: no-cache, no-store',
      'Pragma: no-cache',
      'Expires: 0',
      'Accept-Ranges: none',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
      'Server: Loa',
      'icy-name: Loa',
      `icy-br: ${String(format.bitrateKbps)}`,
    ]
    if (icy) lines.push(`icy-metaint: ${String(ICY_INTERVAL_BYTES)}`)
    // Who monitors proves himself by what he shows, not by a cookie: his page may be anywhere, as with WHEP.
    if (origin !== undefined && (isMonitor || this.#options.corsOrigins.includes(origin))) lines.push(`Access-Control-Allow-Origin: ${origin}`, 'Vary: Origin')
    return `${lines.join('\r\n')}\r\n\r\n`
  }

  #refuse(socket: Socket, code: StreamProblemCode, head: boolean): void {
    this.refused += 1
    respondProblem(socket, code, { head })
  }
}
