import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { pinnedLookup, type AddressCheck } from './address-check.ts'

const CONNECT_TIMEOUT_MS = 5000

/** A way out for ffmpeg's own HTTP, which reads playlists and follows what they say. */
export interface EgressProxy {
  /** For the child's environment: ffmpeg reads it for http and, by CONNECT, for https. Not on the command line, which every user of the machine can read. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/**
 * Opens an HTTP proxy on the loopback that connects to checked addresses only, whatever a playlist or a redirect says.
 * TLS goes through it end to end. It serves only who knows its password.
 */
export async function openEgressProxy(addresses: AddressCheck): Promise<EgressProxy> {
  const password = randomBytes(24).toString('base64url')
  const expected = Buffer.from(`Basic ${Buffer.from(`loa:${password}`).toString('base64')}`)
  const sockets = new Set<Duplex>()
  const isAllowed = (request: IncomingMessage): boolean => {
    const given = Buffer.from(request.headers['proxy-authorization'] ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  const server = createServer((request, response) => {
    if (isAllowed(request)) void forward(request, response, addresses)
    else response.writeHead(407, { 'proxy-authenticate': 'Basic realm="loa"', 'content-length': '0' }).end()
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined)
    if (isAllowed(request)) void tunnel(request.url ?? '', socket, head, addresses)
    else socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="loa"\r\nContent-Length: 0\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  server.unref()
  const { port } = server.address() as AddressInfo

  return {
    environment: { http_proxy: `http://loa:${password}@127.0.0.1:${String(port)}` },
    async close() {
      if (!server.listening) return
      const closed = new Promise<void>((resolve) => server.close(() => { resolve() }))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function forward(request: IncomingMessage, response: ServerResponse, addresses: AddressCheck): Promise<void> {
  try {
    const url = new URL(request.url ?? '')
    if (url.protocol !== 'http:' || request.method !== 'GET') throw new Error('only GET of http URLs')
    const pinned = pinnedLookup(await addresses(url.hostname))
    const headers = { ...request.headers }
    delete headers['proxy-authorization']
    delete headers['proxy-connection']
    const onward = httpRequest(url, { agent: false, lookup: pinned, headers: { ...headers, connection: 'close' }, timeout: CONNECT_TIMEOUT_MS })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('error', () => { response.destroy() })
      answer.pipe(response)
    })
    onward.on('error', () => { refuse(response) })
    onward.on('timeout', () => { onward.destroy() })
    response.on('close', () => { onward.destroy() })
    onward.end()
  } catch {
    refuse(response)
  }
}

function refuse(response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(403, { 'content-length': '0', connection: 'close' }).end()
}

async function tunnel(authority: string, socket: Duplex, head: Buffer, addresses: AddressCheck): Promise<void> {
  try {
    const { hostname, port } = new URL(`https://${authority}`)
    const pinned = pinnedLookup(await addresses(hostname))
    const onward = connect({ host: hostname, port: port === '' ? 443 : Number(port), lookup: pinned, timeout: CONNECT_TIMEOUT_MS })
    onward.on('connect', () => {
      onward.setTimeout(0)
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
    })
    onward.on('error', () => { socket.destroy() })
    onward.on('timeout', () => { onward.destroy() })
    onward.on('close', () => { socket.destroy() })
    socket.on('close', () => { onward.destroy() })
  } catch {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
  }
}
