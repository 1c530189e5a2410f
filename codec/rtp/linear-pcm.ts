/** Uncompressed sound as RTP carries it: signed, big-endian, channels interleaved (L16: RFC 3551, 4.5.11; L24: RFC 3190, 4). */
export interface LinearFormat {
  readonly bytesPerSample: 2 | 3
  readonly channels: number
}

/** Samples of each channel that a payload holds; an incomplete last one is not counted. */
export const linearSamples = (payload: Buffer, { bytesPerSample, channels }: LinearFormat): number => Math.floor(payload.length / (bytesPerSample * channels))

/** Mono, full scale ±1: the mean of the channels. */
export function linearToMono(payload: Buffer, format: LinearFormat): Float32Array {
  const { bytesPerSample, channels } = format
  const out = new Float32Array(linearSamples(payload, format))
  const scale = 1 / (channels * 2 ** (8 * bytesPerSample - 1))
  for (let i = 0, at = 0; i < out.length; i += 1) {
    let sum = 0
    for (let channel = 0; channel < channels; channel += 1, at += bytesPerSample) sum += payload.readIntBE(at, bytesPerSample)
    out[i] = sum * scale
  }
  return out
}
