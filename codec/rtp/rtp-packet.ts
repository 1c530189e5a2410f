/**
 * RTP data packets (RFC 3550, 5.1), written without padding, extension or contributing sources.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           timestamp                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           synchronization source (SSRC) identifier            |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * ```
 */
export const RTP_HEADER_BYTES = 12
export const UINT16 = 0x1_0000
export const UINT32 = 0x1_0000_0000

const VERSION_BITS = 0x80

export interface RtpHeader {
  readonly payloadType: number
  readonly marker: boolean
  /** 0 to 65 535. */
  readonly sequence: number
  /** In ticks of the payload's clock, modulo 2³². */
  readonly timestamp: number
  readonly ssrc: number
}

/** @returns the packet; numbers out of range are taken modulo their field. */
export function rtpPacket(header: RtpHeader, payload: Uint8Array): Buffer {
  const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length)
  packet[0] = VERSION_BITS
  packet[1] = (header.marker ? 0x80 : 0) | (header.payloadType & 0x7f)
  packet.writeUInt16BE(modulo(header.sequence, UINT16), 2)
  packet.writeUInt32BE(modulo(header.timestamp, UINT32), 4)
  packet.writeUInt32BE(modulo(header.ssrc, UINT32), 8)
  packet.set(payload, RTP_HEADER_BYTES)
  return packet
}

/** @returns undefined for anything that is not a whole RTP packet (RFC 3550, A.1). The payload is a view. */
export function parseRtpPacket(packet: Buffer): (RtpHeader & { readonly payload: Buffer }) | undefined {
  const first = packet[0]
  if (first === undefined || packet.length < RTP_HEADER_BYTES || first >> 6 !== 2) return undefined
  let from = RTP_HEADER_BYTES + (first & 0x0f) * 4
  if ((first & 0x10) !== 0) {
    if (packet.length < from + 4) return undefined
    from += 4 + packet.readUInt16BE(from + 2) * 4
  }
  let to = packet.length
  if ((first & 0x20) !== 0) {
    const padding = packet[to - 1]!
    if (padding === 0) return undefined
    to -= padding
  }
  if (to < from) return undefined
  const second = packet[1]!
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(from, to),
  }
}

/** The remainder that is never negative. */
export const modulo = (value: number, of: number): number => ((value % of) + of) % of
