import { connect, type Socket } from 'node:net'

export const HEADER_BYTES = 5
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024
const READ_BYTES = 64 * 1024

/**
 * Cuts a byte stream into messages: 4-byte big-endian payload length, 1 byte kind, payload. The kind is the caller's.
 * Used by the control link, the frame bus and the ingest pipe. A length over `maxBytes` ends the connection: the peer
 * speaks something else.
 */
export function readMessages(socket: Socket, onMessage: (kind: number, payload: Buffer) => void, maxBytes = MAX_MESSAGE_BYTES): void {
  const reader = new MessageReader(socket, onMessage, maxBytes)
  socket.on('data', (chunk: Buffer) => { reader.push(chunk) })
}

/**
 * Like readMessages(), on a Unix socket that is opened here and always reads into the same memory: nothing is allocated for
 * a read, so a payload is only valid until `onMessage` returns.
 * @param path of the socket
 */
export function connectAndReadMessages(path: string, onMessage: (socket: Socket, kind: number, payload: Buffer) => void, maxBytes: number): Socket {
  const memory = Buffer.allocUnsafeSlow(READ_BYTES)
  const socket = connect({
    path,
    onread: {
      buffer: memory,
      callback: (bytes) => {
        // What is kept of an unfinished message must not be overwritten by the next read.
        reader.push(memory.subarray(0, bytes))
        reader.keep()
        return true
      },
    },
  })
  const reader = new MessageReader(socket, (kind, payload) => { onMessage(socket, kind, payload) }, maxBytes)
  return socket
}

class MessageReader {
  readonly #socket: Socket
  readonly #onMessage: (kind: number, payload: Buffer) => void
  readonly #maxBytes: number
  #pending: Buffer[] = []
  #pendingBytes = 0
  #neededBytes = HEADER_BYTES

  constructor(socket: Socket, onMessage: (kind: number, payload: Buffer) => void, maxBytes: number) {
    this.#socket = socket
    this.#onMessage = onMessage
    this.#maxBytes = maxBytes
  }

  push(chunk: Buffer): void {
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes < this.#neededBytes) return
    let bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending, this.#pendingBytes)
    let offset = 0
    for (;;) {
      const left = bytes.length - offset
      if (left < HEADER_BYTES) {
        this.#neededBytes = HEADER_BYTES
        break
      }
      const length = bytes.readUInt32BE(offset)
      if (length > this.#maxBytes) {
        this.#socket.destroy(new Error(`message of ${String(length)} bytes is over the limit of ${String(this.#maxBytes)}`))
        return
      }
      if (left < HEADER_BYTES + length) {
        this.#neededBytes = HEADER_BYTES + length
        break
      }
      this.#onMessage(bytes[offset + 4]!, bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length))
      if (this.#socket.destroyed) return
      offset += HEADER_BYTES + length
    }
    bytes = bytes.subarray(offset)
    this.#pending = bytes.length > 0 ? [bytes] : []
    this.#pendingBytes = bytes.length
  }

  /** Copies what waits for the rest of its message. */
  keep(): void {
    const last = this.#pending.pop()
    if (last !== undefined) this.#pending.push(Buffer.from(last))
  }
}

/** Puts the header before a payload, in one Buffer. */
export function frameMessage(kind: number, payload: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(HEADER_BYTES + payload.length)
  writeHeader(framed, kind)
  payload.copy(framed, HEADER_BYTES)
  return framed
}

/** Writes the header of a payload that stands behind it already. */
export function writeHeader(framed: Buffer, kind: number): void {
  framed.writeUInt32BE(framed.length - HEADER_BYTES, 0)
  framed[4] = kind
}

/** Kind byte of JSON messages on the control link. */
export const KIND_JSON = 1

export function frameJson(message: object): Buffer {
  return frameMessage(KIND_JSON, Buffer.from(JSON.stringify(message), 'utf8'))
}
