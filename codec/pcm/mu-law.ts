/** G.711 µ-law, which RTP calls PCMU (RFC 3551, 4.5.14). */

const BIAS = 0x84
const CLIP = 32_635

/** @param sample signed 16 bits; @returns the code, its bits turned over as they go on the line. */
export function muLawOf(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(CLIP, Math.abs(sample)) + BIAS
  const segment = 31 - Math.clz32(magnitude >> 7)
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff
}

/** @returns the signed 16-bit sample that a code stands for. */
export function sampleOfMuLaw(code: number): number {
  const bits = ~code & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7)) - BIAS
  return (bits & 0x80) === 0 ? magnitude : -magnitude
}
