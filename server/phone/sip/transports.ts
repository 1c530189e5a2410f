import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, connect as connectTcp, isIPv6, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { FramingError, StreamFramer } from './stream-framer.ts'

export type SipProtocol = 'UDP' | 'TCP' | 'TLS'

/** A way to one far end: for UDP its address, for the others a connection. */
export interface Flow {
  readonly protocol: SipProtocol
  readonly address: string
  readonly port: number
  readonly open: boolean
  /** Loses what cannot be sent: who waits for an answer has timers. */
  send(bytes: Buffer): void
  /** Called once when it has closed; at once when it has. Never for UDP. */
  onClose(fire: () => void): void
}

export interface TransportOptions {
  readonly address: string
  /** For UDP and TCP; 0: any. */
  readonly port: number
  readonly tls: { readonly port: number; readonly certificate: string; readonly key: string } | null
  /** Certificates of authorities, PEM, that providers are checked with; null: those of the system. */
  readonly trustedCertificates: string | null
  /** Connections of others are closed before a byte is read. */
  mayConnect(address: string): boolean
  onMessage(bytes: Buffer, flow: Flow): void
}

const CONNECT_MS = 10_000
/** Without a byte for so long; providers and phones send pings. */
const IDLE_MS = 300_000
const MAX_CONNECTIONS = 256
const MAX_CONNECTIONS_EACH = 16
/** Waiting to be sent on a connection that takes nothing: it is cut. */
const MAX_QUEUED_BYTES = 256 * 1024
const SIP_RECEIVE_BUFFER_BYTES = 1024 * 1024
const PING = Buffer.from('\r\n\r\n')
const PONG = Buffer.from('\r\n')

/** The sockets of SIP. They give whole messages, bounded, and know nothing of what is in them. */
export class Transports {
  readonly port: number
  readonly tlsPort: number | null
  readonly #options: TransportOptions
  readonly #udp: UdpSocket
  readonly #servers: readonly Server[]
  readonly #connections = new Set<Socket>()
  #localAddresses = new Map<string, Promise<string>>()
  #closed = false

  /** @throws the system's error when a port cannot be had */
  static async open(options: TransportOptions): Promise<Transports> {
    const { address, tls } = options
    // Of two sockets on any port the second must get the same.
    for (let tries = options.port === 0 ? 20 : 1; ; tries -= 1) {
      const udp = await openUdp(address, options.port)
      const { port } = udp.address()
      const tcp = createServer()
      try {
        await listening(tcp, address, port)
      } catch (error) {
        udp.close()
        if (tries > 1) continue
        throw error
      }
      const secure = tls === null ? null : createTlsServer({ cert: tls.certificate, key: tls.key, handshakeTimeout: CONNECT_MS })
      if (secure !== null && tls !== null) await listening(secure, address, tls.port)
      return new Transports(options, udp, tcp, secure)
    }
  }

  private constructor(options: TransportOptions, udp: UdpSocket, tcp: Server, secure: Server | null) {
    this.#options = options
    this.#udp = udp
    this.#servers = secure === null ? [tcp] : [tcp, secure]
    this.port = udp.address().port
    this.tlsPort = secure === null ? null : portOf(secure)
    udp.on('message', (bytes, from) => { options.onMessage(bytes, this.udpFlow(from.address, from.port)) })
    udp.on('error', () => undefined)
    tcp.on('connection', (socket) => { if (this.#admits(socket)) this.#serve(socket, 'TCP') })
    secure?.on('connection', (socket: Socket) => { this.#admits(socket) })
    secure?.on('secureConnection', (socket: Socket) => { this.#serve(socket, 'TLS') })
    for (const server of this.#servers) server.on('error', () => undefined)
    secure?.on('tlsClientError', () => undefined)
  }

  udpFlow(address: string, port: number): Flow {
    return {
      protocol: 'UDP', address, port, open: true,
      // A forged datagram may come from port 0, to which the runtime throws.
      send: (bytes) => { if (!this.#closed && port !== 0) this.#udp.send(bytes, port, address, () => undefined) },
      onClose: () => undefined,
    }
  }

  /**
   * @param name what the certificate must say, for TLS
   * @throws when the far end cannot be reached within ten seconds, or its certificate is not trusted
   */
  connect(protocol: 'TCP' | 'TLS', address: string, port: number, name: string): Promise<Flow> {
    return new Promise((resolve, reject) => {
      const ca = this.#options.trustedCertificates
      const socket = protocol === 'TCP'
        ? connectTcp({ host: address, port })
        : connectTls({ host: address, port, servername: /^[\d.]+$|:/.test(name) ? '' : name, ...(ca === null ? {} : { ca }) })
      const giveUp = setTimeout(() => { socket.destroy(new Error('no connection within ten seconds')) }, CONNECT_MS)
      socket.once('error', reject)
      socket.once('close', () => {
        clearTimeout(giveUp)
        reject(new Error('the connection was closed'))
      })
      socket.once(protocol === 'TCP' ? 'connect' : 'secureConnect', () => {
        clearTimeout(giveUp)
        resolve(this.#serve(socket, protocol))
      })
    })
  }

  /** Our address as the kernel would write it into a datagram for `remote`. */
  localAddress(remote: string): Promise<string> {
    const { address } = this.#options
    if (address !== '0.0.0.0' && address !== '::') return Promise.resolve(address)
    if (this.#localAddresses.size > 1000) this.#localAddresses = new Map()
    let found = this.#localAddresses.get(remote)
    if (found === undefined) {
      found = addressToward(remote)
      this.#localAddresses.set(remote, found)
      // Addresses of a machine change: the next call looks anew.
      void found.finally(() => setTimeout(() => this.#localAddresses.delete(remote), 30_000).unref())
    }
    return found
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const socket of this.#connections) socket.destroy()
    await Promise.all([
      new Promise<void>((resolve) => { this.#udp.close(() => { resolve() }) }),
      ...this.#servers.map((server) => new Promise<void>((resolve) => { server.close(() => { resolve() }) })),
    ])
  }

  #admits(socket: Socket): boolean {
    const address = socket.remoteAddress ?? ''
    const ofThis = [...this.#connections].filter((one) => one.remoteAddress === address).length
    if (this.#options.mayConnect(address) && this.#connections.size < MAX_CONNECTIONS && ofThis < MAX_CONNECTIONS_EACH) return true
    socket.destroy()
    return false
  }

  #serve(socket: Socket, protocol: 'TCP' | 'TLS'): Flow {
    const address = socket.remoteAddress ?? ''
    const port = socket.remotePort ?? 0
    const framer = new StreamFramer()
    const flow: Flow = {
      protocol, address, port,
      get open() {
        return socket.writable
      },
      send: (bytes) => {
        if (!socket.writable) return
        if (socket.writableLength > MAX_QUEUED_BYTES) socket.destroy()
        else socket.write(bytes)
      },
      onClose: (fire) => {
        if (socket.closed) fire()
        else socket.once('close', fire)
      },
    }
    this.#connections.add(socket)
    socket.setMaxListeners(0)
    socket.setNoDelay(true)
    socket.setTimeout(IDLE_MS, () => { socket.destroy() })
    socket.on('error', () => undefined)
    socket.on('close', () => { this.#connections.delete(socket) })
    socket.on('data', (chunk: Buffer) => {
      try {
        const { messages, pings } = framer.push(chunk)
        for (let ping = 0; ping < Math.min(pings, 4); ping += 1) flow.send(PONG)
        for (const message of messages) this.#options.onMessage(message, flow)
      } catch (error) {
        if (!(error instanceof FramingError)) throw error
        socket.destroy()
      }
    })
    return flow
  }
}

/** Keeps a NAT's binding and a connection alive (RFC 5626, 3.5.1 and 4.4.1). */
export const ping = (flow: Flow): void => { flow.send(PING) }

function openUdp(address: string, port: number): Promise<UdpSocket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address), recvBufferSize: SIP_RECEIVE_BUFFER_BYTES })
    socket.once('error', reject)
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeListener('error', reject)
      resolve(socket)
    })
  })
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true, ipv6Only: isIPv6(host) }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a listening server has an address')
  return address.port
}

function addressToward(remote: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(remote) ? 'udp6' : 'udp4')
    const end = (address: string): void => {
      resolve(address)
      socket.close()
    }
    socket.once('error', () => { end(isIPv6(remote) ? '::1' : '127.0.0.1') })
    socket.connect(9, remote, () => { end(socket.address().address) })
  })
}
