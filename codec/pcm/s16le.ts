import { CodecError } from '../codec-error.ts'

const FULL_SCALE = 32768
const MAX_SAMPLE = 32767

/** Typed arrays have the machine's byte order; every platform Node 24 supports for us is little-endian, and this holds it to that. */
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/**
 * Writes samples of full scale ±1 as signed 16-bit little-endian into `bytes`, rounded, clipped, NaN as 0.
 * @throws CodecError `CODEC_ERR_FRAME_SIZE` when `bytes` is too short.
 */
export function floatToS16le(samples: Float32Array, bytes: Buffer): void {
  // Hot path: once per frame per Opus encoder.
  if (bytes.length < samples.length * 2) throw new CodecError('CODEC_ERR_FRAME_SIZE', `${String(samples.length)} samples do not fit in ${String(bytes.length)} bytes`)
  if (HOST_IS_LITTLE_ENDIAN && (bytes.byteOffset & 1) === 0) {
    const words = new Int16Array(bytes.buffer, bytes.byteOffset, samples.length)
    for (let i = 0; i < samples.length; i += 1) words[i] = toS16(samples[i] as number)
    return
  }
  for (let i = 0; i < samples.length; i += 1) bytes.writeInt16LE(toS16(samples[i] as number), i * 2)
}

/** Reads signed 16-bit little-endian samples; a last odd byte is left out. */
export function s16leToFloat(bytes: Buffer): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(bytes.length >> 1)
  if (HOST_IS_LITTLE_ENDIAN && (bytes.byteOffset & 1) === 0) {
    const words = new Int16Array(bytes.buffer, bytes.byteOffset, samples.length)
    for (let i = 0; i < samples.length; i += 1) samples[i] = (words[i] as number) / FULL_SCALE
    return samples
  }
  for (let i = 0; i < samples.length; i += 1) samples[i] = bytes.readInt16LE(i * 2) / FULL_SCALE
  return samples
}

function toS16(sample: number): number {
  const scaled = Math.round(sample * FULL_SCALE)
  if (scaled > MAX_SAMPLE) return MAX_SAMPLE
  if (scaled < -FULL_SCALE) return -FULL_SCALE
  // Math.round(NaN) is NaN; as a bit operation it is 0.
  return scaled | 0
}
