/** Mezzanines are mono 48 kHz 16-bit PCM in the plainest WAV there is: one `fmt ` and one `data` chunk. */
export const WAV_HEADER_BYTES = 44
export const WAV_BYTES_PER_SAMPLE = 2

/** Header of a mezzanine with `samples` samples. */
export function wavHeader(samples: number): Buffer {
  const dataBytes = samples * WAV_BYTES_PER_SAMPLE
  const header = Buffer.alloc(WAV_HEADER_BYTES)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20) // PCM
  header.writeUInt16LE(1, 22) // mono
  header.writeUInt32LE(48_000, 24)
  header.writeUInt32LE(48_000 * WAV_BYTES_PER_SAMPLE, 28)
  header.writeUInt16LE(WAV_BYTES_PER_SAMPLE, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(dataBytes, 40)
  return header
}
