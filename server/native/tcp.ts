import { createRequire } from 'node:module'
import type { Socket as DatagramSocket } from 'node:dgram'
import type { Socket } from 'node:net'

/** What server/native/tcp.c offers. Results are bytes taken or negated errno. */
export interface TcpNative {
  sendMany(fds: Int32Array, count: number, bytes: Uint8Array, results: Int32Array): void
  setSendBuffer(fd: number, bytes: number): number
  setUserTimeout(fd: number, timeoutMs: number): number
  /** Missing in a build from before it; `npm run setup` makes a new one. */
  readonly setTrafficClass?: (fd: number, family: 0 | 1, value: number) => number
  readonly onlyOwnGroups?: (fd: number, family: 0 | 1) => number
}

function load(): TcpNative | null {
  try {
    return createRequire(import.meta.url)('../../build/tcp.node') as TcpNative
  } catch {
    return null
  }
}

/** Null when it has not been built (`npm run setup`): everything works without, a little slower and with the kernel's own buffer sizes. */
export const tcpNative: TcpNative | null = load()

/** Descriptor of a plain TCP socket, −1 when it has none (TLS, closed). Node does not publish it, so the one look inside is here. */
export function descriptorOf(socket: Socket): number {
  const handle = (socket as unknown as { _handle?: { fd?: number } | null })._handle
  return handle?.fd ?? -1
}

/** The same for a datagram socket, which keeps its handle behind a symbol; reading it as `_handle` is deprecated (DEP0112). */
export function datagramDescriptorOf(socket: DatagramSocket): number {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol')
  if (symbol === undefined) return -1
  return (socket as unknown as Record<symbol, { handle?: { fd?: number } | null } | undefined>)[symbol]?.handle?.fd ?? -1
}
