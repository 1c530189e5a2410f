import { modulo, UINT32 } from './rtp-packet.ts'
import type { NtpTime } from './ntp-time.ts'

/** Control packets of RTP (RFC 3550, 6). All numbers are big-endian; every packet is a whole number of 32-bit words. */
const VERSION_BITS = 0x80
const TYPE = { SENDER_REPORT: 200, RECEIVER_REPORT: 201, DESCRIPTION: 202, BYE: 203 } as const
const ITEM = { CNAME: 1, NAME: 2, TOOL: 6 } as const

const HEADER_BYTES = 4
const SENDER_INFO_BYTES = 20
const BLOCK_BYTES = 24
const MAX_TEXT_BYTES = 255

/** What a sender says of itself (RFC 3550, 6.4.1). */
export interface SenderInfo {
  readonly ssrc: number
  /** When the report is sent, in the sender's wall time. */
  readonly ntp: NtpTime
  /** The same instant in RTP ticks. */
  readonly rtpTimestamp: number
  /** Modulo 2³². */
  readonly packets: number
  /** Payload only, modulo 2³². */
  readonly octets: number
}

/** Who a sender is (RFC 3550, 6.5). */
export interface SenderDescription {
  /** The same for as long as the stream lives, unlike any other's. */
  readonly cname: string
  readonly name?: string
  readonly tool?: string
}

/** What a receiver says of one source (RFC 3550, 6.4.1). */
export interface ReportBlock {
  /** The source it speaks of. */
  readonly ssrc: number
  /** Share of packets lost since the report before, 0 to 1. */
  readonly lostShare: number
  /** Since it began; negative when more came than were sent (duplicates). */
  readonly lostTotal: number
  readonly highestSequence: number
  /** In RTP ticks. */
  readonly jitter: number
  /** Middle of the NTP time of the last sender report it had, 0: none yet. */
  readonly lastSenderReport: number
  /** From that report to this, in units of 2⁻¹⁶ s. */
  readonly delaySinceSenderReport: number
}

export type RtcpPacket =
  | { readonly type: 'sender-report'; readonly sender: SenderInfo; readonly blocks: readonly ReportBlock[] }
  | { readonly type: 'receiver-report'; readonly ssrc: number; readonly blocks: readonly ReportBlock[] }
  | { readonly type: 'description'; readonly chunks: readonly { readonly ssrc: number; readonly items: ReadonlyMap<number, string> }[] }
  | { readonly type: 'bye'; readonly ssrcs: readonly number[]; readonly reason: string }
  | { readonly type: 'other'; readonly packetType: number }

/**
 * A compound packet: sender report and description, which must always go together (RFC 3550, 6.1).
 * @param blocks what it says of those it hears itself, at most 31
 */
export function senderReport(sender: SenderInfo, description: SenderDescription, blocks: readonly ReportBlock[] = []): Buffer {
  return Buffer.concat([senderPart(sender, blocks), descriptionPart(sender.ssrc, description)])
}

/** A compound packet that ends the stream (RFC 3550, 6.6). */
export function senderBye(sender: SenderInfo, description: SenderDescription, reason: string): Buffer {
  const text = textBytes(reason)
  const bye = Buffer.alloc(8 + padded(text.length === 0 ? 0 : 1 + text.length))
  writeHeader(bye, 1, TYPE.BYE)
  bye.writeUInt32BE(modulo(sender.ssrc, UINT32), 4)
  if (text.length > 0) {
    bye[8] = text.length
    text.copy(bye, 9)
  }
  return Buffer.concat([senderPart(sender), descriptionPart(sender.ssrc, description), bye])
}

/** A compound packet of a receiver. */
export function receiverReport(ssrc: number, blocks: readonly ReportBlock[], cname: string): Buffer {
  const report = Buffer.alloc(8 + blocks.length * BLOCK_BYTES)
  writeHeader(report, blocks.length, TYPE.RECEIVER_REPORT)
  report.writeUInt32BE(modulo(ssrc, UINT32), 4)
  for (const [index, block] of blocks.entries()) writeBlock(report, 8 + index * BLOCK_BYTES, block)
  return Buffer.concat([report, descriptionPart(ssrc, { cname })])
}

function senderPart(sender: SenderInfo, blocks: readonly ReportBlock[] = []): Buffer {
  const report = Buffer.alloc(8 + SENDER_INFO_BYTES + blocks.length * BLOCK_BYTES)
  writeHeader(report, blocks.length, TYPE.SENDER_REPORT)
  for (const [index, block] of blocks.entries()) writeBlock(report, 8 + SENDER_INFO_BYTES + index * BLOCK_BYTES, block)
  report.writeUInt32BE(modulo(sender.ssrc, UINT32), 4)
  report.writeUInt32BE(sender.ntp.seconds, 8)
  report.writeUInt32BE(sender.ntp.fraction, 12)
  report.writeUInt32BE(modulo(sender.rtpTimestamp, UINT32), 16)
  report.writeUInt32BE(modulo(sender.packets, UINT32), 20)
  report.writeUInt32BE(modulo(sender.octets, UINT32), 24)
  return report
}

function descriptionPart(ssrc: number, { cname, name, tool }: SenderDescription): Buffer {
  const items = ([[ITEM.CNAME, cname], [ITEM.NAME, name], [ITEM.TOOL, tool]] as const).flatMap(([type, text]) => {
    if (text === undefined || text === '') return []
    const bytes = textBytes(text)
    return [Buffer.from([type, bytes.length]), bytes]
  })
  // The list ends with one null octet at least, and then fills its word (RFC 3550, 6.5).
  const list = Buffer.concat(items)
  const part = Buffer.alloc(8 + padded(list.length + 1))
  writeHeader(part, 1, TYPE.DESCRIPTION)
  part.writeUInt32BE(modulo(ssrc, UINT32), 4)
  list.copy(part, 8)
  return part
}

function writeHeader(bytes: Buffer, count: number, type: number): void {
  bytes[0] = VERSION_BITS | count
  bytes[1] = type
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2)
}

function writeBlock(bytes: Buffer, at: number, block: ReportBlock): void {
  bytes.writeUInt32BE(modulo(block.ssrc, UINT32), at)
  bytes[at + 4] = Math.max(0, Math.min(255, Math.floor(block.lostShare * 256)))
  bytes.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, block.lostTotal)), at + 5, 3)
  bytes.writeUInt32BE(modulo(block.highestSequence, UINT32), at + 8)
  bytes.writeUInt32BE(modulo(block.jitter, UINT32), at + 12)
  bytes.writeUInt32BE(modulo(block.lastSenderReport, UINT32), at + 16)
  bytes.writeUInt32BE(modulo(block.delaySinceSenderReport, UINT32), at + 20)
}

/** UTF-8, cut at a whole character, at most 255 bytes. */
function textBytes(text: string): Buffer {
  let bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= MAX_TEXT_BYTES) return bytes
  let end = MAX_TEXT_BYTES
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1
  bytes = bytes.subarray(0, end)
  return bytes
}

const padded = (bytes: number): number => Math.ceil(bytes / 4) * 4

/**
 * Reads a compound packet as it comes from the network.
 * @returns undefined when it is not one: wrong version, a first packet that is no report, lengths that do not add up (RFC 3550, A.2). Packets of
 * unknown types are passed over; reports inside a sound compound that are too short make all of it unsound.
 */
export function parseRtcp(datagram: Buffer): RtcpPacket[] | undefined {
  const packets: RtcpPacket[] = []
  let at = 0
  while (at < datagram.length) {
    if (datagram.length - at < HEADER_BYTES || datagram[at]! >> 6 !== 2) return undefined
    const length = (datagram.readUInt16BE(at + 2) + 1) * 4
    if (at + length > datagram.length) return undefined
    const type = datagram[at + 1]!
    if (at === 0 && type !== TYPE.SENDER_REPORT && type !== TYPE.RECEIVER_REPORT) return undefined
    let end = at + length
    if ((datagram[at]! & 0x20) !== 0) {
      // Padding may stand in the last packet only, and counts itself.
      const padding = datagram[end - 1]!
      if (end !== datagram.length || padding === 0 || padding % 4 !== 0 || padding > length - HEADER_BYTES) return undefined
      end -= padding
    }
    const packet = parseOne(type, datagram[at]! & 0x1f, datagram.subarray(at + HEADER_BYTES, end))
    if (packet === undefined) return undefined
    packets.push(packet)
    at += length
  }
  return packets.length === 0 ? undefined : packets
}

function parseOne(type: number, count: number, body: Buffer): RtcpPacket | undefined {
  switch (type) {
    case TYPE.SENDER_REPORT: {
      const blocks = parseBlocks(body, 4 + SENDER_INFO_BYTES, count)
      if (blocks === undefined) return undefined
      return {
        type: 'sender-report',
        sender: {
          ssrc: body.readUInt32BE(0),
          ntp: { seconds: body.readUInt32BE(4), fraction: body.readUInt32BE(8) },
          rtpTimestamp: body.readUInt32BE(12),
          packets: body.readUInt32BE(16),
          octets: body.readUInt32BE(20),
        },
        blocks,
      }
    }
    case TYPE.RECEIVER_REPORT: {
      const blocks = parseBlocks(body, 4, count)
      return blocks === undefined ? undefined : { type: 'receiver-report', ssrc: body.readUInt32BE(0), blocks }
    }
    case TYPE.DESCRIPTION:
      return parseDescription(body, count)
    case TYPE.BYE: {
      if (body.length < count * 4) return undefined
      const rest = body.subarray(count * 4)
      return { type: 'bye', ssrcs: Array.from({ length: count }, (_, index) => body.readUInt32BE(index * 4)), reason: rest.toString('utf8', 1, 1 + (rest[0] ?? 0)) }
    }
    default:
      return { type: 'other', packetType: type }
  }
}

function parseBlocks(body: Buffer, from: number, count: number): ReportBlock[] | undefined {
  if (body.length < from + count * BLOCK_BYTES) return undefined
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * BLOCK_BYTES
    return {
      ssrc: body.readUInt32BE(at),
      lostShare: body[at + 4]! / 256,
      lostTotal: body.readIntBE(at + 5, 3),
      highestSequence: body.readUInt32BE(at + 8),
      jitter: body.readUInt32BE(at + 12),
      lastSenderReport: body.readUInt32BE(at + 16),
      delaySinceSenderReport: body.readUInt32BE(at + 20),
    }
  })
}

function parseDescription(body: Buffer, count: number): RtcpPacket | undefined {
  const chunks: { ssrc: number; items: Map<number, string> }[] = []
  let at = 0
  for (let chunk = 0; chunk < count; chunk += 1) {
    if (body.length - at < 4) return undefined
    const ssrc = body.readUInt32BE(at)
    const items = new Map<number, string>()
    at += 4
    for (;;) {
      const type = body[at]
      if (type === undefined) return undefined
      if (type === 0) break
      const length = body[at + 1]
      if (length === undefined || at + 2 + length > body.length) return undefined
      items.set(type, body.toString('utf8', at + 2, at + 2 + length))
      at += 2 + length
    }
    at = padded(at + 1)
    chunks.push({ ssrc, items })
  }
  return { type: 'description', chunks }
}
