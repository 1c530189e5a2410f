import { wavHeader } from '../../server/clips/wav-file.ts'

/** A WAV file, mono, 48 kHz, 16 bits. */
export function wavFile(pcm: Float32Array): Buffer {
  const bytes = Buffer.alloc(pcm.length * 2)
  for (let at = 0; at < pcm.length; at += 1) bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, pcm[at]!)) * 32_767), at * 2)
  return Buffer.concat([wavHeader(pcm.length), bytes])
}
