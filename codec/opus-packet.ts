/** Reading what the first bytes of an Opus packet say about it, without decoding (RFC 6716, 3). */

export type OpusLayer = 'silk' | 'hybrid' | 'celt'

/** 120 ms at 48 kHz (RFC 6716, 3.2.5, R5). */
const MAX_PACKET_SAMPLES = 5760

/** The layer that made the packet (RFC 6716, 3.1, table 2). `toc` is its first byte. */
export function opusLayer(toc: number): OpusLayer {
  const config = toc >> 3
  return config < 12 ? 'silk' : config < 16 ? 'hybrid' : 'celt'
}

/** @returns length at 48 kHz, or undefined when the packet is empty or breaks the rules that can be seen from outside. */
export function opusPacketSamples(packet: Uint8Array): number | undefined {
  const toc = packet[0]
  if (toc === undefined) return undefined
  const frames = frameCount(packet, toc & 3)
  if (frames === undefined) return undefined
  const samples = frames * frameSamples(toc >> 3)
  return samples <= MAX_PACKET_SAMPLES ? samples : undefined
}

function frameCount(packet: Uint8Array, code: number): number | undefined {
  if (code === 0) return 1
  if (code < 3) return 2
  const count = (packet[1] ?? 0) & 0x3f
  return count > 0 ? count : undefined
}

function frameSamples(config: number): number {
  if (config < 12) return [480, 960, 1920, 2880][config & 3] as number
  if (config < 16) return (config & 1) === 0 ? 480 : 960
  return 120 << (config & 3)
}
