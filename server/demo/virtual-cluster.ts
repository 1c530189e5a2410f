import { request, type ClientRequest } from 'node:http'
import { WebSocket } from 'ws'
import type { DemoCluster } from './district.ts'

export type Protocol = 'mp3' | 'opus' | 'native'

const RECONNECT_MS = 500
/** Audio messages of the native protocol begin with a header of this length (protocol.md). */
const NATIVE_HEADER_BYTES = 24

/**
 * A cluster without a loudspeaker: stays connected, counts what comes, and keeps it while told to. HTTP clusters hear what
 * any player would; native ones get single frames.
 */
export class VirtualCluster {
  readonly name: string
  readonly protocol: Protocol
  /** Sound bytes so far. */
  bytes = 0
  connections = 0
  #connected = false
  readonly #kept: Buffer[] = []
  readonly #keeps: boolean
  #closed = false
  #timer: NodeJS.Timeout | undefined
  #end: () => void = () => undefined
  readonly #cluster: DemoCluster
  readonly #stream: string

  constructor(cluster: DemoCluster, protocol: Protocol, stream: string, keeps = false) {
    this.name = cluster.name
    this.protocol = protocol
    this.#cluster = cluster
    this.#stream = stream
    this.#keeps = keeps
    this.#connect()
  }

  get connected(): boolean {
    return this.#connected
  }

  /** All sound so far, when it is kept: pieces of one stream, or native frames one by one. */
  kept(): readonly Buffer[] {
    return this.#kept
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#end()
  }

  #connect(): void {
    if (this.protocol === 'native') this.#connectNative()
    else this.#connectHttp(this.protocol)
  }

  #connectHttp(extension: string): void {
    const { id, key } = this.#cluster
    const asked: ClientRequest = request(`${this.#stream}/listen/${id}.${extension}`, { agent: false, headers: { authorization: `Bearer ${key}` } }, (response) => {
      if (response.statusCode !== 200) {
        asked.destroy()
        return
      }
      this.#joined()
      response.on('data', (chunk: Buffer) => this.#heard(chunk))
      response.on('error', () => undefined)
    })
    asked.on('error', () => undefined)
    asked.on('close', () => this.#left())
    asked.end()
    this.#end = () => asked.destroy()
  }

  #connectNative(): void {
    const socket = new WebSocket(`${this.#stream.replace('http', 'ws')}/v1/speaker`, { perMessageDeflate: false })
    socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', protocol: 1, clusterId: this.#cluster.id, key: this.#cluster.key, capabilities: [] })))
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.#heard(data.subarray(NATIVE_HEADER_BYTES))
      else if ((JSON.parse(data.toString('utf8')) as { type: string }).type === 'welcome') this.#joined()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => this.#left())
    this.#end = () => socket.terminate()
  }

  #joined(): void {
    this.#connected = true
    this.connections += 1
  }

  #heard(sound: Buffer): void {
    this.bytes += sound.length
    if (this.#keeps) this.#kept.push(sound)
  }

  #left(): void {
    this.#connected = false
    if (!this.#closed) this.#timer = setTimeout(() => this.#connect(), RECONNECT_MS)
  }
}
