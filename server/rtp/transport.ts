import { createSocket, type Socket } from 'node:dgram'
import { datagramDescriptorOf, tcpNative } from '../native/tcp.ts'

/**
 * Port: where the packets of one output go, and where reports and proofs come from. Left out on purpose: waiting; a datagram that the
 * kernel does not take is lost and counted.
 */
export interface RtpTransport {
  /** Why nothing can be sent; null when it can. */
  readonly fault: string | null
  /** Datagrams that the kernel refused. */
  readonly sendErrors: number
  sendRtp(packet: Buffer): void
  sendRtcp(packet: Buffer): void
  /** To another group of the same scope, such as the one for announcements. */
  sendTo(packet: Buffer, port: number, address: string): void
  /** Idempotent. Lets go out what has been sent. */
  close(): void
}

export interface TransportEvents {
  readonly onRtcp: (datagram: Buffer) => void
  /** Anything that came from the receiver's RTP port to ours. @returns the answer, or null */
  readonly onDatagram: (datagram: Buffer) => Buffer | null
}

/** What a report or a proof may hold at most; the rest of a longer datagram is not read. */
const RECEIVE_BUFFER_BYTES = 256 * 1024

/** Addresses are literals everywhere here: nothing is ever looked up. */
const literal = (host: string, ...rest: unknown[]): void => {
  const done = rest.at(-1) as (error: null, address: string, family: number) => void
  done(null, host, host.includes(':') ? 6 : 4)
}

/** @param shared several sockets may have the port: other outputs of ours, or receivers on this machine */
export function openSocket(family: 4 | 6, shared: boolean): Socket {
  return createSocket({ type: family === 4 ? 'udp4' : 'udp6', reuseAddr: shared, ipv6Only: family === 6, recvBufferSize: RECEIVE_BUFFER_BYTES, lookup: literal })
}

/** Without this, each output would hear the reports of all others on its port. @returns false when it cannot be had: what is foreign is then read and passed over */
export function hearOnlyOwnGroups(socket: Socket, family: 4 | 6): boolean {
  const fd = datagramDescriptorOf(socket)
  return fd >= 0 && tcpNative?.onlyOwnGroups !== undefined && tcpNative.onlyOwnGroups(fd, family === 6 ? 1 : 0) === 0
}

/** DiffServ code point of what a socket sends (RFC 2474). @returns false when the system, or a build without the native part, cannot. */
export function setDscp(socket: Socket, family: 4 | 6, dscp: number): boolean {
  const fd = datagramDescriptorOf(socket)
  return fd >= 0 && tcpNative?.setTrafficClass !== undefined && tcpNative.setTrafficClass(fd, family === 6 ? 1 : 0, dscp << 2) === 0
}
