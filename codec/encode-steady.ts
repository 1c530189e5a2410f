import type { AudioFormat } from './audio-format.ts'
import { createEncoder } from './create-encoder.ts'
import type { EncoderOptions } from './encoder-options.ts'

/** Frames encoded before the first that is kept: longer than any encoder's delay, and past what an encoder does at its start. */
const LEAD_IN_FRAMES = 4

/**
 * Encodes `pcm` (48 kHz mono) once into frames that may follow any frame of the same format, at any frame edge: for
 * attention tones and silence that must be on the air without an encoder.
 *
 * The encoder's delay is made up for: the sound comes out of a decoder from the first frame's edge on, where the room before
 * ends, and is out to its last sample after ceil(n / frameSamples) frames. What is left of the last frame is silence.
 * @throws CodecError as `createEncoder`
 */
export function encodeSteady(format: AudioFormat, pcm: Float32Array, options: EncoderOptions = {}): Buffer[] {
  const encoder = createEncoder(format, options)
  try {
    const { frameSamples } = format
    const lead = LEAD_IN_FRAMES * frameSamples - encoder.delaySamples
    const padded = new Float32Array((LEAD_IN_FRAMES + Math.ceil(pcm.length / frameSamples)) * frameSamples)
    padded.set(pcm, lead)
    const frames: Buffer[] = []
    for (let start = 0; start < padded.length; start += frameSamples) frames.push(encoder.encode(padded.subarray(start, start + frameSamples)))
    return frames.slice(LEAD_IN_FRAMES)
  } finally {
    encoder.close()
  }
}

/** One frame of silence, to be repeated for as long as needed. */
export function encodeSilence(format: AudioFormat, options: EncoderOptions = {}): Buffer {
  const [frame] = encodeSteady(format, new Float32Array(1), options)
  return frame as Buffer
}
