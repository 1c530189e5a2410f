import { floatToS16le, s16leToFloat } from '../../codec/index.ts'

/** Marks a sample of a pause: the caller is silent on purpose. Voices stop one step before it. */
const PAUSE = -0x8000

/** 16-bit samples of a voice, as the telephone process sends them to an engine. @param pcm full scale ±1 */
export function voiceBytes(pcm: Float32Array): Buffer {
  const bytes = Buffer.alloc(pcm.length * 2)
  floatToS16le(pcm, bytes)
  for (let at = 0; at < bytes.length; at += 2) if (bytes.readInt16LE(at) === PAUSE) bytes.writeInt16LE(PAUSE + 1, at)
  return bytes
}

/** A pause, which is silence and not nothing: no fault of the line. */
export function pauseBytes(samples: number): Buffer {
  const bytes = Buffer.alloc(samples * 2)
  for (let at = 0; at < bytes.length; at += 2) bytes.writeInt16LE(PAUSE, at)
  return bytes
}

/** @returns `pcm` as it is to sound, pauses silent; `voice` what of it is to be judged, without pauses */
export function readPhonePcm(bytes: Buffer): { readonly pcm: Float32Array; readonly voice: Float32Array } {
  const pcm = s16leToFloat(bytes)
  // What stands for a pause is -1 exactly.
  const voice = pcm.filter((sample) => sample !== -1)
  if (voice.length === pcm.length) return { pcm, voice: pcm }
  return { pcm: pcm.map((sample) => (sample === -1 ? 0 : sample)), voice }
}
