import type { Socket } from 'node:net'

const HEADER_BYTES = 5
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

/**
 * Cuts a byte stream into messages: 4-byte big-endian payload length, 1 byte kind, payload. The kind is the caller's.
 * Used by the control link, the frame bus and the ingest pipe. A length over `maxBytes` ends the connection: the peer
 * speaks something else.
 */
export function readMessages(socket: Socket, onMessage: (kind: number, payload: Buffer) => void, maxBytes = MAX_MESSAGE_BYTES): void {
  let pending: Buffer[] = []
  let pendingBytes = 0
  let neededBytes = HEADER_BYTES

  socket.on('data', (chunk: Buffer) => {
    pending.push(chunk)
    pendingBytes += chunk.length
    if (pendingBytes < neededBytes) return
    let bytes = pending.length === 1 ? chunk : Buffer.concat(pending, pendingBytes)
    let offset = 0
    for (;;) {
      const left = bytes.length - offset
      if (left < HEADER_BYTES) {
        neededBytes = HEADER_BYTES
        break
      }
      const length = bytes.readUInt32BE(offset)
      if (length > maxBytes) {
        socket.destroy(new Error(`message of ${String(length)} bytes is over the limit of ${String(maxBytes)}`))
        return
      }
      if (left < HEADER_BYTES + length) {
        neededBytes = HEADER_BYTES + length
        break
      }
      onMessage(bytes[offset + 4]!, bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length))
      if (socket.destroyed) return
      offset += HEADER_BYTES + length
    }
    bytes = bytes.subarray(offset)
    pending = bytes.length > 0 ? [bytes] : []
    pendingBytes = bytes.length
  })
}

/** Puts the header before a payload, in one Buffer. */
export function frameMessage(kind: number, payload: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(HEADER_BYTES + payload.length)
  framed.writeUInt32BE(payload.length, 0)
  framed[4] = kind
  payload.copy(framed, HEADER_BYTES)
  return framed
}

/** Kind byte of JSON messages on the control link. */
export const KIND_JSON = 1

export function frameJson(message: object): Buffer {
  return frameMessage(KIND_JSON, Buffer.from(JSON.stringify(message), 'utf8'))
}
