/** G.711 A-law, which RTP calls PCMA (RFC 3551, 4.5.14). */

/** Even bits are turned over on the line. */
const LINE_BITS = 0x55

/** @param sample signed 16 bits; @returns the code as it goes on the line. */
export function aLawOf(sample: number): number {
  // A-law has 13 bits; negative values are counted from −1.
  const shifted = sample >> 3
  const magnitude = shifted < 0 ? -shifted - 1 : shifted
  const segment = Math.max(0, 27 - Math.clz32(magnitude))
  const code = (segment << 4) | ((magnitude >> Math.max(1, segment)) & 0x0f)
  return (code | (shifted < 0 ? 0 : 0x80)) ^ LINE_BITS
}

/** @returns the signed 16-bit sample that a code stands for. */
export function sampleOfALaw(code: number): number {
  const bits = code ^ LINE_BITS
  const segment = (bits >> 4) & 7
  const step = ((bits & 0x0f) << 4) | 8
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1)
  return (bits & 0x80) === 0 ? -magnitude : magnitude
}
