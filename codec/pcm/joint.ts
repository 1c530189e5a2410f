import { muLawOf, sampleOfMuLaw } from './mu-law.ts'

/** Length of the bridge over a cut in uncoded sound. */
const JOINT_SECONDS = 0.005

/**
 * Takes the click out of a cut in uncoded sound: what the first sample is away from the last one before it fades away within 5 ms. Coded
 * sound needs none, its frames overlap.
 * @param previous last 16-bit big-endian sample before the cut
 * @param frame 16-bit big-endian samples; left as it is
 */
export function joinedL16(previous: number, frame: Buffer, rateHz = 48_000): Buffer {
  const joined = Buffer.from(frame)
  const step = previous - frame.readInt16BE(0)
  const length = Math.min(Math.round(JOINT_SECONDS * rateHz), frame.length >> 1)
  for (let index = 0; index < length; index += 1) joined.writeInt16BE(clip(frame.readInt16BE(index * 2) + step * fading(index, length)), index * 2)
  return joined
}

/** The same for µ-law. @param previous code of the last sample before the cut */
export function joinedMuLaw(previous: number, frame: Buffer, rateHz = 8000): Buffer {
  const joined = Buffer.from(frame)
  const step = sampleOfMuLaw(previous) - sampleOfMuLaw(frame[0]!)
  const length = Math.min(Math.round(JOINT_SECONDS * rateHz), frame.length)
  for (let index = 0; index < length; index += 1) joined[index] = muLawOf(clip(sampleOfMuLaw(frame[index]!) + step * fading(index, length)))
  return joined
}

/** From 1 to 0 along half a cosine. */
const fading = (index: number, length: number): number => 0.5 + 0.5 * Math.cos((Math.PI * index) / length)

const clip = (sample: number): number => Math.max(-32_768, Math.min(32_767, Math.round(sample)))
