/** Several Opus frames in one packet (RFC 6716, 3.2), for RTP packets longer than one frame. */

/** Lengths up to here take one byte, longer ones two (RFC 6716, 3.2.1). */
const ONE_BYTE_LENGTH = 251
const VBR_BIT = 0x80

export interface CombinedOpus {
  readonly packet: Buffer
  /** Frames that did not fit to the others and stand in the packet without bytes, so that the decoder conceals them. */
  readonly emptied: number
}

/**
 * Makes one packet of packets that hold one frame each, all of one length. Two frames become code 1 or 2, more become code 3.
 *
 * All frames of a packet share one configuration (mode, bandwidth, length, channels). Where they differ, as they can where speech
 * codec and music codec meet at a cut, the configuration that most frames have is kept (of two equally many, the later one, because
 * after a cut the new sound counts), and the others go as frames of no bytes, which RFC 6716, 3.2.1 means for frames that are not
 * there: the decoder conceals them. So the packet is always as long as its frames, and numbers and times of the stream stay whole.
 * @param packets of one frame each (code 0), 1 to 6 of them (120 ms is the most that a packet may last, RFC 6716, 3.2.5)
 * @throws RangeError when there is none, or one is empty or not of code 0
 */
export function combineOpusPackets(packets: readonly Buffer[]): CombinedOpus {
  if (packets.length === 0 || packets.length > 48) throw new RangeError('1 to 48 packets can be combined')
  for (const packet of packets) if (packet.length === 0 || (packet[0]! & 3) !== 0) throw new RangeError('each packet must hold exactly one frame')
  const [only] = packets
  if (packets.length === 1) return { packet: only!, emptied: 0 }

  const toc = keptToc(packets)
  const frames = packets.map((packet) => (packet[0] === toc ? packet.subarray(1) : packet.subarray(0, 0)))
  const emptied = packets.filter((packet) => packet[0] !== toc).length
  return { packet: packets.length === 2 ? twoFrames(toc, frames) : manyFrames(toc, frames), emptied }
}

function keptToc(packets: readonly Buffer[]): number {
  const counts = new Map<number, number>()
  for (const packet of packets) counts.set(packet[0]!, (counts.get(packet[0]!) ?? 0) + 1)
  let kept = packets[0]![0]!
  for (const packet of packets) if (counts.get(packet[0]!)! >= counts.get(kept)!) kept = packet[0]!
  return kept
}

function twoFrames(toc: number, [first, second]: readonly Buffer[]): Buffer {
  if (first!.length === second!.length) return Buffer.concat([Buffer.from([toc | 1]), first!, second!])
  return Buffer.concat([Buffer.from([toc | 2]), lengthBytes(first!.length), first!, second!])
}

function manyFrames(toc: number, frames: readonly Buffer[]): Buffer {
  if (frames.every(({ length }) => length === frames[0]!.length)) return Buffer.concat([Buffer.from([toc | 3, frames.length]), ...frames])
  return Buffer.concat([Buffer.from([toc | 3, VBR_BIT | frames.length]), ...frames.slice(0, -1).map(({ length }) => lengthBytes(length)), ...frames])
}

function lengthBytes(length: number): Buffer {
  if (length <= ONE_BYTE_LENGTH) return Buffer.from([length])
  const first = 252 + ((length - 252) & 3)
  return Buffer.from([first, (length - first) >> 2])
}
