import type { FormatId } from '../../codec/audio-format.ts'
import type { RoomRef } from '../../rooms/plan.ts'

/**
 * What travels between an engine and a fan-out, in messages of framed-socket.ts. Numbers are big-endian.
 *
 * | kind | from | payload |
 * |---|---|---|
 * | 1 hello | both, first | 4 bytes `LOAB`, 1 byte version |
 * | 2 interest | fan-out | JSON array of `{room, format}`; replaces the one before |
 * | 3 stream | engine | 4 bytes stream number, then JSON `{room, format}`: what this number stands for from now on |
 * | 4 batch | engine | entries one after another: 4 bytes stream number, 6 bytes frame index, 1 byte flags, 4 bytes length, the frame |
 *
 * A stream number is told once, when the stream enters a fan-out's interest; when it leaves, both forget it.
 */
export const BUS_VERSION = 1

export const KIND = { HELLO: 1, INTEREST: 2, STREAM: 3, BATCH: 4 } as const

export const HELLO = Buffer.from([0x4c, 0x4f, 0x41, 0x42, BUS_VERSION])

/** A batch is some frames of one tick; a list of interests some thousand entries. More is not this protocol. */
export const MAX_BUS_MESSAGE_BYTES = 16 * 1024 * 1024

export const ENTRY_HEADER_BYTES = 15

export interface StreamName {
  readonly room: RoomRef
  readonly format: FormatId
}

/** @throws when the payload is no list of stream names */
export function readInterest(payload: Buffer): StreamName[] {
  const list: unknown = JSON.parse(payload.toString('utf8'))
  if (!Array.isArray(list)) throw new TypeError('interest must be an array')
  return list.map((entry: unknown) => {
    const { room, format } = entry as Partial<StreamName>
    if (typeof room !== 'string' || typeof format !== 'string') throw new TypeError('each interest must be {room, format}')
    return { room, format }
  })
}
