import { OPUS_FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../audio-format.ts'
import { CodecError } from '../codec-error.ts'
import { oggCrc32 } from './crc32.ts'

/**
 * Ogg pages as a pure function of the house clock: the page of a packet depends on nothing but the packet and its frame index, so
 * one page's bytes serve every listener of every room, and a listener who is moved between rooms goes on reading one stream.
 */

/** Every logical stream of ours has this serial number ('LOA1'); a chained or second stream never comes in the same body. */
export const OGG_SERIAL = 0x4c4f4131

const HEADER_BYTES = 27
const CHECKSUM_OFFSET = 22
const FLAG_BEGIN_OF_STREAM = 2
const FLAG_END_OF_STREAM = 4

/** OpusHead has page 0, OpusTags page 1 (RFC 7845, 3). */
const HEADER_PAGES = 2
const UINT32 = 0x1_0000_0000

/** Of one page (RFC 3533, 6). A packet has a segment for every 255 bytes and one for the rest. */
export const MAX_PAGE_SEGMENTS = 255

/** Segments that a packet takes of a page with its end. */
export const segmentsOf = (packet: Uint8Array): number => Math.floor(packet.length / 255) + 1

/**
 * One packet of 20 ms as one Ogg page (RFC 3533, 6).
 *
 * - Page sequence: (2 + frameIndex) mod 2³². It is continuous from page to page in every room. Between OpusTags (page 1) and the first page a
 *   listener gets there is a gap, which readers take for lost pages; nothing was begun before, so nothing is missing.
 * - Granule position: (frameIndex + 1) × 960, the count of samples at 48 kHz up to the end of the packet. RFC 7845, 4: the PCM
 *   position of a sample is its granule position less the pre-skip; 4.3 allows a stream that was joined late to start at any
 *   granule position. So sample n of the house clock, delayed by the encoder's look-ahead which equals the pre-skip, has the PCM position n.
 * @param frameIndex 0 to 2⁵³/960.
 * @throws CodecError `CODEC_ERR_FRAME_SIZE`
 */
export function opusPage(packet: Buffer, frameIndex: number): Buffer {
  return page([packet], 0, (HEADER_PAGES + frameIndex) % UINT32, (frameIndex + 1) * OPUS_FRAME_SAMPLES)
}

/**
 * Packets of 20 ms that follow on one another as one page, for files: a page a packet costs a third of a file.
 * @param firstFrameIndex of the first of them.
 * @param sequence of the page in its file; the headers have 0 and 1.
 * @param isLast nothing comes after it.
 * @throws CodecError `CODEC_ERR_FRAME_SIZE` when they take more than 255 segments.
 */
export function opusPageOf(packets: readonly Uint8Array[], firstFrameIndex: number, sequence: number, isLast: boolean): Buffer {
  return page(packets, isLast ? FLAG_END_OF_STREAM : 0, sequence, (firstFrameIndex + packets.length) * OPUS_FRAME_SAMPLES)
}

export interface OpusTags {
  readonly vendor: string
  /** `NAME=value` in UTF-8, e.g. `TITLE=Lũ`. */
  readonly comments: readonly string[]
}

/**
 * The two pages every Ogg Opus body begins with: OpusHead and OpusTags (RFC 7845, 5).
 * @param preSkipSamples what the reader drops at its start: the encoder's `delaySamples`.
 * @throws CodecError `CODEC_ERR_FRAME_SIZE` when the tags do not fit in one page.
 */
export function opusHeaderPages(preSkipSamples: number, tags: OpusTags): Buffer {
  return Buffer.concat([
    page([opusHead(preSkipSamples)], FLAG_BEGIN_OF_STREAM, 0, 0),
    page([opusTags(tags)], 0, 1, 0),
  ])
}

function opusHead(preSkipSamples: number): Buffer {
  const head = Buffer.alloc(19)
  head.write('OpusHead', 0, 'latin1')
  head.writeUInt8(1, 8) // version
  head.writeUInt8(1, 9) // channels
  head.writeUInt16LE(preSkipSamples, 10)
  head.writeUInt32LE(SAMPLE_RATE_HZ, 12) // rate of the original; for information only
  head.writeInt16LE(0, 16) // output gain
  head.writeUInt8(0, 18) // mapping family 0: mono or stereo, one stream
  return head
}

function opusTags(tags: OpusTags): Buffer {
  const strings = [tags.vendor, ...tags.comments].map((text) => Buffer.from(text, 'utf8'))
  const packet = Buffer.alloc(8 + 4 + strings.reduce((bytes, text) => bytes + 4 + text.length, 0))
  packet.write('OpusTags', 0, 'latin1')
  let at = 8
  strings.forEach((text, index) => {
    at = packet.writeUInt32LE(text.length, at)
    at += text.copy(packet, at)
    if (index === 0) at = packet.writeUInt32LE(tags.comments.length, at)
  })
  return packet
}

// Hot path: once per frame per Opus room.
function page(packets: readonly Uint8Array[], flags: number, sequence: number, granule: number): Buffer {
  let segments = 0
  let bodyBytes = 0
  for (const packet of packets) {
    segments += segmentsOf(packet)
    bodyBytes += packet.length
  }
  if (segments > MAX_PAGE_SEGMENTS) throw new CodecError('CODEC_ERR_FRAME_SIZE', `${String(bodyBytes)} bytes in ${String(packets.length)} packets do not fit in one Ogg page`)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + segments + bodyBytes)
  bytes.writeUInt32BE(0x4f676753, 0) // 'OggS'
  bytes[4] = 0 // version
  bytes[5] = flags
  bytes.writeUInt32LE(granule % UINT32, 6)
  bytes.writeUInt32LE(Math.floor(granule / UINT32), 10)
  bytes.writeUInt32LE(OGG_SERIAL, 14)
  bytes.writeUInt32LE(sequence, 18)
  bytes.writeUInt32LE(0, CHECKSUM_OFFSET) // RFC 3533, 6: the checksum is made with this field zero
  bytes[26] = segments
  let lacing = HEADER_BYTES
  let body = HEADER_BYTES + segments
  for (const packet of packets) {
    const full = segmentsOf(packet) - 1
    bytes.fill(255, lacing, lacing + full)
    bytes[lacing + full] = packet.length - full * 255
    lacing += full + 1
    bytes.set(packet, body)
    body += packet.length
  }
  bytes.writeUInt32LE(oggCrc32(bytes, 0, bytes.length), CHECKSUM_OFFSET)
  return bytes
}
