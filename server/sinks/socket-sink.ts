import type { Socket } from 'node:net'
import type { BatchWriter, LeaveReason, ListenerSink } from '../../rooms/listener.ts'
import type { PlanSegment } from '../../rooms/plan.ts'
import { descriptorOf, tcpNative } from '../native/tcp.ts'
import { endSocket } from './end-socket.ts'

/**
 * Kernel send buffer of a listener. The kernel accounts whole pages of memory for small writes, so this holds about two to
 * three seconds of 64 kbit/s; what is older is not worth sending.
 */
const SEND_BUFFER_BYTES = 16 * 1024

/** The kernel's clock runs from the first byte not taken, ours from when nothing more fits into the kernel. */
const USER_TIMEOUT_SLACK_MS = 5000

/** Keeps a listener's socket from holding old sound in the kernel, and ends it when the far side is gone without a word. */
export function boundSocket(socket: Socket, frozenTimeoutMs: number): void {
  socket.setNoDelay(true)
  const fd = descriptorOf(socket)
  if (fd < 0 || tcpNative === null) return
  tcpNative.setSendBuffer(fd, SEND_BUFFER_BYTES)
  tcpNative.setUserTimeout(fd, frozenTimeoutMs + USER_TIMEOUT_SLACK_MS)
}

/** A listener at the end of a TCP connection that takes the bytes as they are. */
export class SocketSink implements ListenerSink {
  readonly #socket: Socket
  readonly #fd: number
  readonly #farewell: ((reason: LeaveReason) => Buffer | null) | null
  /** Why it was let go; `closed` when the far side went by itself. */
  leaveReason: LeaveReason = 'closed'
  timedOut = false
  readonly onSegment?: (segment: PlanSegment | null) => void

  /**
   * @param onSegment told when what is on air changes
   * @param farewell last bytes to a listener that is let go in order, e.g. a WebSocket close frame
   */
  constructor(socket: Socket, onSegment?: (segment: PlanSegment | null) => void, farewell: ((reason: LeaveReason) => Buffer | null) | null = null) {
    this.#socket = socket
    this.#fd = tcpNative === null ? -1 : descriptorOf(socket)
    this.#farewell = farewell
    if (onSegment !== undefined) this.onSegment = onSegment
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ETIMEDOUT') return
      this.timedOut = true
      this.leaveReason = 'frozen'
    })
  }

  // Node closes the descriptor in destroy(), after which `destroyed` is true at once: a number that the kernel has given
  // to another connection meanwhile is never written to.
  get state(): 'open' | 'full' | 'gone' {
    if (this.#socket.destroyed) return 'gone'
    return this.#socket.writableLength > 0 ? 'full' : 'open'
  }

  get fd(): number {
    return this.#fd
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  close(reason: LeaveReason): void {
    this.leaveReason = reason
    if (reason === 'frozen') this.#socket.destroy()
    else endSocket(this.#socket, this.#farewell?.(reason) ?? undefined)
  }
}

/** Writes to many sockets in one call into the kernel's neighbour; a socket that takes only a part gets the rest through Node. */
export class NativeBatchWriter implements BatchWriter {
  #fds = new Int32Array(1024)
  #results = new Int32Array(1024)

  send(sinks: readonly ListenerSink[], count: number, bytes: Buffer): void {
    if (tcpNative === null) {
      for (let index = 0; index < count; index += 1) sinks[index]!.write(bytes)
      return
    }
    if (count > this.#fds.length) {
      this.#fds = new Int32Array(count * 2)
      this.#results = new Int32Array(count * 2)
    }
    for (let index = 0; index < count; index += 1) this.#fds[index] = sinks[index]!.fd
    tcpNative.sendMany(this.#fds, count, bytes, this.#results)
    for (let index = 0; index < count; index += 1) {
      const sent = this.#results[index]!
      // An error is left to Node: its own write meets the same error and closes the socket in the usual way.
      if (sent !== bytes.length) sinks[index]!.write(sent > 0 ? bytes.subarray(sent) : bytes)
    }
  }
}
