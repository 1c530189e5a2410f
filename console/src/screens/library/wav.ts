const HEADER_BYTES = 44

/** A sound as a WAV file: mono, 16 bit. @param samples −1 to 1 */
export function encodeWav(samples: Float32Array, sampleRateHz: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + samples.length * 2)
  const view = new DataView(bytes.buffer)
  const text = (at: number, word: string): void => { for (let index = 0; index < word.length; index++) view.setUint8(at + index, word.charCodeAt(index)) }
  text(0, 'RIFF')
  view.setUint32(4, bytes.length - 8, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, sampleRateHz, true)
  view.setUint32(28, sampleRateHz * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, samples.length * 2, true)
  for (let index = 0; index < samples.length; index++) view.setInt16(HEADER_BYTES + index * 2, Math.round(Math.max(-1, Math.min(1, samples[index]!)) * 32_767), true)
  return bytes
}

/** Largest sample of each of `count` equal parts. */
export function peaksOf(samples: Float32Array, count: number): readonly number[] {
  const parts = Math.min(count, samples.length)
  return Array.from({ length: parts }, (_, index) => {
    let max = 0
    const until = Math.floor(((index + 1) * samples.length) / parts)
    for (let at = Math.floor((index * samples.length) / parts); at < until; at++) max = Math.max(max, Math.abs(samples[at]!))
    return max
  })
}
