import type { AudioFormat } from './audio-format.ts'
import { CodecError } from './codec-error.ts'

/**
 * Turns one frame of mono PCM into one encoded frame, at once and on the caller's thread.
 * An encoder keeps state from frame to frame; every frame it makes can nevertheless follow any frame of any other
 * encoder of the same format (no bit reservoir, no inter-frame prediction).
 */
export interface Encoder {
  readonly format: AudioFormat
  /**
   * Samples between a sample going in and the same sample coming out of a decoder that dropped nothing,
   * in house samples (48 kHz): the codec's algorithmic delay.
   */
  readonly delaySamples: number
  /**
   * Encodes exactly `format.frameSamples` samples (48 kHz mono, full scale ±1).
   * @returns the frame; the Buffer is fresh and may be kept and shared.
   * @throws CodecError `CODEC_ERR_FRAME_SIZE`, `CODEC_ERR_CLOSED`, `CODEC_ERR_ENCODE`.
   */
  encode(pcm: Float32Array): Buffer
  /** Frees native memory. Idempotent. */
  close(): void
}

/** What every encoder asks of a frame. @throws CodecError `CODEC_ERR_FRAME_SIZE`, `CODEC_ERR_CLOSED` */
export function checkFrame(format: AudioFormat, pcm: Float32Array, isOpen: boolean): asserts isOpen {
  if (!isOpen) throw new CodecError('CODEC_ERR_CLOSED', `The encoder of '${format.id}' is closed`)
  if (pcm.length !== format.frameSamples) throw new CodecError('CODEC_ERR_FRAME_SIZE', `A frame of '${format.id}' is ${String(format.frameSamples)} samples, not ${String(pcm.length)}`)
}
